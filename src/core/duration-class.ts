/** Durations in classes that grow with them, so that sums of classes can be added and percentiles read from them. Pure. */

/** Each class is an eighth wider than the one before: what is read from it is off by 7 % at most. */
const PER_E = 8;

export const classOf = (seconds: number): number => Math.round(Math.log1p(Math.max(0, seconds)) * PER_E);

/** Seconds in the middle of a class. */
export const secondsOfClass = (number: number): number => Math.expm1(number / PER_E);

/** The duration below which this share of all lies; null when there are none. `classes` are pairs of class and how many are in it. */
export function percentileOf(classes: Iterable<readonly [number, number]>, share: number): number | null {
  const sorted = [...classes].filter(([, count]) => count > 0).sort(([a], [b]) => a - b);
  const total = sorted.reduce((sum, [, count]) => sum + count, 0);
  let seen = 0;
  for (const [number, count] of sorted) {
    seen += count;
    if (seen >= total * share) return secondsOfClass(number);
  }
  return null;
}
