/** Days of a period and the bars above them. Pure. */

const DAY_MS = 86_400_000;

export const dayOf = (at: number): string => new Date(at).toISOString().slice(0, 10);

/** First and last day of so many days that end today (UTC, as the server counts). */
export const lastDays = (count: number, now: number): { from: string; to: string } => ({
  from: dayOf(now - (count - 1) * DAY_MS),
  to: dayOf(now),
});

/** In percent: what costs little is still seen beside what costs much. */
const LOWEST = 2;

export interface DayBar {
  day: string;
  micros: number;
  /** Percent of the highest one. */
  height: number;
}

/** A bar for each day, also for those on which nothing was used. */
export function dayBars(
  rows: readonly { key: string | null; costMicros: number }[],
  { from, to }: { from: string; to: string },
): DayBar[] {
  const known = new Map(rows.map(({ key, costMicros }) => [key, costMicros]));
  const count = Math.max(0, Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1);
  const days = Array.from({ length: count }, (_, index) => dayOf(Date.parse(from) + index * DAY_MS));
  const most = Math.max(1, ...days.map((day) => known.get(day) ?? 0));
  return days.map((day) => {
    const micros = known.get(day) ?? 0;
    return { day, micros, height: micros > 0 ? Math.max(LOWEST, (micros / most) * 100) : 0 };
  });
}
