/** Whether a filter guarantees the condition of a partial index: only then the index holds every match. */

import { compareValues } from "../bson/compare";
import { keyOf, keyTypeOf } from "../bson/key";
import { Doc, type Value } from "../bson/value";
import { isOperators, truthy } from "../query/leaf";
import { typeTest } from "../query/type-test";
import type { Conditions, Residual } from "./condition";
import { equalIntervals, type Interval, inIntervals, intersect, orderIntervals } from "./interval";

/** True when every document that satisfies `filter` also satisfies `partial`. Errs towards false. */
export function implies(filter: Doc, conditions: Conditions, partial: Doc): boolean {
  return partial.keys.every((key, i) => {
    const wanted = partial.values[i]!;
    if (key === "$and" && Array.isArray(wanted))
      return wanted.every((branch) => branch instanceof Doc && implies(filter, conditions, branch));
    if (key === "$or" && Array.isArray(wanted))
      return wanted.some((branch) => branch instanceof Doc && implies(filter, conditions, branch));
    if (!isOperators(wanted)) return within(conditions, key, equalIntervals(wanted).intervals);
    return wanted.keys.every((op, j) => operatorImplied(filter, conditions, key, op, wanted.values[j]!));
  });
}

function operatorImplied(filter: Doc, conditions: Conditions, path: string, op: string, argument: Value): boolean {
  switch (op) {
    case "$exists":
      return truthy(argument) && (conditions.present.has(path) || saysExists(filter, path));
    case "$eq":
      return within(conditions, path, equalIntervals(argument).intervals);
    case "$in":
      return Array.isArray(argument) && within(conditions, path, inIntervals(argument).intervals);
    case "$type":
      return typeImplied(filter, path, argument);
    default: {
      const set = orderIntervals(op, argument);
      return set !== null && within(conditions, path, set.intervals);
    }
  }
}

/** True when the partial index holds only documents that satisfy this very condition. */
export function repeats(partial: Doc, { path, op, value }: Residual): boolean {
  const said = partial.get(path);
  const argument = isOperators(said ?? null) ? (said as Doc).get(op) : undefined;
  return argument !== undefined && compareValues(argument, value) === 0;
}

/** True when some exact condition on the path allows only values inside the given intervals. */
function within(conditions: Conditions, path: string, allowed: readonly Interval[]): boolean {
  const predicates = conditions.fields.get(path) ?? [];
  return predicates.some(
    ({ intervals, exact }) => exact && intervals.length > 0 && intervals.every((interval) => covered(interval, allowed)),
  );
}

function covered(interval: Interval, allowed: readonly Interval[]): boolean {
  return intersect([interval], allowed).some(
    (part) =>
      Buffer.compare(part.lo, interval.lo) === 0 &&
      part.loInclusive === interval.loInclusive &&
      Buffer.compare(part.hi, interval.hi) === 0 &&
      part.hiInclusive === interval.hiInclusive,
  );
}

function saysExists(filter: Doc, path: string): boolean {
  return conditionsOn(filter, path).some((condition) => isOperators(condition) && truthy(condition.get("$exists")));
}

/** `{$type: "string"}` follows from the same condition, or from a comparison with a value of that type. */
function typeImplied(filter: Doc, path: string, argument: Value): boolean {
  const test = typeTest(argument);
  return conditionsOn(filter, path).some((condition) => {
    if (!isOperators(condition)) return test(condition);
    const same = condition.get("$type");
    if (same !== undefined && compareValues(same, argument) === 0) return true;
    const list = condition.get("$in");
    if (Array.isArray(list)) return list.length > 0 && list.every(test);
    const equal = condition.get("$eq");
    if (equal !== undefined) return test(equal);
    const bound = condition.get("$gt") ?? condition.get("$gte") ?? condition.get("$lt") ?? condition.get("$lte");
    // Numbers of all types compare with each other, so a bound does not tell which of them is stored.
    return bound !== undefined && test(bound) && keyTypeOf(bound) !== keyOf(0)[0];
  });
}

function conditionsOn(filter: Doc, path: string): Value[] {
  return filter.keys.flatMap((key, i) => {
    const value = filter.values[i]!;
    if (key === path) return [value];
    if (key === "$and" && Array.isArray(value))
      return value.flatMap((branch) => (branch instanceof Doc ? conditionsOn(branch, path) : []));
    return [];
  });
}
