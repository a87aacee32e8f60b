/** A message with up to three buttons, or with a list. What else it holds stays as it is. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";

type Interactive = Extract<NewMessage, { type: "interactive" }>["interactive"];
type Buttons = Extract<Interactive, { kind: "buttons" }>;
type List = Extract<Interactive, { kind: "list" }>;
type Choices = Buttons | List;
interface Row {
  id: string;
  title: string;
  description?: string;
}

const MOST = { buttons: 3, list: 10 } as const;
const TITLE = { buttons: 20, list: 24 } as const;

@Component({
  selector: "app-choices-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @let shown = choices();
    <div class="seg" role="group" [attr.aria-label]="t('choices.kind')">
      <button type="button" [attr.aria-pressed]="shown.kind === 'buttons'" (click)="turn('buttons')">{{ t("choices.buttons") }}</button>
      <button type="button" [attr.aria-pressed]="shown.kind === 'list'" (click)="turn('list')">{{ t("choices.list") }}</button>
    </div>
    <div class="field"><label class="label" [attr.for]="name() + '-body'">{{ t("choices.body") }}</label><textarea class="input input-area" rows="2" dir="auto" maxlength="1024" [id]="name() + '-body'" [value]="shown.body" (input)="put({ body: $any($event.target).value })"></textarea></div>
    @if (shown.kind === "list") {
      <div class="field field-short"><label class="label" [attr.for]="name() + '-opener'">{{ t("choices.opener") }}</label><input class="input" dir="auto" maxlength="20" autocomplete="off" [id]="name() + '-opener'" [value]="shown.button" (input)="put({ button: $any($event.target).value })" /></div>
    }
    <fieldset class="choices">
      <legend class="label">{{ t(shown.kind === "buttons" ? "choices.buttonsUpTo" : "choices.rowsUpTo") }}</legend>
      @for (row of rows(); track $index; let at = $index) {
        <div class="choice">
          <input class="input" dir="auto" autocomplete="off" [attr.aria-label]="t('choices.option', { count: at + 1 })" [placeholder]="t('choices.option', { count: at + 1 })" [attr.maxlength]="titleMost()" [value]="row.title" (input)="change(at, { title: $any($event.target).value })" />
          @if (shown.kind === "list") {
            <input class="input" dir="auto" autocomplete="off" maxlength="72" [attr.aria-label]="t('choices.description', { count: at + 1 })" [placeholder]="t('choices.descriptionHint')" [value]="row.description ?? ''" (input)="change(at, { description: $any($event.target).value })" />
          }
          <button class="ibtn" type="button" [attr.aria-label]="t('choices.remove', { count: at + 1 })" [disabled]="rows().length < 2" (click)="remove(at)"><app-icon name="trash" size="icon-m" /></button>
        </div>
      }
      @if (rows().length < most()) {
        <button class="btn btn-s" type="button" (click)="add()"><app-icon name="plus" size="icon-s" />{{ t("choices.add") }}</button>
      }
    </fieldset>
    <p class="hint">{{ t("rule.form.choices") }}</p>
  `,
})
export class ChoicesForm {
  readonly name = input.required<string>();
  readonly action = input.required<AutomationAction>();
  readonly changed = output<AutomationAction>();
  protected readonly t = inject(Words).t;
  protected readonly choices = computed((): Choices => {
    const action = this.action();
    const message = action.do === "send" ? action.message : null;
    if (message && "type" in message && message.type === "interactive") {
      const { interactive } = message;
      if (interactive.kind === "buttons" || interactive.kind === "list") return interactive;
    }
    return { kind: "buttons", body: "", buttons: [] };
  });
  protected readonly rows = computed((): readonly Row[] => {
    const shown = this.choices();
    return shown.kind === "buttons" ? shown.buttons : shown.sections.flatMap(({ rows }) => rows);
  });
  protected readonly most = computed(() => MOST[this.choices().kind]);
  protected readonly titleMost = computed(() => TITLE[this.choices().kind]);

  protected put(change: { body?: string; button?: string }): void {
    this.#tell({ ...this.choices(), ...change } as Choices);
  }

  protected turn(kind: Choices["kind"]): void {
    const shown = this.choices();
    if (kind === shown.kind) return;
    const rows = this.rows().slice(0, MOST[kind]);
    const frame = { body: shown.body, ...(shown.footer ? { footer: shown.footer } : {}) };
    if (kind === "buttons") this.#tell({ kind, ...frame, buttons: rows.map(({ id, title }) => ({ id, title })) });
    else this.#tell({ kind, ...frame, button: "", sections: [{ rows: [...rows] }] });
  }

  protected add(): void {
    const used = new Set(this.rows().map(({ id }) => id));
    let number = this.rows().length + 1;
    while (used.has(`choice-${number}`)) number++;
    this.#setRows([...this.rows(), { id: `choice-${number}`, title: "" }]);
  }

  protected remove(at: number): void {
    this.#setRows(this.rows().filter((_, index) => index !== at));
  }

  protected change(at: number, change: Partial<Row>): void {
    this.#setRows(this.rows().map((row, index) => (index === at ? withoutEmpty({ ...row, ...change }) : row)));
  }

  /** Rows of a list come as one section here: whoever wants more of them writes them over the API. */
  #setRows(rows: Row[]): void {
    const shown = this.choices();
    if (shown.kind === "buttons") this.#tell({ ...shown, buttons: rows.map(({ id, title }) => ({ id, title })) });
    else this.#tell({ ...shown, sections: [{ ...shown.sections[0], rows }] });
  }

  #tell(interactive: Choices): void {
    this.changed.emit({ do: "send", message: { type: "interactive", interactive } });
  }
}

const withoutEmpty = ({ description, ...row }: Row): Row => (description ? { ...row, description } : row);
