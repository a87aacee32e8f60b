/** Which approved template is sent, and what is filled in; texts may hold variables. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { AutomationAction } from "@server/features/automation-actions/automation-action.schema";
import { Words } from "../i18n/words";
import { messageOf, piecesOf, variableKey, whyNot } from "../inbox/template-text";
import { AutomationChoices } from "./automation-choices";
import { valuesOf } from "./template-values";

@Component({
  selector: "app-template-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="field field-short">
      <label class="label" [attr.for]="name() + '-template'">{{ t("rule.form.template") }}</label>
      <select class="input" required [id]="name() + '-template'" (change)="choose($any($event.target).value)">
        <option value="">{{ t("rule.choose") }}</option>
        @for (one of usable(); track one.id) {
          <option [value]="one.id" [selected]="one.id === template()?.id">{{ one.name }} · {{ one.language }}</option>
        }
        @if (chosen()?.name && !template()) {
          <option value="" selected>{{ chosen()?.name }} · {{ chosen()?.language }}</option>
        }
      </select>
      @if (usable().length === 0) {
        <span class="hint">{{ t("rule.form.noTemplate") }}</span>
      }
    </div>
    @if (template(); as shown) {
      @for (variable of shown.variables; track keyOf(variable)) {
        @let key = keyOf(variable);
        <div class="field"><label class="label" [attr.for]="name() + '-' + key">{{ "{" + "{" + variable.name + "}" + "}" }} <span class="meta">{{ t(variable.part === "button" ? "template.partButton" : variable.part === "header" ? "template.partHeader" : "template.partBody") }}</span></label><input class="input" dir="auto" maxlength="1024" autocomplete="off" [id]="name() + '-' + key" [placeholder]="variable.example ? t('template.example', { text: variable.example }) : ''" [value]="values().get(key) ?? ''" (input)="fill(key, $any($event.target).value)" /></div>
      }
      <div class="bubble bubble-sample" dir="auto">@for (piece of pieces(shown.body, "body", values()); track $index) {<span [class]="'piece-' + piece.state">{{ piece.text }}</span>}</div>
    }
  `,
})
export class TemplateForm {
  readonly name = input.required<string>();
  readonly action = input.required<AutomationAction>();
  readonly changed = output<AutomationAction>();
  protected readonly t = inject(Words).t;
  readonly #choices = inject(AutomationChoices);
  protected readonly keyOf = variableKey;
  protected readonly pieces = piecesOf;
  /** Headers that are files, and cards, need more than words. */
  protected readonly usable = computed(() => this.#choices.templates().filter((one) => whyNot(one) === null));
  protected readonly chosen = computed(() => {
    const action = this.action();
    return action.do === "send" && "type" in action.message && action.message.type === "template"
      ? action.message.template
      : null;
  });
  protected readonly template = computed(() => {
    const chosen = this.chosen();
    return this.usable().find(({ name, language }) => name === chosen?.name && language === chosen.language) ?? null;
  });
  protected readonly values = computed(() => {
    const [template, chosen] = [this.template(), this.chosen()];
    return template && chosen ? valuesOf(template, chosen) : new Map<string, string>();
  });

  protected choose(id: string): void {
    const template = this.usable().find((one) => one.id === id);
    if (template) this.changed.emit({ do: "send", message: messageOf(template, new Map()) });
    else this.changed.emit({ do: "send", message: { type: "template", template: { name: "", language: "" } } });
  }

  protected fill(key: string, value: string): void {
    const template = this.template();
    if (template) this.changed.emit({ do: "send", message: messageOf(template, new Map(this.values()).set(key, value)) });
  }
}
