/** Several values as chips: chosen from a list, or typed one after the other. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, input, model, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import type { Option } from "./automation-choices";

@Component({
  selector: "app-value-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="value-list" role="group" [attr.aria-label]="label()">
      @for (value of values(); track value) {
        <span class="chip value-chip"><span class="clip" dir="auto">{{ textOf(value) }}</span><button type="button" [attr.aria-label]="t('rule.takeOut', { name: textOf(value) })" [title]="t('rule.takeOut', { name: textOf(value) })" (click)="remove(value)"><app-icon name="close" size="icon-s" /></button></span>
      }
      @if (options(); as all) {
        <select #field class="input input-small" [attr.aria-label]="label()" (change)="pick($any($event.target))">
          <option value="">{{ values().length ? t("rule.addOne") : t("rule.choose") }}</option>
          @for (option of left(); track option.value) {
            <option [value]="option.value">{{ option.text }}</option>
          }
        </select>
      } @else {
        <input #typed class="input input-small value-typed" type="text" dir="auto" autocomplete="off" [attr.aria-label]="label()" [attr.maxlength]="most()" [placeholder]="values().length ? t('rule.orAnother') : t('rule.writeOne')" (keydown.enter)="take($event)" (blur)="take()" />
      }
    </div>
  `,
})
export class ValueList {
  readonly label = input.required<string>();
  /** What can be chosen; null: whatever is typed. */
  readonly options = input<readonly Option[] | null>(null);
  readonly most = input(200);
  readonly values = model.required<readonly string[]>();
  protected readonly t = inject(Words).t;
  private readonly typed = viewChild<ElementRef<HTMLInputElement>>("typed");
  private readonly field = viewChild<ElementRef<HTMLSelectElement>>("field");
  protected readonly left = computed(() => (this.options() ?? []).filter(({ value }) => !this.values().includes(value)));

  protected textOf(value: string): string {
    return this.options()?.find((one) => one.value === value)?.text ?? value;
  }

  protected pick(field: HTMLSelectElement): void {
    const { value } = field;
    field.value = "";
    if (value) this.values.set([...this.values(), value]);
  }

  protected take(event?: Event): void {
    event?.preventDefault();
    const field = this.typed()?.nativeElement;
    const value = field?.value.trim();
    if (!field || !value) return;
    field.value = "";
    if (!this.values().includes(value)) this.values.set([...this.values(), value]);
  }

  /** The focus stays in the list when the button that had it goes. */
  protected remove(value: string): void {
    this.values.set(this.values().filter((one) => one !== value));
    (this.typed() ?? this.field())?.nativeElement.focus();
  }
}
