/** Accumulators of $group (and of $sum, $avg ... used as expressions on lists). */
import { add, divide, type Numeric } from "../bson/arithmetic";
import { keyOf } from "../bson/key";
import { Doc, double, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { readOrder } from "../query/order";
import { extreme } from "./arithmetic-operators";
import type { Evaluate, ExpressionCompiler, Operator, Scope } from "./expression";
import { mergeInto } from "./object-operators";

/** Takes one document after the other and gives one value. */
export interface Accumulator {
  take(scope: Scope): void;
  result(): Value | undefined;
}

export type AccumulatorFactory = () => Accumulator;

/** What a simple accumulator does with each value. */
interface Folding {
  take(value: Value | undefined): void;
  result(): Value | undefined;
}

/** Groups that collect lists may not grow for ever. */
const LIST_BYTES = 104_857_600;

const approximateSize = (value: Value | undefined): number =>
  typeof value === "string" ? value.length + 24 : value instanceof Doc || Array.isArray(value) ? keyOf(value).length + 48 : 16;

function collector(unique: boolean): Folding {
  const items: Value[] = [];
  const seen = new Set<string>();
  let bytes = 0;
  return {
    take: (value) => {
      if (value === undefined) return;
      if (unique) {
        const id = Buffer.from(keyOf(value)).toString("latin1");
        if (seen.has(id)) return;
        seen.add(id);
      }
      bytes += approximateSize(value);
      if (bytes > LIST_BYTES)
        throw commandError(
          "QueryExceededMemoryLimitNoDiskUseAllowed",
          "$push or $addToSet used too much memory and spilling to disk is not supported by the embedded store",
        );
      items.push(value);
    },
    result: () => items,
  };
}

function deviation(sample: boolean): Folding {
  let count = 0;
  let mean = 0;
  let squares = 0;
  return {
    take: (value) => {
      if (!isNumeric(value)) return;
      const number = toNumber(value);
      count++;
      const delta = number - mean;
      mean += delta / count;
      squares += delta * (number - mean);
    },
    result: () => {
      const divisor = sample ? count - 1 : count;
      return divisor > 0 ? double(Math.sqrt(squares / divisor)) : null;
    },
  };
}

const extremes = (direction: 1 | -1) => (): Folding => {
  let best: Value | undefined;
  return {
    take: (value) => {
      best = extreme(direction, best, value);
    },
    result: () => best ?? null,
  };
};

const FOLDINGS: Record<string, () => Folding> = {
  $sum: () => {
    let sum: Numeric = 0;
    return {
      take: (value) => {
        if (isNumeric(value)) sum = add(sum, value);
      },
      result: () => sum,
    };
  },
  $avg: () => {
    let sum: Numeric = 0;
    let count = 0;
    return {
      take: (value) => {
        if (!isNumeric(value)) return;
        sum = add(sum, value);
        count++;
      },
      result: () => (count === 0 ? null : divide(sum, count)),
    };
  },
  $min: extremes(-1),
  $max: extremes(1),
  $stdDevPop: () => deviation(false),
  $stdDevSamp: () => deviation(true),
};

const GROUP_FOLDINGS: Record<string, () => Folding> = {
  ...FOLDINGS,
  $push: () => collector(false),
  $addToSet: () => collector(true),
  $first: () => {
    let first: Value | undefined;
    let any = false;
    return {
      take: (value) => {
        if (!any) first = value;
        any = true;
      },
      result: () => first ?? null,
    };
  },
  $last: () => {
    let last: Value | undefined;
    return {
      take: (value) => {
        last = value;
      },
      result: () => last ?? null,
    };
  },
  $mergeObjects: () => {
    const out = new Doc();
    return { take: (value) => mergeInto(out, value, "$mergeObjects"), result: () => out };
  },
};

/** Compiles one accumulator of $group, such as `{$sum: "$amount"}`. */
export function compileAccumulator(field: string, spec: Value, compiler: ExpressionCompiler): AccumulatorFactory {
  if (!(spec instanceof Doc) || spec.size !== 1) throw locationError(40234, `The field '${field}' must be an accumulator object`);
  const name = spec.keys[0]!;
  const argument = spec.values[0]!;
  if (name === "$count") return compileAccumulator(field, new Doc(["$sum"], [1]), compiler);
  if (/^\$(firstN|lastN|minN|maxN|top|topN|bottom|bottomN)$/.test(name)) return several(name, argument, compiler);
  const folding = GROUP_FOLDINGS[name];
  if (!folding) throw locationError(15952, `unknown group operator '${name}'`);
  const evaluate = compiler.compile(argument);
  return () => {
    const { take, result } = folding();
    return { take: (scope) => take(evaluate(scope)), result };
  };
}

/** $topN and its relatives: the n best by an order, or the first n. */
function several(name: string, argument: Value, compiler: ExpressionCompiler): AccumulatorFactory {
  if (!(argument instanceof Doc)) throw locationError(5788001, `${name} specification must be an object`);
  const byOrder = name.startsWith("$top") || name.startsWith("$bottom");
  const output = argument.get(byOrder ? "output" : "input");
  if (output === undefined) throw locationError(5788003, `Missing value for '${byOrder ? "output" : "input"}'`);
  const value = compiler.compile(output);
  const one = !name.endsWith("N");
  const count = one ? 1 : toNumber(argument.get("n"));
  if (!Number.isInteger(count) || count < 1) throw locationError(5787908, `'n' must be greater than 0, found ${String(count)}`);
  const order = byOrder ? readOrder(argument.get("sortBy")) : null;
  if (byOrder && !order) throw locationError(5788005, "Missing value for 'sortBy'");
  if (order) for (const field of order.fields) compiler.fields.add(field);
  return () => {
    let at = 0;
    let kept: { key: Uint8Array; at: number; value: Value }[] = [];
    const direction = name.startsWith("$bottom") || name === "$maxN" ? -1 : 1;
    const keyFor = (scope: Scope, item: Value): Uint8Array =>
      order ? order.keyOf(scope.root) : name === "$minN" || name === "$maxN" ? keyOf(item) : new Uint8Array(0);
    const prune = () => {
      kept.sort((a, b) => Buffer.compare(a.key, b.key) * direction || (name === "$lastN" ? b.at - a.at : a.at - b.at));
      kept = kept.slice(0, count);
    };
    return {
      take: (scope) => {
        const item = value(scope) ?? null;
        if (item === null && (name === "$minN" || name === "$maxN")) return;
        kept.push({ key: keyFor(scope, item), at: at++, value: item });
        if (kept.length > count * 2 + 100) prune();
      },
      result: () => {
        prune();
        const backwards = name === "$lastN" || name.startsWith("$bottom");
        const items = (backwards ? kept.reverse() : kept).map((entry) => entry.value);
        return one ? (items[0] ?? null) : items;
      },
    };
  };
}

/** `{$sum: ["$a", "$b"]}` in $project: over the arguments, or over the elements of a single list. */
const overArguments =
  (folding: () => Folding): Operator =>
  (call) => {
    const args: Evaluate[] = call.args();
    return (scope) => {
      const { take, result } = folding();
      const values = args.map((arg) => arg(scope));
      const [only] = values;
      for (const value of values.length === 1 && Array.isArray(only) ? only : values) take(value);
      return result();
    };
  };

export const LIST_ACCUMULATORS: Record<string, Operator> = Object.fromEntries(
  Object.entries(FOLDINGS).map(([name, folding]) => [name, overArguments(folding)]),
);
