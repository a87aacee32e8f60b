/** A message with choices: up to three buttons, or a list of up to ten rows. Limits are told while they are typed. */
import { ChangeDetectionStrategy, Component, computed, inject, output, signal, viewChild } from "@angular/core";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";

type Outgoing = { message: Extract<NewMessage, { type: "interactive" }>; text: string };

interface Option {
  key: number;
  title: string;
  description: string;
}

const MOST_BUTTONS = 3;
const MOST_ROWS = 10;
const TITLE = { buttons: 20, list: 24 } as const;
const DESCRIPTION = 72;
const BODY = 1_024;
const OPENER = 20;
const FOOTER = 60;

@Component({
  selector: "app-choices-builder",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="t('choices.heading')" look="wide-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="send($event)">
        <h2>{{ t("choices.heading") }}</h2>
        <div class="seg" role="group" [attr.aria-label]="t('choices.kind')">
          <button type="button" [attr.aria-pressed]="kind() === 'buttons'" (click)="kind.set('buttons')">{{ t("choices.buttons") }}</button>
          <button type="button" [attr.aria-pressed]="kind() === 'list'" (click)="kind.set('list')">{{ t("choices.list") }}</button>
        </div>
        <div class="field">
          <label class="label" for="choices-body">{{ t("choices.body") }}</label>
          <textarea class="input input-area" id="choices-body" rows="3" autofocus dir="auto" [maxLength]="most.body" [value]="body()" (input)="body.set($any($event.target).value)"></textarea>
        </div>
        @if (kind() === "list") {
          <div class="field">
            <label class="label" for="choices-opener">{{ t("choices.opener") }}</label>
            <input class="input" id="choices-opener" dir="auto" autocomplete="off" [maxLength]="most.opener" [value]="opener()" (input)="opener.set($any($event.target).value)" />
          </div>
        }
        <fieldset class="choices">
          <legend class="label">{{ t(kind() === "buttons" ? "choices.buttonsUpTo" : "choices.rowsUpTo") }}</legend>
          @for (option of shown(); track option.key; let i = $index) {
            <div class="choice">
              <input class="input" dir="auto" autocomplete="off" [attr.aria-label]="t('choices.option', { count: i + 1 })" [placeholder]="t('choices.option', { count: i + 1 })" [maxLength]="titleMost()" [value]="option.title" (input)="change(option.key, { title: $any($event.target).value })" />
              @if (kind() === "list") {
                <input class="input" dir="auto" autocomplete="off" [attr.aria-label]="t('choices.description', { count: i + 1 })" [placeholder]="t('choices.descriptionHint')" [maxLength]="most.description" [value]="option.description" (input)="change(option.key, { description: $any($event.target).value })" />
              }
              <button class="ibtn" type="button" [attr.aria-label]="t('choices.remove', { count: i + 1 })" [disabled]="shown().length < 2" (click)="remove(option.key)"><app-icon name="trash" size="icon-m" /></button>
            </div>
          }
          @if (shown().length < mostOptions()) {
            <button class="btn btn-s" type="button" (click)="add()"><app-icon name="plus" size="icon-s" />{{ t("choices.add") }}</button>
          }
        </fieldset>
        <div class="field">
          <label class="label" for="choices-footer">{{ t("choices.footer") }}</label>
          <input class="input" id="choices-footer" dir="auto" autocomplete="off" [maxLength]="most.footer" [value]="footer()" (input)="footer.set($any($event.target).value)" />
        </div>
        @if (trouble(); as words) {
          <p class="hint" role="status">{{ words }}</p>
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit" [attr.aria-disabled]="trouble() !== null">{{ t("composer.send") }}<app-icon name="send" size="icon-m" /></button>
        </div>
      </form>
    </app-modal>
  `,
})
export class ChoicesBuilder {
  readonly closed = output();
  readonly chosen = output<Outgoing>();
  protected readonly t = inject(Words).t;
  protected readonly modal = viewChild(Modal);
  protected readonly most = { body: BODY, opener: OPENER, description: DESCRIPTION, footer: FOOTER };
  protected readonly kind = signal<"buttons" | "list">("buttons");
  protected readonly body = signal("");
  protected readonly opener = signal("");
  protected readonly footer = signal("");
  #keys = 1;
  readonly #options = signal<readonly Option[]>([{ key: 0, title: "", description: "" }]);
  protected readonly mostOptions = computed(() => (this.kind() === "buttons" ? MOST_BUTTONS : MOST_ROWS));
  protected readonly titleMost = computed(() => TITLE[this.kind()]);
  protected readonly shown = computed(() => this.#options().slice(0, this.mostOptions()));
  /** What is missing; null when it can be sent. */
  protected readonly trouble = computed(() => {
    const titles = this.shown().map(({ title }) => title.trim());
    if (this.body().trim() === "") return this.t("choices.noBody");
    if (this.kind() === "list" && this.opener().trim() === "") return this.t("choices.noOpener");
    if (titles.includes("")) return this.t("choices.noTitle");
    if (titles.some((title) => title.length > this.titleMost())) return this.t("choices.longTitle", { count: this.titleMost() });
    return new Set(titles).size < titles.length ? this.t("choices.sameTitle") : null;
  });

  protected add(): void {
    this.#options.update((all) => [...all, { key: this.#keys++, title: "", description: "" }]);
  }

  protected remove(key: number): void {
    this.#options.update((all) => all.filter((one) => one.key !== key));
  }

  protected change(key: number, change: Partial<Option>): void {
    this.#options.update((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }

  protected send(event: Event): void {
    event.preventDefault();
    if (this.trouble() !== null) return;
    const body = this.body().trim();
    const frame = { body, ...(this.footer().trim() ? { footer: this.footer().trim() } : {}) };
    const options = this.shown().map(({ title, description }, index) => ({
      id: `choice-${index + 1}`,
      title: title.trim(),
      ...(description.trim() && this.kind() === "list" ? { description: description.trim() } : {}),
    }));
    const interactive =
      this.kind() === "buttons"
        ? { kind: "buttons" as const, ...frame, buttons: options }
        : { kind: "list" as const, ...frame, button: this.opener().trim(), sections: [{ rows: options }] };
    this.chosen.emit({ message: { type: "interactive", interactive }, text: body });
  }
}
