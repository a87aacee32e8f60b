/** What the conditions of a filter make of an index: the key ranges to read, and whether they come in a wanted order. */
import { keyAfter } from "../bson/key";
import type { Order } from "../query/order";
import type { IndexTable } from "../storage/index-table";
import type { Conditions, Predicate } from "./condition";
import { type Interval, intersect, rangeOf } from "./interval";

/** More ranges than this are not opened for one more field. */
const MOST_RANGES = 20_000;
/** Merging keeps one read position for each range. */
const MOST_MERGED = 200;

/** Keys from `lo` (included) to `hi` (not included). */
export interface KeyRange {
  lo: Uint8Array;
  hi: Uint8Array;
  /** Bytes that all keys of the range share because they are equalities; what follows is the order within. */
  prefix: number;
}

const POSITIONAL = /\.\d+(\.|$)/;

export interface Shape {
  paths: readonly string[];
  directions: readonly number[];
  multikey: number;
}

export const ID_SHAPE: Shape = { paths: ["_id"], directions: [1], multikey: 0 };
export const shapeOf = (index: IndexTable): Shape => ({
  paths: index.spec.key.keys,
  directions: index.directions,
  multikey: index.multikey,
});

export interface Bounds {
  ranges: KeyRange[];
  /** Leading fields with conditions. */
  bounded: number;
  /** Leading fields whose conditions are single values. */
  points: number;
  /** Leading fields with exactly one value. */
  singles: number;
}

// SQLite would take an empty blob for NULL; every key starts above zero.
export const EVERYTHING: KeyRange = { lo: new Uint8Array([0]), hi: new Uint8Array([0xff]), prefix: 0 };

export function boundFields(shape: Shape, conditions: Conditions): Bounds {
  let ranges: KeyRange[] = [EVERYTHING];
  let bounded = 0;
  let points = 0;
  let singles = 0;
  const groups: number[] = [];
  for (let i = 0; i < shape.paths.length; i++) {
    const predicates = conditions.fields.get(shape.paths[i]!);
    // `a.0` is the first element and a field "0" of every element; the entries know of the first alone.
    if (!predicates || POSITIONAL.test(shape.paths[i]!)) break;
    const allowed = usable(shape, i, predicates, groups);
    if (!allowed || allowed.length * ranges.length > MOST_RANGES) break;
    const allPoints = allowed.every((interval) => interval.point);
    ranges = ranges.flatMap((range) =>
      extend(range, shape.directions[i]! < 0 ? [...allowed].reverse() : allowed, shape.directions[i]!),
    );
    bounded++;
    if (!allPoints) break;
    points++;
    if (allowed.length === 1 && singles === i) singles++;
  }
  return { ranges, bounded, points, singles };
}

/** The intervals that may be used on field `i`, given what was used before it; null when none. */
function usable(shape: Shape, i: number, predicates: readonly Predicate[], groups: number[]): Interval[] | null {
  if ((shape.multikey & (1 << i)) === 0) {
    groups.push(0);
    return predicates.length === 1
      ? predicates[0]!.intervals
      : predicates.map((predicate) => predicate.intervals).reduce(intersect);
  }
  // On an array each condition may be met by another element: only one of them bounds the entries.
  const root = shape.paths[i]!.split(".")[0];
  const sharing = shape.paths
    .slice(0, i)
    .findIndex((path, j) => path.split(".")[0] === root && (shape.multikey & (1 << j)) !== 0);
  const fitting =
    sharing < 0 ? predicates : predicates.filter((predicate) => predicate.group !== 0 && predicate.group === groups[sharing]);
  const narrow = (predicate: Predicate) =>
    predicate.intervals.every((interval) => interval.point) ? predicate.intervals.length : MOST_RANGES;
  const chosen = [...fitting].sort((a, b) => narrow(a) - narrow(b))[0];
  if (!chosen) return null;
  groups.push(chosen.group);
  return chosen.intervals;
}

function extend(range: KeyRange, intervals: readonly Interval[], direction: number): KeyRange[] {
  const prefix = range.lo.subarray(0, range.prefix);
  return intervals.map((interval) => {
    const [from, to] = rangeOf(interval, direction);
    const lo = join(prefix, from);
    const hi = to ? join(prefix, to) : (keyAfter(prefix) ?? EVERYTHING.hi);
    return { lo, hi, prefix: interval.point ? lo.length : prefix.length };
  });
}

function join(a: Uint8Array, b: Uint8Array): Uint8Array {
  if (a.length === 0) return b;
  const out = new Uint8Array(a.length + b.length);
  out.set(a);
  out.set(b, a.length);
  return out;
}

/** How the index gives the order, or null when it does not. */
export function sortBy(shape: Shape, bounds: Bounds, order: Order): { reverse: boolean; merge: boolean } | null {
  const fixed = new Set(shape.paths.slice(0, bounds.singles));
  const wanted = order.paths.map((path, i) => ({ path, direction: order.directions[i]! })).filter(({ path }) => !fixed.has(path));
  if (wanted.length === 0) return { reverse: false, merge: false };
  const inSequence = matchDirection(shape, bounds.singles, wanted);
  if (inSequence !== null) return { reverse: inSequence < 0, merge: false };
  if (bounds.points > bounds.singles && bounds.ranges.length <= MOST_MERGED) {
    const merged = matchDirection(shape, bounds.points, wanted);
    if (merged !== null) return { reverse: merged < 0, merge: true };
  }
  return null;
}

/** 1 or -1 when the index fields from `at` on are the wanted order (or its reverse), null otherwise. */
function matchDirection(shape: Shape, at: number, wanted: readonly { path: string; direction: number }[]): number | null {
  let direction = 0;
  for (const [i, want] of wanted.entries()) {
    const field = at + i;
    // Entries of an array field do not tell which of its elements decides the order of the document.
    if (shape.paths[field] !== want.path || (shape.multikey & (1 << field)) !== 0) return null;
    const relative = shape.directions[field]! * want.direction;
    if (direction !== 0 && relative !== direction) return null;
    direction = relative;
  }
  return direction;
}
