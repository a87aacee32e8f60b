/** Sets of values of one field as intervals of keys (see bson/key): the language between filters and index ranges. */
import { invertKey, KeyType, keyAfter, keyOf, keyTypeOf } from "../bson/key";
import { Doc, isNumeric, MAX_KEY, MIN_KEY, Regex, UNDEFINED, type Value } from "../bson/value";
import { literalPrefix } from "../query/regex";

/** From `lo` to `hi`, both prefixes of ascending keys. */
export interface Interval {
  lo: Uint8Array;
  loInclusive: boolean;
  hi: Uint8Array;
  hiInclusive: boolean;
  /** True for a single value. */
  point: boolean;
}

/** What one condition allows; `exact` when every value inside satisfies it. */
export interface IntervalSet {
  intervals: Interval[];
  exact: boolean;
}

const byte = (value: number) => new Uint8Array([value]);
const NAN = keyOf(Number.NaN);

export function pointInterval(value: Value): Interval {
  const key = keyOf(value);
  return { lo: key, loInclusive: true, hi: key, hiInclusive: true, point: true };
}

const typeInterval = (type: number): Interval => ({
  lo: byte(type),
  loInclusive: true,
  hi: byte(type + 1),
  hiInclusive: false,
  point: false,
});

/** The values equal to `value` as filters understand it: arrays also by their first element, expressions by their prefix. */
export function equalIntervals(value: Value): IntervalSet {
  if (value instanceof Regex) return regexIntervals(value.pattern, value.options);
  if (Array.isArray(value)) {
    return { intervals: union([pointInterval(value[0] ?? UNDEFINED), pointInterval(value)]), exact: false };
  }
  return { intervals: [pointInterval(value)], exact: true };
}

export function inIntervals(values: readonly Value[]): IntervalSet {
  const all: Interval[] = [];
  let exact = true;
  for (const value of values) {
    const set = equalIntervals(value);
    for (const interval of set.intervals) all.push(interval);
    exact &&= set.exact;
  }
  return { intervals: union(all), exact };
}

/** Text that an expression can match, and the expression itself as a stored value. */
export function regexIntervals(pattern: string, options: string): IntervalSet {
  const prefix = literalPrefix(pattern, options);
  const text = typeInterval(KeyType.string);
  if (prefix !== null) {
    // Without the end mark the key is a prefix of the keys of all texts that start so.
    text.lo = keyOf(prefix).slice(0, -1);
    text.hi = keyAfter(text.lo) ?? text.hi;
  }
  return { intervals: union([text, pointInterval(new Regex(pattern, options))]), exact: false };
}

/** $gt, $gte, $lt, $lte: bounded by the type of the value, as MongoDB compares only values of one type. */
export function orderIntervals(op: string, bound: Value): IntervalSet | null {
  if (bound === null) return { intervals: op.endsWith("e") ? [pointInterval(null)] : [], exact: true };
  if (bound === MIN_KEY || bound === MAX_KEY || bound instanceof Regex) return null;
  if (Array.isArray(bound) || bound instanceof Doc) return { intervals: [typeInterval(keyTypeOf(bound))], exact: false };
  const key = keyOf(bound);
  if (isNumeric(bound) && Buffer.compare(key, NAN) === 0) {
    return { intervals: op.endsWith("e") ? [pointInterval(bound)] : [], exact: true };
  }
  const interval = typeInterval(keyTypeOf(bound));
  if (isNumeric(bound)) {
    interval.lo = NAN;
    interval.loInclusive = false;
  }
  if (op === "$gt" || op === "$gte") {
    interval.lo = key;
    interval.loInclusive = op === "$gte";
  } else {
    interval.hi = key;
    interval.hiInclusive = op === "$lte";
  }
  return { intervals: [interval], exact: true };
}

/** Types whose values have a part of the order for themselves; of the others it is only the bound. */
const WHOLE_TYPES: ReadonlyMap<Value, [type: number, exact: boolean]> = new Map<Value, [number, boolean]>([
  ["number", [KeyType.number, true]],
  ["int", [KeyType.number, false]],
  ["long", [KeyType.number, false]],
  ["double", [KeyType.number, false]],
  ["decimal", [KeyType.number, false]],
  ["date", [KeyType.date, true]],
  ["bool", [KeyType.bool, true]],
  ["objectId", [KeyType.objectId, true]],
  ["timestamp", [KeyType.timestamp, true]],
  ["string", [KeyType.string, false]],
]);

/** `$type` with the name of one type that is neither null nor a container; null for all others. */
export function typeIntervals(argument: Value): IntervalSet | null {
  const found = WHOLE_TYPES.get(argument);
  return found ? { intervals: [typeInterval(found[0])], exact: found[1] } : null;
}

// Bounds are compared as positions between keys: an exclusive lower bound lies after everything with that prefix.
const start = (i: Interval): Uint8Array | null => (i.loInclusive ? i.lo : keyAfter(i.lo));
const end = (i: Interval): Uint8Array | null => (i.hiInclusive ? keyAfter(i.hi) : i.hi);

function compareEnds(a: Uint8Array | null, b: Uint8Array | null): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1;
  return Buffer.compare(a, b);
}

/** Sorted and without overlaps. */
export function union(intervals: readonly Interval[]): Interval[] {
  if (intervals.length < 2) return [...intervals];
  if (intervals.every((interval) => interval.point)) return distinctPoints(intervals);
  const sorted = [...intervals].sort((a, b) => compareEnds(start(a), start(b)));
  const out: Interval[] = [];
  for (const next of sorted) {
    const last = out.at(-1);
    if (!last || compareEnds(start(next), end(last)) >= 0) {
      out.push({ ...next });
      continue;
    }
    if (compareEnds(end(next), end(last)) > 0) {
      last.hi = next.hi;
      last.hiInclusive = next.hiInclusive;
      last.point = false;
    }
  }
  return out;
}

function distinctPoints(points: readonly Interval[]): Interval[] {
  const sorted = points.toSorted((a, b) => Buffer.compare(a.lo, b.lo));
  return sorted.filter((point, i) => i === 0 || Buffer.compare(point.lo, sorted[i - 1]!.lo) !== 0);
}

export function intersect(left: readonly Interval[], right: readonly Interval[]): Interval[] {
  const out: Interval[] = [];
  for (const a of left) {
    for (const b of right) {
      const low = compareEnds(start(a), start(b)) >= 0 ? a : b;
      const high = compareEnds(end(a), end(b)) <= 0 ? a : b;
      const both: Interval = {
        lo: low.lo,
        loInclusive: low.loInclusive,
        hi: high.hi,
        hiInclusive: high.hiInclusive,
        point: a.point || b.point,
      };
      if (compareEnds(start(both), end(both)) < 0) out.push(both);
    }
  }
  return out;
}

/** The bytes [from, to) of an interval in an index of this direction; null = no upper end. */
export function rangeOf(interval: Interval, direction: number): [Uint8Array, Uint8Array | null] {
  if (direction > 0) return [start(interval) ?? byte(0xff), end(interval)];
  const low = invertKey(interval.hi);
  const high = invertKey(interval.lo);
  return [interval.hiInclusive ? low : (keyAfter(low) ?? byte(0xff)), interval.loInclusive ? keyAfter(high) : high];
}
