/** collMod, validate, dbStats, collStats: keeping and measuring collections. */
import { Dbl, Doc, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { truthy } from "../query/leaf";
import type { CollectionTable } from "../storage/collection-table";
import type { IndexTable } from "../storage/index-table";
import { checkCollection } from "../storage/integrity";
import type { CommandContext } from "./context";
import { okReply } from "./reply";
import { type CommandCall, namespaceOf } from "./request";

function required(call: CommandCall, context: CommandContext): CollectionTable {
  const namespace = namespaceOf(call);
  const collection = context.collection(namespace);
  if (!collection) throw commandError("NamespaceNotFound", `ns does not exist: ${namespace}`);
  return collection;
}

/** Changes the expiry or the visibility of an index. */
export function collMod(call: CommandCall, context: CommandContext): Uint8Array {
  const collection = required(call, context);
  for (const field of [
    "validator",
    "viewOn",
    "pipeline",
    "timeseries",
    "cappedSize",
    "cappedMax",
    "changeStreamPreAndPostImages",
  ]) {
    if (call.body.has(field))
      throw commandError("NotImplemented", `collMod with ${field} is not supported by the embedded store`);
  }
  const change = call.body.get("index");
  if (!(change instanceof Doc)) return okReply();
  const index = context.storage.catalog.findIndex(collection, change.get("name") ?? change.get("keyPattern") ?? null);
  if (!index) throw commandError("IndexNotFound", `cannot find index for ns ${collection.namespace}`);
  const reply: Record<string, Value> = {};
  const spec = { ...index.spec };
  const expiry = change.get("expireAfterSeconds");
  if (expiry !== undefined) {
    if (!isNumeric(expiry)) throw commandError("InvalidOptions", "expireAfterSeconds field must be a number");
    if (index.paths.length > 1) throw commandError("InvalidOptions", "TTL indexes are single-field indexes");
    if (spec.expireAfterSeconds !== null) reply.expireAfterSeconds_old = spec.expireAfterSeconds;
    spec.expireAfterSeconds = Math.trunc(toNumber(expiry));
    reply.expireAfterSeconds_new = spec.expireAfterSeconds;
  }
  const hidden = change.get("hidden");
  if (hidden !== undefined) {
    reply.hidden_old = spec.hidden;
    spec.hidden = truthy(hidden);
    reply.hidden_new = spec.hidden;
  }
  context.storage.catalog.alterIndex(collection, index, spec);
  return okReply(reply);
}

/** Compares every document with every index entry. */
export function validate(call: CommandCall, context: CommandContext): Uint8Array {
  const collection = required(call, context);
  const { errors, documents, entries } = checkCollection(collection, context.connection());
  const keysPerIndex = Doc.of({ _id_: documents, ...Object.fromEntries(entries) });
  return okReply({
    ns: collection.namespace,
    nInvalidDocuments: 0,
    nrecords: documents,
    nIndexes: collection.indexes.length + 1,
    keysPerIndex,
    valid: errors.length === 0,
    warnings: [],
    errors,
  });
}

const number = (value: number): Dbl => new Dbl(value);

function sizes(collection: CollectionTable, context: CommandContext): { count: number; bytes: number } {
  const connection = context.connection();
  return {
    count: collection.count(connection),
    bytes: connection.number(`SELECT coalesce(sum(length(d)), 0) AS n FROM ${collection.table}`),
  };
}

export function collStats(call: CommandCall, context: CommandContext): Uint8Array {
  const namespace = namespaceOf(call);
  const collection = context.collection(namespace);
  if (!collection)
    return okReply({
      ns: namespace,
      count: 0,
      size: 0,
      storageSize: 0,
      nindexes: 0,
      totalIndexSize: 0,
      indexSizes: new Doc(),
      scaleFactor: 1,
    });
  const { count, bytes } = sizes(collection, context);
  return okReply({
    ns: namespace,
    count,
    size: bytes,
    avgObjSize: count > 0 ? Math.round(bytes / count) : undefined,
    storageSize: bytes,
    capped: false,
    nindexes: collection.indexes.length + 1,
    indexDetails: new Doc(),
    totalIndexSize: 0,
    indexSizes: Doc.of(
      Object.fromEntries(["_id_", ...collection.indexes.map((index: IndexTable) => index.spec.name)].map((name) => [name, 0])),
    ),
    scaleFactor: 1,
  });
}

export function dbStats(call: CommandCall, context: CommandContext): Uint8Array {
  const collections = context.storage.catalog.inDatabase(call.database);
  const all = collections.map((collection) => sizes(collection, context));
  const connection = context.connection();
  const fileBytes = connection.number("PRAGMA page_count") * connection.number("PRAGMA page_size");
  const objects = all.reduce((sum, { count }) => sum + count, 0);
  const dataSize = all.reduce((sum, { bytes }) => sum + bytes, 0);
  return okReply({
    db: call.database,
    collections: collections.length,
    views: 0,
    objects,
    avgObjSize: number(objects > 0 ? dataSize / objects : 0),
    dataSize: number(dataSize),
    storageSize: number(fileBytes),
    indexes: collections.reduce((sum, { indexes }) => sum + indexes.length + 1, 0),
    indexSize: number(0),
    totalSize: number(fileBytes),
    scaleFactor: number(1),
  });
}
