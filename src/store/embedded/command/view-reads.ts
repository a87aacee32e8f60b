/** Reads of a view: the view's pipeline, and behind it what the command asks, run on the collection below. */
import { runPipeline } from "../aggregate/pipeline";
import { decode } from "../bson/decode";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import type { CollectionTable } from "../storage/collection-table";
import type { View } from "../storage/view";
import type { CommandContext } from "./context";

/** Views on views on views: so many at most. */
const DEEPEST = 20;

export interface Ground {
  /** The collection at the bottom; null when it does not exist. */
  collection: CollectionTable | null;
  /** What all the views above it do, the lowest first. */
  pipeline: readonly Value[];
}

/** Goes down from a name to a collection. */
export function groundOf(namespace: string, context: Pick<CommandContext, "collection" | "view">): Ground {
  let pipeline: readonly Value[] = [];
  let name = namespace;
  for (let depth = 0; depth <= DEEPEST; depth++) {
    const view = context.view(name);
    if (!view) return { collection: context.collection(name), pipeline };
    pipeline = [...view.pipeline, ...pipeline];
    name = below(view);
  }
  throw commandError("ViewDepthLimitExceeded", `View depth limit exceeded; maximum depth is ${DEEPEST}`);
}

const below = ({ namespace, on }: View): string => `${namespace.slice(0, namespace.indexOf("."))}.${on}`;

/** Throws when the view would, by way of others, read itself. */
export function refuseCycle(view: View, context: Pick<CommandContext, "view">): void {
  for (let name = below(view), depth = 0; ; depth++) {
    if (name === view.namespace) throw commandError("GraphContainsCycle", `View cycle detected: ${view.namespace}`);
    const next = context.view(name);
    if (!next) return;
    if (depth >= DEEPEST) throw commandError("ViewDepthLimitExceeded", `View depth limit exceeded; maximum depth is ${DEEPEST}`);
    name = below(next);
  }
}

export interface Asked {
  filter: Doc;
  sort?: Value | undefined;
  skip?: number;
  limit?: number;
  projection?: Value | undefined;
}

/** The documents of a view that a find, count or distinct asks for. */
export function readView(
  view: View,
  { filter, sort, skip = 0, limit = 0, projection }: Asked,
  context: CommandContext,
): Iterable<Uint8Array> {
  const { collection, pipeline } = groundOf(view.namespace, context);
  const stages: Value[] = [...pipeline];
  if (filter.size > 0) stages.push(Doc.of({ $match: filter }));
  if (sort instanceof Doc && sort.size > 0) stages.push(Doc.of({ $sort: sort }));
  if (skip > 0) stages.push(Doc.of({ $skip: skip }));
  if (limit > 0) stages.push(Doc.of({ $limit: limit }));
  if (projection instanceof Doc && projection.size > 0) stages.push(Doc.of({ $project: projection }));
  return runPipeline(sourceIn(view.namespace, context), collection, stages, context.variables());
}

export function countView(view: View, asked: Asked, context: CommandContext): number {
  let n = 0;
  for (const _ of readView(view, asked, context)) n++;
  return n;
}

export function* documentsOfView(view: View, asked: Asked, context: CommandContext): Generator<Doc> {
  for (const bytes of readView(view, asked, context)) yield decode(bytes);
}

/** What pipelines in a database read from. */
export function sourceIn(namespace: string, context: CommandContext) {
  const database = namespace.slice(0, namespace.indexOf("."));
  return { ground: (name: string) => groundOf(`${database}.${name}`, context), find: context };
}

/** The view that `create` or `collMod` describes. */
export function readViewOptions(namespace: string, body: Doc, context: CommandContext): View {
  const [on, pipeline] = [body.get("viewOn"), body.get("pipeline") ?? []];
  if (typeof on !== "string" || on === "") throw commandError("BadValue", "'viewOn' must be a non-empty string");
  if (!Array.isArray(pipeline)) throw commandError("TypeMismatch", "BSON field 'pipeline' must be an array");
  for (const stage of pipeline) {
    const name = stage instanceof Doc ? stage.keys[0] : undefined;
    if (name === "$out" || name === "$merge")
      throw commandError("OptionNotSupportedOnView", `The aggregation stage ${name} cannot be used in a view definition`);
  }
  const view = { namespace, on, pipeline };
  refuseCycle(view, context);
  return view;
}
