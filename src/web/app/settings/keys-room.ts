/** API keys: made with what they may do, shown once, ended at once. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { ApiKeyView, NewApiKey } from "@server/features/api-keys/api-key.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { mayKey } from "../i18n/server/server-words";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";
import { shortDate } from "../ui/time-text";

@Component({
  selector: "app-keys-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("keys.heading") }}</h1>
      <section class="card">
        <h2>{{ t("keys.add") }}</h2>
        @if (secret(); as shown) {
          <p class="card-text">{{ t("keys.once") }}</p>
          <p class="secret" data-testid="api-key">{{ shown }}</p>
        }
        <form class="form-grid" (submit)="create($event)">
          <div class="form-row">
            <div class="field"><label class="label" for="key-name">{{ t("contact.name") }}</label><input class="input" id="key-name" name="name" required maxlength="100" autocomplete="off" dir="auto" /></div>
            <div class="field"><label class="label" for="key-days">{{ t("keys.days") }}</label><input class="input" id="key-days" name="days" type="number" min="1" max="3650" value="365" /></div>
          </div>
          <fieldset class="permission-grid">
            <legend class="label">{{ t("keys.permissions") }}</legend>
            @for (permission of permissions(); track permission.name) {
              <label class="check" [title]="allows(permission)"><input type="checkbox" name="permission" [value]="permission.name" /><span class="mono clip">{{ permission.name }}</span></label>
            }
          </fieldset>
          <div class="form-ways"><button class="btn btn-primary" type="submit">{{ t("keys.add") }}</button></div>
        </form>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
      <section class="card">
        <ul class="rows">
          @for (key of keys(); track key.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ key.name }}</b><span class="block meta clip"><span class="mono">{{ key.hint }}…</span> · {{ key.permissions.join(", ") }}</span></span>
              @if (key.state === "active") {
                <span class="meta num">{{ key.expiresAt ? t("keys.until", { time: dateOf(key.expiresAt) }) : t("keys.forEver") }}</span>
                <app-sure-button [label]="t('keys.end')" (sure)="revoke(key)" />
              } @else {
                <span class="chip">{{ t(key.state === "expired" ? "keys.expired" : "keys.revoked") }}</span>
              }
            </li>
          } @empty {
            <li class="meta">{{ t("keys.none") }}</li>
          }
        </ul>
      </section>
    </div>
  `,
})
export class KeysRoom {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #calls = inject(ApiClient).calls;
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly keys = signal<readonly ApiKeyView[]>([]);
  protected readonly permissions = signal<readonly { name: string; description: string }[]>([]);
  protected readonly secret = signal<string | null>(null);
  protected readonly dateOf = (at: string): string => shortDate(at, this.#now());

  protected allows({ name, description }: { name: string; description: string }): string {
    return this.#words.server(mayKey(name), description);
  }

  constructor() {
    void this.deed.run(() => this.#load());
  }

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const days = Number(given.get("days"));
    const body = {
      name: String(given.get("name")).trim(),
      permissions: given.getAll("permission").map(String) as NewApiKey["permissions"],
      ...(days > 0 ? { days } : {}),
    };
    const isDone = await this.deed.run(async () => this.secret.set((await dataOf(this.#calls["api-keys"].post(body))).secret));
    if (!isDone) return;
    form.reset();
    await this.deed.run(() => this.#load());
  }

  protected async revoke(key: ApiKeyView): Promise<void> {
    if (await this.deed.run(() => dataOf(this.#calls["api-keys"]({ id: key.id }).delete())))
      await this.deed.run(() => this.#load());
  }

  async #load(): Promise<void> {
    const [page, me, all] = await Promise.all([
      pageOf(this.#calls["api-keys"].get({ query: { limit: 100 } })),
      dataOf(this.#calls.auth.me.get()),
      dataOf(this.#calls.roles.permissions.get()).catch(() => []),
    ]);
    this.keys.set(page.items);
    const words = new Map(all.map(({ name, description }) => [name, description]));
    this.permissions.set(me.permissions.map((name) => ({ name, description: words.get(name) ?? "" })));
  }
}
