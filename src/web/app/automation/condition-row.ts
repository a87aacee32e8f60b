/** One comparison: a field, how it is compared, and with what. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { Operator } from "@server/features/automation-rules/condition.schema";
import type { Trigger } from "@server/features/automation-rules/rule-trigger";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { AutomationChoices } from "./automation-choices";
import { AutomationText } from "./automation-text";
import type { CheckDraft } from "./rule-draft";
import { FIELD_GROUPS, groupOf, isTold, needsValue, type RuleField, valueLook } from "./rule-fields";
import { ValueList } from "./value-list";

@Component({
  selector: "app-condition-row",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, ValueList],
  template: `
    @let shown = check();
    <div class="condition" role="group" [attr.aria-label]="t('rule.conditionOf', { number: number() })">
      <select class="input input-small condition-field" data-part="field" [attr.aria-label]="t('rule.whatFor', { number: number() })" (change)="setField($any($event.target).value)">
        @for (group of groups(); track group.id) {
          <optgroup [label]="t(group.word)">
            @for (one of group.fields; track one.name) {
              <option [value]="one.name" [selected]="one.name === shown.field">{{ text.field(one.name) }}</option>
            }
          </optgroup>
        }
        @if (!field()) {
          <option [value]="shown.field" selected>{{ shown.field }}</option>
        }
      </select>
      <select class="input input-small" data-part="operator" [attr.aria-label]="t('rule.howCompared', { number: number() })" (change)="setOperator($any($event.target).value)">
        @for (one of operators(); track one) {
          <option [value]="one" [selected]="one === shown.is">{{ text.operator(one) }}</option>
        }
      </select>
      @switch (look()) {
        @case ("switch") {
          <select class="input input-small" data-part="value" [attr.aria-label]="valueLabel()" (change)="set($any($event.target).value === 'true')">
            <option value="true" [selected]="shown.value === true">{{ t("common.yes") }}</option>
            <option value="false" [selected]="shown.value === false">{{ t("common.no") }}</option>
          </select>
        }
        @case ("number") {
          <input class="input input-small condition-number" data-part="value" type="number" step="any" required [attr.aria-label]="valueLabel()" [value]="shown.value ?? ''" (input)="setNumber($any($event.target).value)" />
          @if (shown.is === "within-days") {
            <span class="meta">{{ t("rule.unit.days") }}</span>
          }
        }
        @case ("date") {
          <input class="input input-small" data-part="value" type="date" required [attr.aria-label]="valueLabel()" [value]="dateText()" (change)="set($any($event.target).value)" />
        }
        @case ("none") {}
        @default {
          <app-value-list class="grow min-w-0" [label]="valueLabel()" [options]="look() === 'choices' ? options() : null" [values]="list()" (valuesChange)="set($event)" />
        }
      }
      <span class="condition-end">
        @if (mark() !== null) {
          <span class="chip" [class]="mark() ? 'chip-success' : 'chip-danger'"><app-icon [name]="mark() ? 'check' : 'close'" size="icon-s" />{{ t(mark() ? "rule.holds" : "rule.holdsNot") }}</span>
        }
        <button class="ibtn" type="button" [attr.aria-label]="t('rule.removeCondition', { number: number() })" [title]="t('rule.removeCondition', { number: number() })" (click)="removed.emit()"><app-icon name="trash" size="icon-m" /></button>
      </span>
      @if (isUntold()) {
        <span class="hint hint-bad condition-hint"><app-icon name="alert" size="icon-s" />{{ t("rule.untold") }}</span>
      }
    </div>
  `,
})
export class ConditionRow {
  readonly check = input.required<CheckDraft>();
  readonly event = input.required<Trigger>();
  /** Its place, as it is counted aloud. */
  readonly number = input.required<string>();
  /** Whether it held when it was tried; null when it was not. */
  readonly mark = input<boolean | null>(null);
  readonly changed = output<CheckDraft>();
  readonly removed = output();

  protected readonly t = inject(Words).t;
  protected readonly text = inject(AutomationText);
  readonly #choices = inject(AutomationChoices);
  protected readonly field = computed(
    (): RuleField | null => this.#choices.fields().find(({ name }) => name === this.check().field) ?? null,
  );
  protected readonly operators = computed((): readonly Operator[] => this.field()?.operators ?? [this.check().is]);
  protected readonly options = computed(() => this.#choices.optionsOf(this.check().field));
  protected readonly look = computed(() => {
    const field = this.field();
    return field ? valueLook(field, this.check().is, this.options() !== null) : "texts";
  });
  protected readonly isUntold = computed(() => !isTold(this.check().field, this.event()));
  protected readonly valueLabel = computed(() => this.t("rule.comparedWith", { number: this.number() }));
  protected readonly list = computed((): readonly string[] => {
    const { value } = this.check();
    if (Array.isArray(value)) return value;
    return value === undefined || value === "" ? [] : [String(value)];
  });
  protected readonly dateText = computed(() => String(this.check().value ?? "").slice(0, 10));
  protected readonly groups = computed(() => {
    const current = this.check().field;
    const event = this.event();
    const fields = this.#choices.fields().filter(({ name }) => name === current || isTold(name, event));
    return FIELD_GROUPS.map((id) => ({
      id,
      word: `rule.group.${id}` as const,
      fields: fields.filter(({ name }) => groupOf(name) === id),
    })).filter(({ fields }) => fields.length > 0);
  });

  protected setField(name: string): void {
    const field = this.#choices.fields().find((one) => one.name === name);
    const is = field?.operators[0] ?? this.check().is;
    this.changed.emit({ key: this.check().key, field: name, is, ...(field?.kind === "boolean" ? { value: true } : {}) });
  }

  /** The value stays when the new comparison takes one of its kind. */
  protected setOperator(is: Operator): void {
    const { value, ...rest } = this.check();
    const field = this.field();
    const before = field && valueLook(field, rest.is, this.options() !== null);
    const after = field && valueLook(field, is, this.options() !== null);
    const keeps = needsValue(is) && before === after && value !== undefined;
    this.changed.emit({ ...rest, is, ...(keeps ? { value } : after === "switch" ? { value: true } : {}) });
  }

  protected set(value: string | boolean | readonly string[]): void {
    this.changed.emit({ ...this.check(), value: typeof value === "object" ? [...value] : value });
  }

  protected setNumber(text: string): void {
    const { value: _, ...rest } = this.check();
    this.changed.emit(text.trim() === "" ? rest : { ...rest, value: Number(text) });
  }
}
