/** Where the points of a line chart lie: round steps on the axis, paths that leave gaps where nothing was measured. Pure. */
import type { Unit } from "./report-figure";

export interface Point {
  x: number;
  y: number | null;
}

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;
/** Steps that people count time in, in seconds. */
const TIME_STEPS = [
  1,
  2,
  5,
  10,
  15,
  30,
  MINUTE,
  2 * MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  4 * HOUR,
  6 * HOUR,
  12 * HOUR,
];
const MOST_TICKS = 4;

/** From zero to at least the greatest value, in at most four round steps. */
export function ticksOf(values: readonly (number | null)[], unit: Unit): number[] {
  const most = Math.max(0, ...values.map((value) => value ?? 0));
  if (unit === "share") return [0, 0.25, 0.5, 0.75, 1];
  if (unit === "score") return [0, 1, 2, 3, 4, 5];
  if (most === 0) return unit === "time" ? [0, MINUTE] : [0, 1];
  const step = unit === "time" ? timeStep(most) : Math.max(1, roundStep(most / MOST_TICKS));
  return Array.from({ length: Math.ceil(most / step) + 1 }, (_, index) => index * step);
}

function timeStep(most: number): number {
  return TIME_STEPS.find((step) => most / step <= MOST_TICKS) ?? Math.max(1, roundStep(most / DAY / MOST_TICKS)) * DAY;
}

/** The next of 1, 2, 2.5 and 5 times a power of ten; of ones only whole numbers. */
function roundStep(least: number): number {
  const power = 10 ** Math.floor(Math.log10(least));
  const times = [1, 2, ...(power >= 10 ? [2.5] : []), 5, 10].find((one) => one * power >= least) ?? 10;
  return times * power;
}

/** `M…L…`: a new stretch after each gap. */
export function pathOf(points: readonly Point[]): string {
  let isDrawing = false;
  return points
    .map(({ x, y }) => {
      if (y === null) {
        isDrawing = false;
        return "";
      }
      const command = isDrawing ? "L" : "M";
      isDrawing = true;
      return `${command}${round(x)} ${round(y)}`;
    })
    .join("");
}

/** The ground below a line; empty where the line has gaps. */
export function areaOf(points: readonly Point[], bottom: number): string {
  const [first, last] = [points[0], points.at(-1)];
  if (!first || !last || points.length < 2 || points.some(({ y }) => y === null)) return "";
  return `${pathOf(points)}L${round(last.x)} ${bottom}L${round(first.x)} ${bottom}Z`;
}

/** Points that stand alone between gaps: a line would not show them. */
export const lonePoints = (points: readonly Point[]): readonly Point[] =>
  points.filter(
    ({ y }, index) => y !== null && (points[index - 1]?.y ?? null) === null && (points[index + 1]?.y ?? null) === null,
  );

/** Which of so many points have words on the axis: the first, and so many steps on that words do not touch. */
export function labelledPoints(count: number, room: number): number[] {
  if (count === 0) return [];
  const step = Math.max(1, Math.ceil(count / Math.max(1, room)));
  return Array.from({ length: Math.ceil(count / step) }, (_, index) => index * step);
}

/** Moves labels that would lie on each other apart, keeping their order. */
export function spreadLabels(places: readonly number[], gap: number, lowest: number): number[] {
  const order = places.map((_, index) => index).sort((a, b) => (places[a] ?? 0) - (places[b] ?? 0));
  const moved = [...places];
  order.forEach((at, rank) => {
    const above = order[rank - 1];
    if (above !== undefined) moved[at] = Math.max(moved[at] ?? 0, (moved[above] ?? 0) + gap);
  });
  const over = Math.max(0, ...moved.map((place) => place - lowest));
  return moved.map((place) => place - over);
}

const round = (value: number): number => Math.round(value * 10) / 10;
