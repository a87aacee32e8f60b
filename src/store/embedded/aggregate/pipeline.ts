/**
 * Runs pipelines. Leading $match, $sort, $skip and $limit become an indexed search; what follows streams, and only
 * the fields that a leading $group reads are decoded.
 */
import { decode, decodeFields } from "../bson/decode";
import { encode } from "../bson/encode";
import { Doc, type Value } from "../bson/value";
import { CommandError, commandError, locationError } from "../command-error";
import { count, type FindContext, find } from "../query/find";
import { truthy, wholeNumber } from "../query/leaf";
import type { ExpressionTest } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import { refuseStage } from "../unsupported";
import { ExpressionCompiler, scopeOf } from "./expression";
import { STAGES, type Stage, type StageContext, type Variables } from "./stage";
import type { Stream } from "./stream";

export interface PipelineSource {
  /** A collection of the database the pipeline runs in, null when it does not exist; of a view what it is made of. */
  ground(name: string): { collection: CollectionTable | null; pipeline: readonly Value[] };
  find: FindContext;
}

/** The truth test of `$expr` with the variables of the command. */
export const expressionTest =
  (variables: Variables): ExpressionTest =>
  (expression) => {
    const evaluate = new ExpressionCompiler(variables.keys()).compile(expression);
    return (doc) => truthy(evaluate(scopeOf(doc, variables)));
  };

/** What the beginning of a pipeline asks of a search. */
interface Front {
  filter: Doc;
  sort: Value | undefined;
  skip: number;
  limit: number;
  /** Stages that are left. */
  rest: readonly Value[];
}

export interface PipelineOptions {
  hint?: Value | undefined;
  /** Documents to begin with, where no collection is read. */
  input?: Stream;
}

export function runPipeline(
  source: PipelineSource,
  collection: CollectionTable | null,
  pipeline: readonly Value[],
  variables: Variables,
  { hint, input }: PipelineOptions = {},
): Iterable<Uint8Array> {
  const runner = new Runner(source);
  const front = readFront(pipeline);
  if (collection) {
    const request = { collection, filter: front.filter, sort: front.sort, hint, skip: front.skip, limit: front.limit };
    if (front.rest.length === 0) return bytesOf(find(request, runner.findContext(variables)).rows);
    const counted = countOnly(front.rest);
    if (counted && front.sort === undefined) {
      const n = count(request, runner.findContext(variables));
      return n === 0 ? [] : [encode(counted(n))];
    }
  }
  return encoded(runner.run(collection, pipeline, variables, { hint, ...(input ? { input } : {}) }));
}

function* bytesOf(rows: Iterable<{ d: Uint8Array }>): Generator<Uint8Array> {
  for (const { d } of rows) yield d;
}

function* encoded(input: Stream): Generator<Uint8Array> {
  for (const doc of input) yield encode(doc);
}

/** Pipelines as functions of one document, for updates. */
export function updatePipeline(stages: readonly Value[], variables: Variables): (doc: Doc) => Doc {
  const runner = new Runner(null);
  for (const stage of stages) {
    const name = stage instanceof Doc ? stage.keys[0] : undefined;
    if (!name || !ALLOWED_IN_UPDATES.has(name)) {
      throw commandError("InvalidOptions", `${String(name)} is not allowed to be used within an update`);
    }
  }
  const compiled = stages.map((stage) => runner.compile(stage, variables).stage);
  return (doc) => {
    let stream: Stream = [doc];
    for (const stage of compiled) stream = stage(stream);
    for (const out of stream) return out;
    return doc;
  };
}

const ALLOWED_IN_UPDATES = new Set(["$addFields", "$set", "$project", "$unset", "$replaceRoot", "$replaceWith"]);

function readFront(pipeline: readonly Value[]): Front {
  const front: Front = { filter: new Doc(), sort: undefined, skip: 0, limit: 0, rest: [] };
  const filters: Doc[] = [];
  let at = 0;
  const next = (name: string): Value | undefined => {
    const stage = pipeline[at];
    return stage instanceof Doc && stage.size === 1 ? stage.get(name) : undefined;
  };
  for (let filter = next("$match"); filter instanceof Doc; filter = next("$match")) {
    filters.push(filter);
    at++;
  }
  const sort = next("$sort");
  if (sort instanceof Doc && sort.size > 0) {
    front.sort = sort;
    at++;
  }
  const skip = next("$skip");
  if (skip !== undefined && (wholeNumber(skip) ?? -1) >= 0) {
    front.skip = wholeNumber(skip)!;
    at++;
  }
  const limit = next("$limit");
  if (limit !== undefined && (wholeNumber(limit) ?? 0) > 0) {
    front.limit = wholeNumber(limit)!;
    at++;
  }
  front.filter = filters.length === 1 ? filters[0]! : filters.length === 0 ? new Doc() : new Doc(["$and"], [filters]);
  front.rest = pipeline.slice(at);
  return front;
}

/** `$count` or a $group that only counts: answered by counting index entries. */
function countOnly(rest: readonly Value[]): ((n: number) => Doc) | null {
  const stage = rest.length === 1 && rest[0] instanceof Doc ? rest[0] : null;
  const name = stage?.get("$count");
  if (typeof name === "string" && name !== "" && !name.startsWith("$") && !name.includes(".")) return (n) => new Doc([name], [n]);
  const group = stage?.get("$group");
  if (!(group instanceof Doc) || group.size !== 2 || group.keys[0] !== "_id") return null;
  const id = group.values[0]!;
  const sum = group.values[1];
  const constant = id === null || typeof id === "number";
  if (!constant || !(sum instanceof Doc) || sum.size !== 1 || sum.get("$sum") !== 1) return null;
  return (n) => new Doc(["_id", group.keys[1]!], [id, n]);
}

class Runner {
  readonly #source: PipelineSource | null;

  constructor(source: PipelineSource | null) {
    this.#source = source;
  }

  findContext(variables: Variables): FindContext {
    if (!this.#source) throw new CommandError(51047, "Location51047", "This pipeline may not read collections");
    return { ...this.#source.find, expression: expressionTest(variables) };
  }

  run(
    collection: CollectionTable | null,
    pipeline: readonly Value[],
    variables: Variables,
    { hint, input }: PipelineOptions = {},
  ): Stream {
    if (input) return this.#chain(input, pipeline, variables);
    const front = readFront(pipeline);
    const stages = front.rest.map((stage) => this.compile(stage, variables));
    let stream: Stream = [];
    if (collection) {
      const request = { collection, filter: front.filter, sort: front.sort, hint, skip: front.skip, limit: front.limit };
      stream = decoded(find(request, this.findContext(variables)).rows, stages[0]?.reads ?? null);
    }
    for (const { stage } of stages) stream = stage(stream);
    return stream;
  }

  compile(stage: Value, variables: Variables): { stage: Stage; reads: ReadonlySet<string> | null } {
    if (!(stage instanceof Doc) || stage.size !== 1)
      throw locationError(40323, "A pipeline stage specification object must contain exactly one field.");
    const name = stage.keys[0]!;
    const make = STAGES.get(name);
    if (!make) refuseStage(name);
    const compiler = new ExpressionCompiler(variables.keys());
    const compiled = make(stage.values[0]!, this.#context(variables), compiler);
    const readsKnown =
      (name === "$group" || name === "$bucket" || name === "$sortByCount" || name === "$count") && !compiler.wholeDocument;
    return { stage: compiled, reads: readsKnown ? compiler.fields : null };
  }

  #chain(input: Stream, pipeline: readonly Value[], variables: Variables): Stream {
    let stream = input;
    for (const stage of pipeline.map((stage) => this.compile(stage, variables).stage)) stream = stage(stream);
    return stream;
  }

  #context(variables: Variables): StageContext {
    const open = (name: string) => this.#source?.ground(name) ?? { collection: null, pipeline: [] };
    return {
      variables,
      expression: expressionTest(variables),
      search: (name, filter) => {
        const { collection, pipeline } = open(name);
        if (pipeline.length > 0) return this.run(collection, [...pipeline, Doc.of({ $match: filter })], variables);
        if (!collection) return [];
        const request = { collection, filter, sort: undefined, hint: undefined, skip: 0, limit: 0 };
        return decoded(find(request, this.findContext(variables)).rows, null);
      },
      run: (name, input, pipeline, inner) => {
        if (name === null) return this.#chain(input ?? [], pipeline, inner);
        const ground = open(name);
        return this.run(ground.collection, [...ground.pipeline, ...pipeline], inner);
      },
    };
  }
}

function* decoded(rows: Iterable<{ d: Uint8Array }>, fields: ReadonlySet<string> | null): Stream & Generator<Doc> {
  for (const { d } of rows) yield fields ? decodeFields(d, fields) : decode(d);
}
