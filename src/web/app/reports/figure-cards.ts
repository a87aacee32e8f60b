/** The figures of the report: value, what it was before, and its course; the chosen one is in the chart. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { SeriesView, SummaryView } from "@server/features/reports/report.schema";
import { type WordKey, Words } from "../i18n/words";
import { pathOf } from "./chart-scale";
import { changeOf, FIGURES, type Figure, type FigureName, figureOf, valueText } from "./report-figure";

const WIDTH = 84;
const HEIGHT = 26;
const EDGE = 3;

@Component({
  selector: "app-figure-cards",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <ul class="figures" [attr.aria-label]="t('reports.figures')">
      @for (card of cards(); track card.name) {
        <li>
          <button type="button" class="figure" [attr.aria-pressed]="card.name === chosen()" [attr.data-figure]="card.name" (click)="choose.emit(card.name)">
            <span class="figure-name">{{ t(card.word) }}</span>
            <span class="figure-line">
              <b class="num">{{ card.value }}</b>
              <svg [attr.width]="width" [attr.height]="height" [attr.viewBox]="'0 0 ' + width + ' ' + height" aria-hidden="true"><path [attr.d]="card.course" /></svg>
            </span>
            <span class="meta clip">
              @if (card.change; as change) {
                <span [class]="'num figure-change figure-' + change.mood">{{ change.text }}</span>
              }
              {{ card.note }}
            </span>
          </button>
        </li>
      }
    </ul>
  `,
})
export class FigureCards {
  readonly summary = input.required<SummaryView>();
  readonly series = input.required<readonly SeriesView[]>();
  readonly chosen = input.required<FigureName>();
  readonly choose = output<FigureName>();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly width = WIDTH;
  protected readonly height = HEIGHT;

  protected readonly cards = computed(() =>
    FIGURES.map((name) => {
      const figure = figureOf(name);
      const { figures, before } = this.summary();
      const value = figure.of(figures);
      const earlier = before ? figure.of(before.figures) : null;
      return {
        name,
        word: `reports.figure.${name}` as WordKey,
        value: valueText(value, figure.unit),
        change: changeOf(value, earlier, figure),
        note: this.#note(figure, earlier),
        course: this.#course(figure),
      };
    }),
  );

  /** What it was before; without a comparison what it rests on. */
  #note({ name, unit }: Figure, earlier: number | null): string {
    const { figures, before } = this.summary();
    if (before && earlier !== null) return this.t("reports.before", { value: valueText(earlier, unit) });
    if (before && name !== "csat") return this.t("reports.noneBefore");
    const { n } = this.#words;
    const notes: Record<FigureName, string> = {
      conversations: n("reports.reopened", figures.reopened),
      resolved: n("reports.reopened", figures.reopened),
      firstReply: n("reports.measured", figures.firstReply.count),
      nextReply: n("reports.measured", figures.nextReply.count),
      resolution: n("reports.measured", figures.resolution.count),
      messages: this.t("reports.written", { count: figures.messagesPeople + figures.messagesAssistant + figures.messagesOther }),
      assistantShare: n("reports.handedOff", figures.handedOff),
      deflection: n("reports.deflected", figures.deflected),
      sla: n("reports.broken", figures.slaBroken),
      csat: n("reports.answers", figures.csat.count),
    };
    return notes[name];
  }

  #course(figure: Figure): string {
    const values = this.series().map(({ figures }) => figure.of(figures));
    const known = values.filter((value) => value !== null);
    const [least, most] = [Math.min(...known), Math.max(...known)];
    const range = most - least || 1;
    const step = (WIDTH - 2) / Math.max(1, values.length - 1);
    return pathOf(
      values.map((value, index) => ({
        x: 1 + index * step,
        y: value === null ? null : HEIGHT - EDGE - ((value - least) / range) * (HEIGHT - 2 * EDGE),
      })),
    );
  }
}
