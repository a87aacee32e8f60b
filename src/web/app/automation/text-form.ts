/** A text with variables; one of the canned replies can be put in its place. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, input, output, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { AutomationChoices } from "./automation-choices";

const VARIABLES = ["contact.first_name", "contact.name", "contact.company", "agent.first_name", "agent.name"] as const;

@Component({
  selector: "app-text-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [MenuButton],
  template: `
    <div class="field">
      <label class="label" [attr.for]="fieldId()">{{ label() }}</label>
      <textarea #field class="input input-area" rows="3" dir="auto" [id]="fieldId()" [attr.maxlength]="most()" [value]="text()" (input)="changed.emit(field.value)"></textarea>
      <span class="form-ways">
        <app-menu-button icon="plus" iconSize="icon-s" look="btn btn-s btn-quiet" [hasText]="true" [label]="t('rule.form.variable')" [items]="variables()" (chosen)="insert($event)">{{ t("rule.form.variable") }}</app-menu-button>
        @if (hasCanned() && canned().length > 0) {
          <app-menu-button icon="slash" iconSize="icon-s" look="btn btn-s btn-quiet" [hasText]="true" [label]="t('composer.canned')" [items]="canned()" (chosen)="take($event)">{{ t("rule.form.canned") }}</app-menu-button>
        }
      </span>
    </div>
  `,
})
export class TextForm {
  readonly fieldId = input.required<string>();
  readonly label = input.required<string>();
  readonly text = input.required<string>();
  readonly most = input.required<number>();
  readonly hasCanned = input(false);
  readonly changed = output<string>();
  protected readonly t = inject(Words).t;
  readonly #choices = inject(AutomationChoices);
  private readonly field = viewChild.required<ElementRef<HTMLTextAreaElement>>("field");
  protected readonly variables = computed((): MenuItem[] => [
    ...VARIABLES.map((id) => ({ id, text: this.t(`rule.variable.${id}`) })),
    ...this.#choices.attributes().map(({ key, name }) => ({ id: `contact.attributes.${key}`, text: name })),
  ]);
  protected readonly canned = computed((): MenuItem[] =>
    this.#choices.canned().map(({ id, shortcut, title }) => ({ id, text: `/${shortcut} ${title}` })),
  );

  /** Where the caret is. */
  protected insert(name: string): void {
    const field = this.field().nativeElement;
    field.setRangeText(`{{${name}}}`, field.selectionStart, field.selectionEnd, "end");
    field.focus();
    this.changed.emit(field.value);
  }

  protected take(id: string): void {
    const found = this.#choices.canned().find((one) => one.id === id);
    if (!found) return;
    const field = this.field().nativeElement;
    field.setRangeText(found.text, field.selectionStart, field.selectionEnd, "end");
    this.changed.emit(field.value);
    field.focus();
  }
}
