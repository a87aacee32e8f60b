/** validate, reIndex, dbStats, collStats: checking, mending and measuring collections. */
import { Dbl, Doc } from "../bson/value";
import { commandError } from "../command-error";
import type { CollectionTable } from "../storage/collection-table";
import { specDoc } from "../storage/index-spec";
import type { IndexTable } from "../storage/index-table";
import { checkCollection } from "../storage/integrity";
import { existing, idIndexOf } from "./admin";
import type { CommandContext } from "./context";
import { isCapped } from "./document-rules";
import { okReply } from "./reply";
import { type CommandCall, namespaceOf } from "./request";

/** Compares every document with every index entry. */
export function validate(call: CommandCall, context: CommandContext): Uint8Array {
  const collection = existing(call, context);
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

/** Makes the entries of all indexes anew. */
export function reIndex(call: CommandCall, context: CommandContext): Uint8Array {
  const { catalog } = context.storage;
  const collection = catalog.writable(namespaceOf(call));
  if (!collection) throw commandError("NamespaceNotFound", `ns not found ${namespaceOf(call)}`);
  const count = collection.indexes.length + 1;
  for (const index of [...collection.indexes]) {
    catalog.dropIndex(collection, index);
    catalog.createIndex(collection, index.spec);
  }
  const indexes = [idIndexOf(collection), ...collection.indexes.map(({ spec }) => specDoc(spec))];
  return okReply({ nIndexesWas: count, nIndexes: count, indexes });
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
    capped: isCapped(collection),
    max: collection.options.get("max"),
    maxSize: collection.options.get("size"),
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
    views: context.storage.catalog.viewsIn(call.database).length,
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
