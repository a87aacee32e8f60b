/** A value for an attribute of the customer, given as its kind wants it. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { Words } from "../i18n/words";
import { AutomationChoices } from "./automation-choices";

type Value = string | number | boolean | null;

@Component({
  selector: "app-attribute-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="form-row">
      <div class="field">
        <label class="label" [attr.for]="name() + '-key'">{{ t("rule.form.attribute") }}</label>
        <select class="input" required [id]="name() + '-key'" (change)="choose($any($event.target).value)">
          <option value="">{{ t("rule.choose") }}</option>
          @for (one of choices.attributes(); track one.id) {
            <option [value]="one.key" [selected]="one.key === field()">{{ one.name }}</option>
          }
          @if (field() && !attribute()) {
            <option [value]="field()" selected>{{ field() }}</option>
          }
        </select>
      </div>
      <div class="field">
        <label class="label" [attr.for]="name() + '-value'">{{ t("rule.form.value") }}</label>
        @switch (attribute()?.type) {
          @case ("list") {
            <select class="input" [id]="name() + '-value'" [disabled]="value() === null" (change)="say($any($event.target).value)">
              <option value="">{{ t("rule.choose") }}</option>
              @for (one of attribute()?.options ?? []; track one) {
                <option [value]="one" [selected]="one === value()">{{ one }}</option>
              }
            </select>
          }
          @case ("boolean") {
            <select class="input" [id]="name() + '-value'" [disabled]="value() === null" (change)="say($any($event.target).value === 'true')">
              <option value="true" [selected]="value() === true">{{ t("common.yes") }}</option>
              <option value="false" [selected]="value() === false">{{ t("common.no") }}</option>
            </select>
          }
          @case ("number") {
            <input class="input" type="number" step="any" [id]="name() + '-value'" [disabled]="value() === null" [value]="value() ?? ''" (input)="say($any($event.target).valueAsNumber)" />
          }
          @case ("date") {
            <input class="input" type="date" [id]="name() + '-value'" [disabled]="value() === null" [value]="value() ?? ''" (change)="say($any($event.target).value)" />
          }
          @default {
            <input class="input" type="text" dir="auto" maxlength="1000" autocomplete="off" [id]="name() + '-value'" [disabled]="value() === null" [value]="value() ?? ''" (input)="say($any($event.target).value)" />
          }
        }
      </div>
    </div>
    <label class="check"><input type="checkbox" [checked]="value() === null" (change)="say($any($event.target).checked ? null : first())" /> {{ t("rule.form.clear") }}</label>
  `,
})
export class AttributeForm {
  readonly name = input.required<string>();
  /** The key of the attribute; empty: not chosen yet. */
  readonly field = input.required<string>();
  readonly value = input.required<Value>();
  readonly changed = output<{ key?: string; value?: Value }>();
  protected readonly t = inject(Words).t;
  protected readonly choices = inject(AutomationChoices);
  protected readonly attribute = computed(() => this.choices.attributes().find(({ key }) => key === this.field()) ?? null);
  /** Where a value of this kind begins. */
  protected readonly first = (type = this.attribute()?.type): Value => (type === "boolean" ? true : type === "number" ? 0 : "");

  protected choose(key: string): void {
    const type = this.choices.attributes().find((one) => one.key === key)?.type;
    this.changed.emit({ key, value: this.first(type) });
  }

  protected say(value: Value): void {
    this.changed.emit({ value: typeof value === "number" && Number.isNaN(value) ? 0 : value });
  }
}
