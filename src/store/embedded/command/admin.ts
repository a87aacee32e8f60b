/** Commands about collections, indexes and the server itself. */
import { encode } from "../bson/encode";
import { Bin, DateTime, Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { compileFilter } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import { readIndexSpec, specDoc } from "../storage/index-spec";
import { viewOptions } from "../storage/view";
import { readOptions } from "./collection-options";
import type { CommandContext } from "./context";
import { okReply, type Reply } from "./reply";
import { type CommandCall, docField, namespaceOf } from "./request";
import { readViewOptions } from "./view-reads";

/** MongoDB 7.0: the version whose behaviour the engine follows. */
export const VERSION = "7.0.0";
export const WIRE_VERSION = 21;

export const hello = (_call: CommandCall, context: CommandContext): Uint8Array =>
  okReply({
    isWritablePrimary: true,
    ismaster: true,
    helloOk: true,
    maxBsonObjectSize: 16_777_216,
    maxMessageSizeBytes: 48_000_000,
    maxWriteBatchSize: 100_000,
    localTime: new DateTime(context.clock.now()),
    logicalSessionTimeoutMinutes: 30,
    connectionId: 1,
    minWireVersion: 0,
    maxWireVersion: WIRE_VERSION,
    readOnly: false,
  });

export const buildInfo = (): Uint8Array =>
  okReply({
    version: VERSION,
    gitVersion: "embedded",
    modules: ["embedded"],
    versionArray: [7, 0, 0, 0],
    bits: 64,
    debug: false,
    maxBsonObjectSize: 16_777_216,
    storageEngines: ["sqlite"],
  });

export const done = (): Uint8Array => okReply();

export function create(call: CommandCall, context: CommandContext): Uint8Array {
  const namespace = namespaceOf(call);
  const { catalog } = context.storage;
  if (catalog.find(namespace) || catalog.view(namespace))
    throw commandError("NamespaceExists", `Collection ${namespace} already exists.`);
  if (!call.body.has("viewOn")) {
    catalog.create(namespace, readOptions(call.body, context));
    return okReply();
  }
  if (call.transaction)
    throw commandError("OperationNotSupportedInTransaction", "Cannot create a view in a multi-document transaction.");
  catalog.setView(readViewOptions(namespace, call.body, context));
  return okReply();
}

/** The collection a command is about; throws when there is none, or a view. */
export function existing(call: CommandCall, context: CommandContext): CollectionTable {
  const namespace = namespaceOf(call);
  if (context.view(namespace))
    throw commandError("CommandNotSupportedOnView", `Namespace ${namespace} is a view, not a collection`);
  const collection = context.collection(namespace);
  if (!collection) throw commandError("NamespaceNotFound", `ns does not exist: ${namespace}`);
  return collection;
}

export function drop(call: CommandCall, context: CommandContext): Uint8Array {
  const namespace = namespaceOf(call);
  const { catalog } = context.storage;
  const view = catalog.view(namespace);
  if (view) {
    catalog.dropView(view);
    return okReply({ ns: namespace });
  }
  const collection = catalog.find(namespace);
  // MongoDB 7 answers ok for a collection that does not exist.
  if (!collection) return okReply();
  catalog.drop(collection);
  return okReply({ nIndexesWas: collection.indexes.length + 1, ns: namespace });
}

export function dropDatabase(call: CommandCall, context: CommandContext): Uint8Array {
  const { catalog } = context.storage;
  for (const view of catalog.viewsIn(call.database)) catalog.dropView(view);
  for (const collection of catalog.inDatabase(call.database)) catalog.drop(collection);
  return okReply({ dropped: call.database });
}

export function renameCollection(call: CommandCall, context: CommandContext): Uint8Array {
  const [from, to] = [call.body.values[0], call.body.get("to")];
  if (typeof from !== "string" || typeof to !== "string")
    throw commandError("TypeMismatch", "renameCollection needs two namespaces");
  const { catalog } = context.storage;
  const collection = catalog.writable(from);
  if (!collection) throw commandError("NamespaceNotFound", `Source collection ${from} does not exist`);
  const target = catalog.writable(to);
  if (target && !call.body.get("dropTarget")) throw commandError("NamespaceExists", "target namespace exists");
  if (target) catalog.drop(target);
  catalog.rename(collection, to);
  return okReply();
}

export function listDatabases(call: CommandCall, context: CommandContext): Uint8Array {
  const names = [...new Set(context.storage.catalog.all().map((collection) => collection.database))].sort();
  const filter = docField(call, "filter");
  const matcher = compileFilter(filter, context.expression);
  const bytes = context.connection().number("PRAGMA page_count") * context.connection().number("PRAGMA page_size");
  const databases = names
    .map((name) => Doc.of({ name, sizeOnDisk: BigInt(bytes), empty: false }))
    .filter((doc) => matcher.test(doc));
  if (call.body.get("nameOnly")) return okReply({ databases: databases.map((doc) => Doc.of({ name: doc.get("name") })) });
  return okReply({ databases, totalSize: BigInt(bytes), totalSizeMb: BigInt(Math.floor(bytes / 1_048_576)) });
}

const ID_INDEX = Doc.of({ v: 2, key: Doc.of({ _id: 1 }), name: "_id_" });

export function idIndexOf({ options }: CollectionTable): Doc {
  const clustered = options.get("clusteredIndex");
  return clustered instanceof Doc ? Doc.of({ ...fieldsOf(clustered), clustered: true }) : ID_INDEX;
}

const fieldsOf = (doc: Doc): Record<string, Value> => Object.fromEntries(doc.keys.map((key, i) => [key, doc.values[i]!]));

export function listCollections(call: CommandCall, context: CommandContext): Reply {
  const matcher = compileFilter(docField(call, "filter"), context.expression);
  const documents = context.storage.catalog
    .inDatabase(call.database)
    .filter((collection) => context.collection(collection.namespace) !== null)
    .map((collection) => {
      const info = Doc.of({ readOnly: false, uuid: uuidOf(collection) });
      return Doc.of({
        name: collection.name,
        type: "collection",
        options: collection.options,
        info,
        idIndex: idIndexOf(collection),
      });
    });
  for (const view of context.storage.catalog.viewsIn(call.database)) {
    const name = view.namespace.slice(call.database.length + 1);
    documents.push(Doc.of({ name, type: "view", options: viewOptions(view), info: Doc.of({ readOnly: true }) }));
  }
  const shown = documents
    .filter((doc) => matcher.test(doc))
    .map((doc) => (call.body.get("nameOnly") ? Doc.of({ name: doc.get("name"), type: doc.get("type") }) : doc));
  return context.cursors.open({
    namespace: `${call.database}.$cmd.listCollections`,
    documents: shown.map(encode),
    batchSize: batchSizeOf(call, shown.length),
    single: false,
    transaction: null,
  });
}

/** The same for as long as the collection exists, renamed or not. */
function uuidOf({ id }: CollectionTable): Bin {
  const bytes = new Uint8Array(new Bun.CryptoHasher("sha256").update(`collection ${id}`).digest()).slice(0, 16);
  bytes[6] = (bytes[6]! & 0x0f) | 0x80;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  return new Bin(4, bytes);
}

function batchSizeOf(call: CommandCall, otherwise: number): number {
  const size = docField(call, "cursor").get("batchSize");
  return typeof size === "number" ? size : Math.max(otherwise, 1);
}

export function listIndexes(call: CommandCall, context: CommandContext): Reply {
  const collection = existing(call, context);
  const documents = [idIndexOf(collection), ...collection.indexes.map((index) => specDoc(index.spec))].map(encode);
  return context.cursors.open({
    namespace: collection.namespace,
    documents,
    batchSize: batchSizeOf(call, documents.length),
    single: false,
    transaction: null,
  });
}

export function createIndexes(call: CommandCall, context: CommandContext): Uint8Array {
  const { catalog } = context.storage;
  const namespace = namespaceOf(call);
  const list = call.body.get("indexes");
  if (!Array.isArray(list) || list.length === 0) throw commandError("BadValue", "Must specify at least one index to create");
  const specs = list.map(readIndexSpec);
  const present = catalog.writable(namespace);
  const existed = present !== null;
  // Readers outside would meet an index that is not there for them yet.
  if (call.transaction && present && !present.uncommitted && specs.some((spec) => !catalog.hasIndex(present, spec)))
    throw commandError(
      "OperationNotSupportedInTransaction",
      `Cannot create new indexes on existing collection ${namespace} in a multi-document transaction.`,
    );
  const collection = catalog.ensure(namespace);
  const before = collection.indexes.length + 1;
  for (const spec of specs) catalog.createIndex(collection, spec);
  const after = collection.indexes.length + 1;
  return okReply({
    numIndexesBefore: before,
    numIndexesAfter: after,
    createdCollectionAutomatically: !existed,
    note: before === after ? "all indexes already exist" : undefined,
  });
}

export function dropIndexes(call: CommandCall, context: CommandContext): Uint8Array {
  const collection = existing(call, context);
  const wanted = call.body.get("index");
  const before = collection.indexes.length + 1;
  const targets: Value[] = Array.isArray(wanted)
    ? wanted
    : wanted === "*"
      ? collection.indexes.map((index) => index.spec.name)
      : [wanted ?? null];
  for (const target of targets) {
    if (target === "_id_" || (target instanceof Doc && target.size === 1 && target.has("_id"))) {
      throw commandError("InvalidOptions", "cannot drop _id index");
    }
    const index = context.storage.catalog.findIndex(collection, target);
    if (!index) {
      const named =
        target instanceof Doc
          ? `can't find index with key: ${String(target.keys)}`
          : `index not found with name [${String(target)}]`;
      throw commandError("IndexNotFound", named);
    }
    context.storage.catalog.dropIndex(collection, index);
  }
  return okReply({ nIndexesWas: before });
}
