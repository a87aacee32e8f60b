/** Arrays as sets: order and repetition do not count. Results come sorted. */
import { compareValues } from "../bson/compare";
import { keyOf } from "../bson/key";
import type { Value } from "../bson/value";
import { truthy } from "../query/leaf";
import { argumentsOf, isNullish, listOf, unary } from "./argument";
import type { Operator } from "./expression";

const idOf = (value: Value): string => Buffer.from(keyOf(value)).toString("latin1");
const setOf = (items: readonly Value[]): Map<string, Value> => new Map(items.map((item) => [idOf(item), item]));
const listed = (set: Map<string, Value>): Value[] => [...set.values()].sort(compareValues);

const combine =
  (apply: (sets: Map<string, Value>[]) => Value, least: number, most: number): Operator =>
  (call) => {
    const args = argumentsOf(call, least, most);
    return (scope) => {
      const values = args.map((arg) => arg(scope));
      if (values.some(isNullish)) return null;
      return apply(values.map((value) => setOf(listOf(value, call.name))));
    };
  };

const MANY = Number.MAX_SAFE_INTEGER;

export const SETS: Record<string, Operator> = {
  $setUnion: combine((sets) => listed(new Map(sets.flatMap((set) => [...set]))), 0, MANY),
  $setIntersection: combine(
    ([first, ...rest]) => listed(new Map([...(first ?? [])].filter(([id]) => rest.every((set) => set.has(id))))),
    0,
    MANY,
  ),
  $setDifference: combine(([first, second]) => listed(new Map([...first!].filter(([id]) => !second!.has(id)))), 2, 2),
  $setEquals: combine(
    ([first, ...rest]) => rest.every((set) => set.size === first!.size && [...set.keys()].every((id) => first!.has(id))),
    2,
    MANY,
  ),
  $setIsSubset: combine(([first, second]) => [...first!.keys()].every((id) => second!.has(id)), 2, 2),
  $anyElementTrue: unary((value, name) => listOf(value, name).some(truthy)),
  $allElementsTrue: unary((value, name) => listOf(value, name).every(truthy)),
};
