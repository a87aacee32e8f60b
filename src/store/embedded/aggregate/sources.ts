/** First stages that make documents of their own instead of reading a collection. */
import { DateTime, Dbl, Doc, type Value } from "../bson/value";
import type { CommandContext } from "../command/context";
import { isCapped } from "../command/document-rules";
import { refuseSearchIndexes } from "../command/search-indexes";
import { commandError, locationError } from "../command-error";
import type { CollectionTable } from "../storage/collection-table";
import { specDoc } from "../storage/index-spec";
import { ExpressionCompiler, scopeOf } from "./expression";

export interface SourceCall {
  namespace: string;
  collection: CollectionTable | null;
  argument: Value;
  context: CommandContext;
}

type Source = (call: SourceCall) => Doc[];

/** `{$documents: [...]}`: the documents are in the command. */
const documents: Source = ({ argument, context }) => {
  const variables = context.variables();
  const value = new ExpressionCompiler(variables.keys()).compile(argument)(scopeOf(new Doc(), variables));
  if (!Array.isArray(value)) throw locationError(5858203, "an array is expected in $documents");
  return value.map((item) => {
    if (item instanceof Doc) return item;
    throw locationError(40228, "'newRoot' expression  must evaluate to an object, but resulting value was not one");
  });
};

const collStats: Source = ({ namespace, collection, argument, context }) => {
  if (!collection) throw commandError("NamespaceNotFound", `Collection [${namespace}] not found.`);
  const asked = argument instanceof Doc ? argument : new Doc();
  const connection = context.connection();
  const count = collection.count(connection);
  const out = Doc.of({ ns: namespace, host: "embedded", localTime: new DateTime(context.clock.now()) });
  if (asked.has("storageStats")) {
    const size = connection.number(`SELECT coalesce(sum(length(d)), 0) AS n FROM ${collection.table}`);
    const nindexes = collection.indexes.length + 1;
    const avgObjSize = count > 0 ? Math.round(size / count) : undefined;
    out.push("storageStats", Doc.of({ size, count, avgObjSize, storageSize: size, capped: isCapped(collection), nindexes }));
  }
  if (asked.has("count")) out.push("count", count);
  return [out];
};

const indexStats: Source = ({ collection, context }) => {
  if (!collection) return [];
  const specs = [Doc.of({ v: 2, key: Doc.of({ _id: 1 }), name: "_id_" }), ...collection.indexes.map(({ spec }) => specDoc(spec))];
  const accesses = Doc.of({ ops: 0n, since: new DateTime(context.clock.now()) });
  return specs.map((spec) => Doc.of({ name: spec.get("name"), key: spec.get("key"), host: "embedded", accesses, spec }));
};

/** The session that asks is the one there is. */
const localSessions: Source = ({ context }) => [
  Doc.of({ _id: Doc.of({ id: "embedded" }), lastUse: new DateTime(context.clock.now()) }),
];

function commandIn(body: Doc, namespace: string): Doc {
  const command = new Doc([...body.keys], [...body.values]);
  command.set("$db", namespace.slice(0, namespace.indexOf(".")));
  return command;
}

/** Commands run one after the other: the one that asks is the one that runs. */
const currentOp: Source = ({ namespace, context }) => [
  Doc.of({
    type: "op",
    host: "embedded",
    desc: "embedded",
    active: true,
    currentOpTime: new Date(context.clock.now()).toISOString(),
    op: "command",
    command: commandIn(context.command(), namespace),
    secs_running: new Dbl(0),
  }),
];

/** By name; `database`: without a collection. */
export const SOURCES: ReadonlyMap<string, { source: Source; database: boolean }> = new Map(
  Object.entries({
    $documents: { source: documents, database: true },
    $currentOp: { source: currentOp, database: true },
    $listLocalSessions: { source: localSessions, database: true },
    $collStats: { source: collStats, database: false },
    $indexStats: { source: indexStats, database: false },
    $listSearchIndexes: { source: refuseSearchIndexes, database: false },
  }),
);
