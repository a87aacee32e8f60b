/** The values behind a chart as a table. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { Words } from "../i18n/words";
import { longStep } from "./report-day";
import { type Figure, valueText } from "./report-figure";
import type { Lines } from "./report-store";

@Component({
  selector: "app-line-table",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="table-wrap chart-table scroll" tabindex="0" role="region" [attr.aria-label]="label()">
      <table class="table figures-table">
        <caption class="sr-only">{{ label() }}</caption>
        <thead>
          <tr>
            <th scope="col">{{ t("reports.when") }}</th>
            @for (line of figure().lines; track line.word) {
              <th scope="col">{{ t(line.word) }}</th>
            }
            @if (lines().before) {
              <th scope="col">{{ t("reports.line.before") }}</th>
            }
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track row.start) {
            <tr>
              <th scope="row">{{ row.day }}</th>
              @for (cell of row.cells; track $index) {
                <td class="num">{{ cell }}</td>
              }
            </tr>
          }
        </tbody>
      </table>
    </div>
  `,
})
export class LineTable {
  readonly figure = input.required<Figure>();
  readonly lines = input.required<Lines>();
  readonly label = input.required<string>();
  protected readonly t = inject(Words).t;

  protected readonly rows = computed(() => {
    const { lines, unit } = this.figure();
    const { now, before } = this.lines();
    const main = lines[0];
    return now.map(({ start, local, figures }, index) => {
      const earlier = before?.[index];
      const cells = lines.map(({ of }) => valueText(of(figures), unit));
      if (before && main) cells.push(earlier ? valueText(main.of(earlier.figures), unit) : "–");
      return { start, day: longStep(local), cells };
    });
  });
}
