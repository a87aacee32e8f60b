/** The busiest hours of the week: a table whose cells are the darker the more there was. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { type WordKey, Words } from "../i18n/words";
import { placeName, weekdays } from "./report-day";
import { valueText } from "./report-figure";
import { HEATS, type Heat } from "./report-state";

/** Every so many hours one has its number above. */
const NAMED_EVERY = 3;

@Component({
  selector: "app-heat-map",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="card-head">
      <h2 class="grow">{{ t("reports.heat") }}</h2>
      <select class="input input-small" [attr.aria-label]="t('reports.heatOf')" [value]="metric()" (change)="choose.emit($any($event.target).value)">
        @for (one of heats; track one) {
          <option [value]="one" [selected]="one === metric()">{{ t(wordOf(one)) }}</option>
        }
      </select>
    </div>
    <table class="heat">
      <caption class="sr-only">{{ t("reports.heatCaption", { what: t(wordOf(metric())) }) }}</caption>
      <thead>
        <tr>
          <td></td>
          @for (hour of hoursOfDay; track hour) {
            <th scope="col"><span [class.sr-only]="hour % every !== 0">{{ hour }}</span></th>
          }
        </tr>
      </thead>
      <tbody>
        @for (day of days(); track day.name) {
          <tr>
            <th scope="row">{{ day.name }}</th>
            @for (cell of day.cells; track $index) {
              <td [style.--heat]="cell.part" [title]="cell.title"><span class="sr-only">{{ cell.text }}</span></td>
            }
          </tr>
        }
      </tbody>
    </table>
    <div class="heat-foot meta">
      <span>{{ t("reports.fewer") }}</span><span class="heat-ramp" aria-hidden="true"></span><span>{{ t("reports.more") }}</span>
      <span class="grow"></span>
      @if (peak(); as most) {
        <span>{{ t("reports.peak", most) }}</span>
      }
      <span>{{ t("reports.hoursOf", { place: place() }) }}</span>
    </div>
  `,
})
export class HeatMap {
  readonly hours = input.required<readonly (readonly number[])[]>();
  readonly metric = input.required<Heat>();
  readonly zone = input.required<string>();
  readonly choose = output<Heat>();
  protected readonly t = inject(Words).t;
  protected readonly heats = HEATS;
  protected readonly every = NAMED_EVERY;
  protected readonly hoursOfDay = Array.from({ length: 24 }, (_, hour) => hour);
  protected readonly wordOf = (heat: Heat): WordKey => `reports.heat.${heat}`;
  protected readonly place = computed(() => placeName(this.zone()));
  readonly #most = computed(() => Math.max(0, ...this.hours().flat()));

  protected readonly days = computed(() => {
    const names = weekdays();
    const most = this.#most() || 1;
    return this.hours().map((hours, day) => ({
      name: names[day] ?? "",
      cells: hours.map((count, hour) => {
        const text = valueText(count, "count");
        return { text, part: `${Math.round((count / most) * 100)}%`, title: `${names[day]} ${spanOf(hour)}: ${text}` };
      }),
    }));
  });

  protected readonly peak = computed(() => {
    const most = this.#most();
    if (most === 0) return null;
    const at = this.hours().flat().indexOf(most);
    return { day: weekdays()[Math.floor(at / 24)] ?? "", hours: spanOf(at % 24), count: most };
  });
}

const spanOf = (hour: number): string => `${hour}–${hour + 1} h`;
