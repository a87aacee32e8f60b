/** $group, $sortByCount and $bucket. */
import { compareValues } from "../bson/compare";
import { keyOf } from "../bson/key";
import { Doc, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { type AccumulatorFactory, compileAccumulator } from "./accumulator";
import { type Scope, scopeOf } from "./expression";
import { type StageCompiler, sort } from "./stage";
import { MEMORY_BYTES, tooLarge } from "./stream";

/** The groups of a run, in the order in which they first appeared. */
class Groups {
  readonly #groups = new Map<string, { id: Value; parts: ReturnType<AccumulatorFactory>[] }>();
  readonly #names: readonly string[];
  readonly #factories: readonly AccumulatorFactory[];
  #bytes = 0;

  constructor(names: readonly string[], factories: readonly AccumulatorFactory[]) {
    this.#names = names;
    this.#factories = factories;
  }

  take(id: Value, scope: Scope): void {
    const hash = typeof id === "string" ? `s${id}` : Buffer.from(keyOf(id)).toString("latin1");
    let found = this.#groups.get(hash);
    if (!found) {
      found = { id, parts: this.#factories.map((factory) => factory()) };
      this.#groups.set(hash, found);
      this.#bytes += hash.length + 100 + this.#factories.length * 50;
      if (this.#bytes > MEMORY_BYTES) throw tooLarge("$group");
    }
    for (const part of found.parts) part.take(scope);
  }

  *results(): Generator<Doc> {
    for (const { id, parts } of this.#groups.values()) {
      yield new Doc(["_id", ...this.#names], [id, ...parts.map((part) => part.result() ?? null)]);
    }
  }
}

export const group: StageCompiler = (argument, { variables }, compiler) => {
  if (!(argument instanceof Doc)) throw locationError(15947, "a group's fields must be specified in an object");
  const id = argument.get("_id");
  if (id === undefined) throw locationError(15955, "a group specification must include an _id");
  const identify = compiler.compile(id);
  const names = argument.keys.filter((key) => key !== "_id");
  for (const name of names) if (name.includes(".")) throw locationError(40235, `The field name '${name}' cannot contain '.'`);
  const factories = names.map((name) => compileAccumulator(name, argument.get(name)!, compiler));
  return function* (input) {
    const groups = new Groups(names, factories);
    for (const doc of input) {
      const scope = scopeOf(doc, variables);
      groups.take(identify(scope) ?? null, scope);
    }
    yield* groups.results();
  };
};

export const sortByCount: StageCompiler = (argument, context, compiler) => {
  const groups = group(Doc.of({ _id: argument, count: Doc.of({ $sum: 1 }) }), context, compiler);
  const ordered = sort(Doc.of({ count: -1 }), context, compiler);
  return (input) => ordered(groups(input));
};

export const bucket: StageCompiler = (argument, { variables }, compiler) => {
  const spec = argument instanceof Doc ? argument : new Doc();
  const bounds = spec.get("boundaries");
  const by = spec.get("groupBy");
  if (by === undefined || !Array.isArray(bounds) || bounds.length < 2)
    throw locationError(40198, "$bucket requires 'groupBy' and at least two 'boundaries'");
  for (let i = 1; i < bounds.length; i++) {
    if (compareValues(bounds[i - 1]!, bounds[i]!) >= 0)
      throw locationError(40194, "The 'boundaries' option to $bucket must be sorted in ascending order");
  }
  const evaluate = compiler.compile(by);
  const fallback = spec.get("default");
  const output = spec.get("output");
  const outputs = output instanceof Doc ? output : Doc.of({ count: Doc.of({ $sum: 1 }) });
  const factories = outputs.keys.map((name, i) => compileAccumulator(name, outputs.values[i]!, compiler));
  const bucketOf = (value: Value | undefined): Value => {
    for (let i = bounds.length - 2; i >= 0; i--) {
      const low = bounds[i]!;
      if (value !== undefined && compareValues(value, low) >= 0) {
        if (compareValues(value, bounds[i + 1]!) < 0) return low;
        break;
      }
    }
    if (fallback === undefined)
      throw locationError(40066, "$switch could not find a matching branch for an input, and no default was specified.");
    return fallback;
  };
  return (input) => {
    const groups = new Groups(outputs.keys, factories);
    for (const doc of input) {
      const scope = scopeOf(doc, variables);
      groups.take(bucketOf(evaluate(scope)), scope);
    }
    return [...groups.results()].sort((a, b) => compareValues(a.values[0]!, b.values[0]!));
  };
};
