/** The stages of a pipeline: each turns a stream of documents into another one. */
import { Doc, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { wholeNumber } from "../query/leaf";
import { compileFilter, type ExpressionTest } from "../query/matcher";
import { readOrder } from "../query/order";
import { compileProjection } from "../query/projection";
import { addFields } from "./add-fields";
import { type ExpressionCompiler, scopeOf } from "./expression";
import { bucket, group, sortByCount } from "./group-stages";
import { facet, lookup, unionWith } from "./join-stages";
import { MEMORY_BYTES, mapStream, type Stream, tooLarge } from "./stream";
import { unwind } from "./unwind";

export type Stage = (input: Stream) => Stream;

export type Variables = ReadonlyMap<string, Value | undefined>;

export interface StageContext {
  variables: Variables;
  /** Finds documents of another collection of the same database. */
  search(collection: string, filter: Doc): Stream;
  /** Runs a whole pipeline on another collection (null: on the given documents). */
  run(collection: string | null, input: Stream | null, pipeline: readonly Value[], variables: Variables): Stream;
  expression: ExpressionTest;
}

export type StageCompiler = (argument: Value, context: StageContext, fields: ExpressionCompiler) => Stage;

const positive = (argument: Value, stage: string): number => {
  const number = wholeNumber(argument);
  if (number === null || number < 0)
    throw locationError(5107201, `invalid argument to ${stage} stage: Expected a non-negative number`);
  return number;
};

const match: StageCompiler = (argument, { expression }) => {
  if (!(argument instanceof Doc)) throw locationError(15959, "the match filter must be an expression in an object");
  const matcher = compileFilter(argument, expression);
  return function* (input) {
    for (const doc of input) if (matcher.test(doc)) yield doc;
  };
};

const project: StageCompiler = (argument, { variables, expression }, compiler) => {
  if (!(argument instanceof Doc) || argument.size === 0)
    throw locationError(51272, "Invalid $project :: caused by :: projection specification must have at least one field");
  const projection = compileProjection(
    argument,
    {
      expression,
      compute: (value) => {
        const evaluate = compiler.compile(value);
        return (doc) => evaluate(scopeOf(doc, variables));
      },
    },
    "stage",
  )!;
  return (input) => mapStream(input, (doc) => projection.apply(doc, () => undefined));
};

const unset: StageCompiler = (argument, context, compiler) => {
  const list = Array.isArray(argument) ? argument : [argument];
  const spec = new Doc();
  for (const field of list) {
    if (typeof field !== "string")
      throw locationError(31120, "$unset specification must be a string or an array containing only string values");
    spec.push(field, 0);
  }
  return project(spec, context, compiler);
};

export const sort: StageCompiler = (argument) => {
  const order = readOrder(argument);
  if (!order) throw locationError(15976, "$sort stage must have at least one sort key");
  return (input) => {
    const items: { key: Uint8Array; doc: Doc }[] = [];
    let bytes = 0;
    for (const doc of input) {
      const key = order.keyOf(doc);
      bytes += key.length + 200;
      if (bytes > MEMORY_BYTES) throw tooLarge("$sort");
      items.push({ key, doc });
    }
    return items.sort((a, b) => Buffer.compare(a.key, b.key)).map(({ doc }) => doc);
  };
};

const limit: StageCompiler = (argument) => {
  const most = positive(argument, "$limit");
  if (most === 0) throw locationError(15958, "the limit must be positive");
  return function* (input) {
    let count = 0;
    for (const doc of input) {
      yield doc;
      if (++count >= most) return;
    }
  };
};

const skip: StageCompiler = (argument) => {
  const count = positive(argument, "$skip");
  return function* (input) {
    let seen = 0;
    for (const doc of input) if (seen++ >= count) yield doc;
  };
};

const replaceRoot: StageCompiler = (argument, context, compiler) => {
  const root = argument instanceof Doc ? argument.get("newRoot") : undefined;
  if (root === undefined) throw locationError(40231, "no newRoot specified for the $replaceRoot stage");
  return replaceWith(root, context, compiler);
};

const replaceWith: StageCompiler = (argument, { variables }, compiler) => {
  const evaluate = compiler.compile(argument);
  return (input) =>
    mapStream(input, (doc) => {
      const value = evaluate(scopeOf(doc, variables));
      if (value instanceof Doc) return value;
      throw locationError(40228, "'newRoot' expression  must evaluate to an object, but resulting value was not one");
    });
};

const countStage: StageCompiler = (argument) => {
  if (typeof argument !== "string" || argument === "" || argument.startsWith("$") || argument.includes(".")) {
    throw locationError(40156, "the count field must be a non-empty string without '$' or '.'");
  }
  return function* (input) {
    let n = 0;
    for (const _ of input) n++;
    if (n > 0) yield new Doc([argument], [n]);
  };
};

const sample: StageCompiler = (argument) => {
  const size = argument instanceof Doc ? wholeNumber(argument.get("size") ?? null) : null;
  if (size === null || size < 1) throw locationError(28747, "size argument to $sample must be a positive integer");
  return (input) => {
    const kept: Doc[] = [];
    let seen = 0;
    for (const doc of input) {
      const at = seen++ < size ? kept.length : Math.floor(Math.random() * seen);
      if (at < size) kept[at] = doc;
    }
    return kept;
  };
};

export const STAGES: ReadonlyMap<string, StageCompiler> = new Map(
  Object.entries({
    $match: match,
    $project: project,
    $addFields: addFields,
    $set: addFields,
    $unset: unset,
    $sort: sort,
    $limit: limit,
    $skip: skip,
    $group: group,
    $unwind: unwind,
    $replaceRoot: replaceRoot,
    $replaceWith: replaceWith,
    $count: countStage,
    $sortByCount: sortByCount,
    $bucket: bucket,
    $facet: facet,
    $sample: sample,
    $unionWith: unionWith,
    $lookup: lookup,
  } satisfies Record<string, StageCompiler>),
);
