/** Roles: what each may do, as a table; own roles are made, changed and removed. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { RoleView } from "@server/events/view";
import type { NewRole } from "@server/features/roles/role.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { mayKey } from "../i18n/server/server-words";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Permissions } from "./permissions";

type Permission = NewRole["permissions"][number];
const REACHES = ["all", "team", "own"] as const;

@Component({
  selector: "app-roles-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("roles.heading") }}</h1>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      <div class="table-wrap" tabindex="0" role="region" [attr.aria-label]="t('roles.heading')">
        <table class="table">
          <thead>
            <tr>
              <th scope="col">{{ t("roles.permission") }}</th>
              @for (role of roles(); track role.name) {
                <th scope="col">{{ titleOf(role) }}</th>
              }
            </tr>
          </thead>
          <tbody>
            <tr>
              <th scope="row">{{ t("roles.reach") }}</th>
              @for (role of roles(); track role.name) {
                <td>
                  @if (role.isBuiltIn || !mayManage()) {
                    {{ t(reachWord(role.reach)) }}
                  } @else {
                    <select class="input input-small" [attr.aria-label]="t('roles.reach') + ' ' + titleOf(role)" (change)="patch(role, { reach: $any($event.target).value })">
                      @for (reach of reaches; track reach) {
                        <option [value]="reach" [selected]="reach === role.reach">{{ t(reachWord(reach)) }}</option>
                      }
                    </select>
                  }
                </td>
              }
            </tr>
            @for (permission of permissions(); track permission.name) {
              <tr>
                <th scope="row" class="wrap-cell"><span class="mono block">{{ permission.name }}</span><span class="meta">{{ allows(permission) }}</span></th>
                @for (role of roles(); track role.name) {
                  <td>
                    @if (role.isBuiltIn || !mayManage()) {
                      @if (role.permissions.includes(permission.name)) {
                        <app-icon name="check" size="icon-m" /><span class="sr-only">{{ t("roles.may") }}</span>
                      } @else {
                        <span class="meta" aria-hidden="true">–</span><span class="sr-only">{{ t("roles.mayNot") }}</span>
                      }
                    } @else {
                      <input type="checkbox" [attr.aria-label]="titleOf(role) + ': ' + permission.name" [checked]="role.permissions.includes(permission.name)" (change)="toggle(role, permission.name)" />
                    }
                  </td>
                }
              </tr>
            }
          </tbody>
        </table>
      </div>
      @if (mayManage()) {
        <section class="card">
          <h2>{{ t("roles.add") }}</h2>
          <form class="form-row" (submit)="create($event)">
            <div class="field"><label class="label" for="role-title">{{ t("contact.name") }}</label><input class="input" id="role-title" name="title" required maxlength="100" autocomplete="off" dir="auto" /></div>
            <div class="field">
              <label class="label" for="role-like">{{ t("roles.like") }}</label>
              <select class="input" id="role-like" name="like">
                @for (role of roles(); track role.name) {
                  <option [value]="role.name" [selected]="role.name === 'agent'">{{ titleOf(role) }}</option>
                }
              </select>
            </div>
            <button class="btn" type="submit">{{ t("common.add") }}</button>
          </form>
          <ul class="rows">
            @for (role of own(); track role.name) {
              <li class="row-line"><span class="grow clip" dir="auto">{{ role.title }}</span><app-sure-button icon="trash" [label]="t('roles.remove', { name: role.title })" (sure)="remove(role)" /></li>
            }
          </ul>
        </section>
      }
    </div>
  `,
})
export class RolesRoom {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #calls = inject(ApiClient).calls;
  protected readonly deed = new Deed();
  protected readonly reaches = REACHES;
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("roles.manage"));
  protected readonly roles = signal<readonly RoleView[]>([]);
  protected readonly own = computed(() => this.roles().filter(({ isBuiltIn }) => !isBuiltIn));
  protected readonly permissions = signal<readonly { name: string; description: string }[]>([]);

  constructor() {
    void this.#load();
  }

  protected titleOf({ name, title }: RoleView): string {
    const key = `role.${name}`;
    return this.#words.has(key) ? this.t(key) : title;
  }

  protected allows({ name, description }: { name: string; description: string }): string {
    return this.#words.server(mayKey(name), description);
  }

  protected reachWord(reach: RoleView["reach"]) {
    return `reach.${reach}` as const;
  }

  protected async toggle(role: RoleView, name: string): Promise<void> {
    const has = role.permissions.includes(name);
    const permissions = has ? role.permissions.filter((one) => one !== name) : [...role.permissions, name];
    await this.patch(role, { permissions: permissions as Permission[] });
  }

  protected async patch(role: RoleView, change: { permissions?: Permission[]; reach?: RoleView["reach"] }): Promise<void> {
    await this.deed.run(() => dataOf(this.#calls.roles({ name: role.name }).patch(change)));
    await this.#load();
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const title = String(given.get("title")).trim();
    const like = this.roles().find(({ name }) => name === given.get("like"));
    const isDone = await this.deed.run(() =>
      dataOf(
        this.#calls.roles.post({
          name: nameFrom(title),
          title,
          permissions: (like?.permissions ?? []) as Permission[],
          reach: like?.reach ?? "own",
        }),
      ),
    );
    if (isDone) form.reset();
    await this.#load();
  }

  protected async remove(role: RoleView): Promise<void> {
    await this.deed.run(() => dataOf(this.#calls.roles({ name: role.name }).delete()));
    await this.#load();
  }

  async #load(): Promise<void> {
    const failure = this.deed.failure();
    await this.deed.run(async () => {
      const [roles, permissions] = await Promise.all([
        dataOf(this.#calls.roles.get()),
        dataOf(this.#calls.roles.permissions.get()),
      ]);
      this.roles.set(roles);
      this.permissions.set(permissions);
    });
    if (failure) this.deed.failure.set(failure);
  }
}

/** `Turno de noche` -> `turno-de-noche`: what agents carry. */
export function nameFrom(title: string): string {
  const plain = title
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "");
  return (plain.length < 2 ? `role-${plain}` : plain).slice(0, 40);
}
