/** So many minutes, hours or days, kept as minutes. */
import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, model } from "@angular/core";
import { Words } from "../i18n/words";

type Unit = "minutes" | "hours" | "days";
const UNITS: readonly Unit[] = ["minutes", "hours", "days"];
const MINUTES: Readonly<Record<Unit, number>> = { minutes: 1, hours: 60, days: 1_440 };

const largestUnit = (minutes: number): Unit => (minutes % 1_440 === 0 ? "days" : minutes % 60 === 0 ? "hours" : "minutes");

@Component({
  selector: "app-duration-field",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <span class="duration" role="group" [attr.aria-label]="label()">
      <input class="input" type="number" min="1" step="1" [id]="fieldId()" [max]="mostOfUnit()" [required]="isNeeded()" [attr.aria-label]="label()" [value]="count() ?? ''" (change)="write($any($event.target).value)" />
      <select class="input" [attr.aria-label]="t('rule.unit')" (change)="turn($any($event.target).value)">
        @for (one of units; track one) {
          <option [value]="one" [selected]="one === unit()">{{ t(unitWord(one)) }}</option>
        }
      </select>
    </span>
  `,
})
export class DurationField {
  readonly label = input.required<string>();
  readonly fieldId = input.required<string>();
  readonly most = input(525_600);
  /** False: an empty field means none. */
  readonly isNeeded = input(true);
  readonly minutes = model.required<number | null>();
  protected readonly t = inject(Words).t;
  protected readonly units = UNITS;
  protected readonly unitWord = (unit: Unit) => `rule.unit.${unit}` as const;
  /** What was chosen stays as long as it fits: 60 minutes are not turned into an hour while they are typed. */
  protected readonly unit = linkedSignal<number | null, Unit>({
    source: this.minutes,
    computation: (minutes, before) => {
      if (before && (minutes === null || minutes % MINUTES[before.value] === 0)) return before.value;
      return minutes === null ? "minutes" : largestUnit(minutes);
    },
  });
  protected readonly count = computed(() => {
    const minutes = this.minutes();
    return minutes === null ? null : minutes / MINUTES[this.unit()];
  });
  protected readonly mostOfUnit = computed(() => Math.floor(this.most() / MINUTES[this.unit()]));

  protected write(text: string): void {
    const count = Math.round(Number(text));
    this.minutes.set(count > 0 ? count * MINUTES[this.unit()] : null);
  }

  protected turn(unit: Unit): void {
    const count = this.count();
    this.unit.set(unit);
    if (count !== null) this.minutes.set(count * MINUTES[unit]);
  }
}
