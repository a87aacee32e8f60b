/** Labels of conversations and contacts, and the custom attributes of contacts. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { AttributeView } from "@server/events/customer-view";
import type { LabelView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { tintOf } from "../ui/avatar";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";
import { ATTRIBUTE_KINDS, type AttributeKind } from "./attribute-kind";
import { Permissions } from "./permissions";

@Component({
  selector: "app-labels-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("labels.heading") }}</h1>
      <section class="card">
        <h2>{{ t("labels.labels") }}</h2>
        <ul class="rows">
          @for (label of directory.labels(); track label.id) {
            <li class="row-line">
              <span [class]="'chip chip-m ' + tint(label.name)"><span class="clip" dir="auto">{{ label.name }}</span></span>
              <input class="input input-small grow" maxlength="300" dir="auto" [disabled]="!mayManage()" [attr.aria-label]="t('labels.description', { name: label.name })" [placeholder]="t('labels.describe')" [value]="label.description" (change)="describe(label, $any($event.target).value)" />
              @if (mayManage()) {
                <app-sure-button icon="trash" [label]="t('labels.remove', { name: label.name })" (sure)="remove(label)" />
              }
            </li>
          } @empty {
            <li class="meta">{{ t("labels.none") }}</li>
          }
        </ul>
        @if (mayManage()) {
          <form class="form-row" (submit)="add($event)">
            <div class="field"><label class="label" for="new-label">{{ t("label.newName") }}</label><input class="input" id="new-label" name="name" required maxlength="60" autocomplete="off" dir="auto" /></div>
            <button class="btn" type="submit">{{ t("common.add") }}</button>
          </form>
        }
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
      <section class="card">
        <h2>{{ t("attributes.heading") }}</h2>
        <p class="card-text">{{ t("attributes.hint") }}</p>
        <ul class="rows">
          @for (one of attributes(); track one.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ one.name }}</b><span class="block meta clip"><span class="mono">{{ one.key }}</span> · {{ t(kindWord(one.type)) }}{{ one.options.length ? ": " + one.options.join(", ") : "" }}</span></span>
              @if (mayManage()) {
                <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name })" (sure)="removeAttribute(one)" />
              }
            </li>
          }
        </ul>
        @if (mayManage()) {
          <form class="form-grid" (submit)="addAttribute($event)">
            <div class="form-row">
              <div class="field"><label class="label" for="attr-name">{{ t("contact.name") }}</label><input class="input" id="attr-name" name="name" required maxlength="80" autocomplete="off" dir="auto" /></div>
              <div class="field"><label class="label" for="attr-key">{{ t("attributes.key") }}</label><input class="input mono" id="attr-key" name="key" required maxlength="40" pattern="[a-z][a-z0-9_]*" autocomplete="off" [attr.placeholder]="'city'" /></div>
              <div class="field">
                <label class="label" for="attr-type">{{ t("attributes.type") }}</label>
                <select class="input" id="attr-type" name="type" (change)="kind.set($any($event.target).value)">
                  @for (one of kinds; track one) {
                    <option [value]="one">{{ t(kindWord(one)) }}</option>
                  }
                </select>
              </div>
              <button class="btn" type="submit">{{ t("common.add") }}</button>
            </div>
            @if (kind() === "list") {
              <div class="field"><label class="label" for="attr-options">{{ t("attributes.options") }}</label><input class="input" id="attr-options" name="options" required maxlength="4000" autocomplete="off" dir="auto" /></div>
            }
          </form>
        }
        @if (attributeDeed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
    </div>
  `,
})
export class LabelsRoom {
  protected readonly t = inject(Words).t;
  protected readonly directory = inject(Directory);
  readonly #calls = inject(ApiClient).calls;
  readonly #permissions = inject(Permissions);
  protected readonly mayManage = computed(() => this.#permissions.may("labels.manage"));
  protected readonly deed = new Deed();
  protected readonly attributeDeed = new Deed();
  protected readonly attributes = signal<readonly AttributeView[]>([]);
  protected readonly kind = signal<AttributeKind>("text");
  protected readonly kinds = ATTRIBUTE_KINDS;
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly kindWord = (kind: AttributeKind) => `attributes.${kind}` as const;

  constructor() {
    void this.#loadAttributes();
  }

  protected async add(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const name = String(new FormData(form).get("name")).trim().toLowerCase();
    if (await this.deed.run(() => dataOf(this.#calls.labels.post({ name })))) form.reset();
    await this.directory.load();
  }

  protected async describe(label: LabelView, description: string): Promise<void> {
    await this.deed.run(() => dataOf(this.#calls.labels({ id: label.id }).patch({ description: description.trim() })));
  }

  protected async remove(label: LabelView): Promise<void> {
    await this.deed.run(() => dataOf(this.#calls.labels({ id: label.id }).delete()));
    await this.directory.load();
  }

  protected async addAttribute(event: Event): Promise<void> {
    event.preventDefault();
    const form = event.target as HTMLFormElement;
    const given = new FormData(form);
    const options = String(given.get("options") ?? "")
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean);
    const isDone = await this.attributeDeed.run(() =>
      dataOf(
        this.#calls.attributes.post({
          key: String(given.get("key")).trim(),
          name: String(given.get("name")).trim(),
          type: this.kind(),
          ...(this.kind() === "list" ? { options } : {}),
        }),
      ),
    );
    if (!isDone) return;
    form.reset();
    this.kind.set("text");
    await this.#loadAttributes();
  }

  protected async removeAttribute(one: AttributeView): Promise<void> {
    if (await this.attributeDeed.run(() => dataOf(this.#calls.attributes({ id: one.id }).delete()))) await this.#loadAttributes();
  }

  async #loadAttributes(): Promise<void> {
    await this.attributeDeed.run(async () => this.attributes.set(await dataOf(this.#calls.attributes.get())));
  }
}
