/** A chart of lines over time: read with the pointer, with the arrow keys, or as the table behind it. */
import {
  afterNextRender,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  inject,
  input,
  linkedSignal,
  signal,
  viewChild,
} from "@angular/core";
import { Words } from "../i18n/words";
import { areaOf, labelledPoints, lonePoints, pathOf, spreadLabels, ticksOf } from "./chart-scale";
import { longStep, shortStep } from "./report-day";
import { type Figure, valueText } from "./report-figure";
import type { Lines } from "./report-store";

const HEIGHT = 240;
const TOP = 12;
const BOTTOM = 24;
const LEFT = 46;
const NARROW_LEFT = 38;
const NAMES = 96;
/** Narrower than this the names of the lines stand below, not beside them. */
const NARROW = 520;
const LABEL_ROOM = 84;
const LABEL_GAP = 16;
const TIP = 168;

@Component({
  selector: "app-line-chart",
  changeDetection: ChangeDetectionStrategy.OnPush,
  templateUrl: "./line-chart.html",
})
export class LineChart {
  readonly figure = input.required<Figure>();
  readonly lines = input.required<Lines>();
  readonly label = input.required<string>();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly height = HEIGHT;
  protected readonly bottom = HEIGHT - BOTTOM;
  protected readonly top = TOP;
  protected readonly tipWidth = TIP;
  protected readonly width = signal(720);
  private readonly frame = viewChild.required<ElementRef<HTMLElement>>("frame");
  protected readonly isNarrow = computed(() => this.width() < NARROW);
  protected readonly left = computed(() => (this.isNarrow() ? NARROW_LEFT : LEFT));
  protected readonly right = computed(() => this.width() - (this.isNarrow() ? 8 : NAMES));
  /** The step that is looked at; another report has none. */
  protected readonly at = linkedSignal<Lines, number | null>({ source: this.lines, computation: () => null });

  protected readonly series = computed(() => {
    const { lines } = this.figure();
    const { now, before } = this.lines();
    const all = lines.map(({ word, tone, of }) => ({
      name: this.t(word),
      look: tone as string,
      values: now.map(({ figures }) => of(figures)),
    }));
    const [main] = lines;
    if (!before || !main) return all;
    const earlier = now.map((_, index) => before[index]).map((step) => (step ? main.of(step.figures) : null));
    return [...all, { name: this.t("reports.line.before"), look: "before", values: earlier }];
  });
  readonly #top = computed(() => this.ticks().at(-1)?.value || 1);
  protected readonly ticks = computed(() =>
    ticksOf(
      this.series().flatMap(({ values }) => values),
      this.figure().unit,
    ).map((value) => ({
      value,
      text: valueText(value, this.figure().unit),
    })),
  );
  protected readonly marks = computed(() => {
    const { now } = this.lines();
    const room = Math.floor((this.right() - this.left()) / LABEL_ROOM);
    return labelledPoints(now.length, room).map((index) => ({ x: this.x(index), text: shortStep(now[index]?.local ?? "") }));
  });
  protected readonly drawn = computed(() => {
    const all = this.series().map(({ name, look, values }, index) => {
      const points = values.map((value, step) => ({ x: this.x(step), y: value === null ? null : this.y(value) }));
      const end = points.findLast(({ y }) => y !== null)?.y ?? null;
      return {
        name,
        look,
        path: pathOf(points),
        area: index === 0 && look !== "before" ? areaOf(points, this.bottom) : "",
        dots: lonePoints(points),
        end,
      };
    });
    const ended = all.filter(({ end }) => end !== null);
    const places = spreadLabels(
      ended.map(({ end }) => (end ?? 0) + 4),
      LABEL_GAP,
      this.bottom,
    );
    return all.map((line) => ({ ...line, place: places[ended.indexOf(line)] ?? null }));
  });
  protected readonly hasValues = computed(() => this.series().some(({ values }) => values.some((value) => (value ?? 0) !== 0)));
  protected readonly tip = computed(() => {
    const at = this.at();
    const step = at === null ? undefined : this.lines().now[at];
    if (at === null || !step) return null;
    const x = this.x(at);
    const rows = this.series().map(({ name, look, values }) => {
      const value = values[at] ?? null;
      return { name, look, text: valueText(value, this.figure().unit), y: value === null ? null : this.y(value) };
    });
    const isLeft = x + 12 + TIP > this.width();
    return {
      x,
      box: Math.max(2, isLeft ? x - 12 - TIP : x + 12),
      height: 28 + rows.length * 18,
      day: longStep(step.local),
      rows,
    };
  });
  /** The same in words, for whoever hears it. */
  protected readonly told = computed(() => {
    const tip = this.tip();
    return tip ? `${tip.day}: ${tip.rows.map(({ name, text }) => `${name} ${text}`).join(", ")}` : this.t("reports.chartKeys");
  });

  constructor() {
    const destroyRef = inject(DestroyRef);
    afterNextRender(() => {
      const frame = this.frame().nativeElement;
      const measure = () => this.width.set(Math.max(280, Math.floor(frame.clientWidth)));
      measure();
      if (typeof ResizeObserver === "undefined") return;
      const observer = new ResizeObserver(measure);
      observer.observe(frame);
      destroyRef.onDestroy(() => observer.disconnect());
    });
  }

  protected x(index: number): number {
    const count = this.lines().now.length;
    if (count < 2) return (this.left() + this.right()) / 2;
    return this.left() + (index / (count - 1)) * (this.right() - this.left());
  }

  protected y(value: number): number {
    return this.bottom - (value / this.#top()) * (this.bottom - TOP);
  }

  protected point(event: PointerEvent): void {
    const count = this.lines().now.length;
    const across = event.clientX - this.frame().nativeElement.getBoundingClientRect().left;
    const part = (across - this.left()) / Math.max(1, this.right() - this.left());
    this.at.set(Math.min(count - 1, Math.max(0, Math.round(part * (count - 1)))));
  }

  protected steer(event: KeyboardEvent): void {
    const last = this.lines().now.length - 1;
    const at = this.at();
    const to = {
      ArrowRight: at === null ? 0 : at + 1,
      ArrowUp: at === null ? 0 : at + 1,
      ArrowLeft: at === null ? last : at - 1,
      ArrowDown: at === null ? last : at - 1,
      Home: 0,
      End: last,
    }[event.key];
    if (event.key === "Escape") this.at.set(null);
    if (to === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.at.set(Math.min(last, Math.max(0, to)));
  }
}
