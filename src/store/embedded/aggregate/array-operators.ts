/** Array operators. */
import { compareValues, equalValues } from "../bson/compare";
import { Doc, isNumeric, toNumber, typeName, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { truthy } from "../query/leaf";
import { readOrder } from "../query/order";
import { argumentsOf, integerOf, isNullish, listOf, unary, unaryNull } from "./argument";
import { type Operator, withVariables } from "./expression";

const elementAt = (list: readonly Value[], at: number): Value | undefined => list[at < 0 ? list.length + at : at];

const endOf = (last: boolean): Operator =>
  unary((value, name) => (isNullish(value) ? null : elementAt(listOf(value, name), last ? -1 : 0)));

const variableName = (argument: Value, key: string, otherwise: string): string => {
  const name = argument instanceof Doc ? argument.get(key) : undefined;
  return typeof name === "string" ? name : otherwise;
};

const argumentOf = (argument: Value, name: string, key: string): Value => {
  const value = argument instanceof Doc ? argument.get(key) : undefined;
  if (value === undefined) throw commandError("FailedToParse", `Missing '${key}' parameter to ${name}`);
  return value;
};

const map: Operator = ({ argument, compiler, name }) => {
  const as = variableName(argument, "as", "this");
  const input = compiler.compile(argumentOf(argument, name, "input"));
  const body = compiler.compileWith(argumentOf(argument, name, "in"), [as]);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    return listOf(list, name).map((item) => body(withVariables(scope, [[as, item]])) ?? null);
  };
};

const filter: Operator = ({ argument, compiler, name }) => {
  const as = variableName(argument, "as", "this");
  const input = compiler.compile(argumentOf(argument, name, "input"));
  const condition = compiler.compileWith(argumentOf(argument, name, "cond"), [as]);
  const limitExpression = argument instanceof Doc ? argument.get("limit") : undefined;
  const limit = limitExpression === undefined ? null : compiler.compile(limitExpression);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    const most = limit ? limit(scope) : null;
    const kept = listOf(list, name).filter((item) => truthy(condition(withVariables(scope, [[as, item]]))));
    return isNullish(most) ? kept : kept.slice(0, integerOf(most, name));
  };
};

const reduce: Operator = ({ argument, compiler, name }) => {
  const input = compiler.compile(argumentOf(argument, name, "input"));
  const initial = compiler.compile(argumentOf(argument, name, "initialValue"));
  const body = compiler.compileWith(argumentOf(argument, name, "in"), ["this", "value"]);
  return (scope) => {
    const list = input(scope);
    if (isNullish(list)) return null;
    let value = initial(scope);
    for (const item of listOf(list, name))
      value = body(
        withVariables(scope, [
          ["this", item],
          ["value", value],
        ]),
      );
    return value;
  };
};

const slice: Operator = (call) => {
  const [arg, first, second] = argumentsOf(call, 2, 3);
  return (scope) => {
    const list = arg!(scope);
    const a = first!(scope);
    const b = second?.(scope);
    if (isNullish(list) || isNullish(a) || (second && isNullish(b))) return null;
    const items = listOf(list, call.name);
    const from = integerOf(a, call.name);
    if (!second) return from >= 0 ? items.slice(0, from) : items.slice(from);
    const count = integerOf(b, call.name);
    if (count <= 0) throw locationError(28729, `Third argument to $slice must be positive: ${count}`);
    const start = from < 0 ? Math.max(items.length + from, 0) : from;
    return items.slice(start, start + count);
  };
};

const LONGEST_RANGE = 1_000_000;

const range: Operator = (call) => {
  const args = argumentsOf(call, 2, 3);
  return (scope) => {
    const [start, end, step = 1] = args.map((arg) => integerOf(arg(scope), call.name)) as [number, number, number?];
    if (step === 0) throw locationError(34449, "$range requires a non-zero step value");
    if ((end - start) / step > LONGEST_RANGE) throw locationError(34446, `$range would make more than ${LONGEST_RANGE} numbers`);
    const out: Value[] = [];
    for (let i = start; step > 0 ? i < end : i > end; i += step) out.push(i);
    return out;
  };
};

/** The order that sortBy describes: 1, -1, or a specification for documents. */
function sorter(spec: Value | undefined): (a: Value, b: Value) => number {
  if (isNumeric(spec)) {
    const direction = toNumber(spec);
    return (a, b) => compareValues(a, b) * direction;
  }
  const order = readOrder(spec);
  if (!order) throw commandError("BadValue", "sortBy must be 1, -1 or a sort specification");
  const key = (value: Value) => order.keyOf(value instanceof Doc ? value : new Doc());
  return (a, b) => Buffer.compare(key(a), key(b));
}

const sortArray: Operator = ({ argument, compiler, name }) => {
  const input = compiler.compile(argumentOf(argument, name, "input"));
  const compare = sorter(argumentOf(argument, name, "sortBy"));
  return (scope) => {
    const list = input(scope);
    return isNullish(list) ? null : [...listOf(list, name)].sort(compare);
  };
};

const some =
  (pick: (items: Value[], n: number) => Value[]): Operator =>
  (call) => {
    const parts = call.named(["input", "n"]);
    return (scope) => pick(listOf(parts.get("input")!(scope), call.name), integerOf(parts.get("n")!(scope), call.name));
  };

const present = (items: Value[]): Value[] => items.filter((item) => item !== null);

const zip: Operator = ({ argument, compiler, name }) => {
  const inputs = argumentOf(argument, name, "inputs");
  if (!Array.isArray(inputs)) throw locationError(34461, "inputs must be an array of expressions");
  const lists = inputs.map((item) => compiler.compile(item));
  const longest = argument instanceof Doc && argument.get("useLongestLength") === true;
  const defaults = argument instanceof Doc ? argument.get("defaults") : undefined;
  return (scope) => {
    const values = lists.map((list) => list(scope));
    if (values.some(isNullish)) return null;
    const arrays = values.map((value) => listOf(value, name));
    const lengths = arrays.map((array) => array.length);
    const length = longest ? Math.max(...lengths) : Math.min(...lengths);
    return Array.from({ length }, (_, i) =>
      arrays.map((array, j) => array[i] ?? (Array.isArray(defaults) ? (defaults[j] ?? null) : null)),
    );
  };
};

export const ARRAYS: Record<string, Operator> = {
  $size: unary((value, name) => {
    if (!Array.isArray(value))
      throw locationError(17124, `The argument to ${name} must be an array, but was of type: ${typeName(value)}`);
    return value.length;
  }),
  $isArray: unary((value) => Array.isArray(value)),
  $arrayElemAt: (call) => {
    const [list, at] = argumentsOf(call, 2);
    return (scope) => {
      const items = list!(scope);
      const index = at!(scope);
      if (isNullish(items) || isNullish(index)) return null;
      return elementAt(listOf(items, call.name), integerOf(index, call.name));
    };
  },
  $first: endOf(false),
  $last: endOf(true),
  $slice: slice,
  $concatArrays: (call) => {
    const args = call.args();
    return (scope) => {
      const out: Value[] = [];
      for (const arg of args) {
        const list = arg(scope);
        if (isNullish(list)) return null;
        out.push(...listOf(list, call.name));
      }
      return out;
    };
  },
  $in: (call) => {
    const [item, list] = argumentsOf(call, 2);
    return (scope) => {
      const value = item!(scope) ?? null;
      const items = list!(scope);
      if (!Array.isArray(items))
        throw locationError(40081, `$in requires an array as a second argument, found: ${typeName(items)}`);
      return items.some((other) => equalValues(other, value));
    };
  },
  $indexOfArray: (call) => {
    const [list, item, start, end] = argumentsOf(call, 2, 4);
    return (scope) => {
      const items = list!(scope);
      if (isNullish(items)) return null;
      const wanted = item!(scope) ?? null;
      const from = start ? integerOf(start(scope), call.name) : 0;
      const to = end ? integerOf(end(scope), call.name) : Number.MAX_SAFE_INTEGER;
      return listOf(items, call.name).findIndex((value, i) => i >= from && i < to && equalValues(value, wanted));
    };
  },
  $map: map,
  $filter: filter,
  $reduce: reduce,
  $range: range,
  $reverseArray: unaryNull((value, name) => [...listOf(value, name)].reverse()),
  $sortArray: sortArray,
  $zip: zip,
  $firstN: some((items, n) => items.slice(0, n)),
  $lastN: some((items, n) => items.slice(-n)),
  $maxN: some((items, n) =>
    present(items)
      .sort((a, b) => compareValues(b, a))
      .slice(0, n),
  ),
  $minN: some((items, n) => present(items).sort(compareValues).slice(0, n)),
};
