/** Changing one found document, and making one when an upsert found none: shared by the commands that write. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { DocumentPart } from "../bson/part";
import type { Doc, Value } from "../bson/value";
import { commandError } from "../command-error";
import type { Matcher } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import type { Row } from "../storage/connection";
import { idFirst, newObjectId } from "../storage/document-id";
import type { ApplyContext, Updater } from "../update/updater";
import { upsertSeed } from "../update/upsert";
import type { CommandContext } from "./context";
import { isCapped, trimToCap, validateDocument } from "./document-rules";
import { type CommandCall, namespaceOf } from "./request";

/** The collection a write command names, made when there is none and `create` says so. Throws for a view. */
export function targetOf(call: CommandCall, create: boolean, context: CommandContext): CollectionTable | null {
  const { catalog } = context.storage;
  const namespace = namespaceOf(call);
  const collection = create ? catalog.ensure(namespace) : catalog.writable(namespace);
  if (collection && call.transaction && isCapped(collection))
    throw commandError(
      "OperationNotSupportedInTransaction",
      `Collection '${namespace}' is a capped collection. Writes in transactions are not allowed on capped collections.`,
    );
  return collection;
}

/** Stores a new document in accordance with the rules of its collection; returns its _id. */
export function storeNew(collection: CollectionTable, source: Uint8Array, context: CommandContext): Value {
  if (collection.options.size === 0) return collection.insert(context.writer, source);
  let bytes = source;
  let doc = decode(bytes);
  if (!doc.has("_id")) {
    doc = idFirst(doc, newObjectId(context.clock.now()));
    bytes = encode(doc);
  }
  validateDocument(collection, doc, null, context);
  const id = collection.insert(context.writer, bytes);
  if (isCapped(collection)) trimToCap(collection, bytes.length, context);
  return id;
}

export interface Changed {
  bytes: Uint8Array;
  /** False when the update left every byte as it was. */
  modified: boolean;
}

/** Applies the update to a row and stores the result. */
export function changeRow(
  collection: CollectionTable,
  row: Row,
  updater: Updater,
  matcher: Matcher,
  context: CommandContext,
): Changed {
  const bytes = changedBytes(row.d, updater, {
    isInsert: false,
    now: context.clock.now(),
    position: () => matcher.position(decode(row.d)),
  });
  if (Buffer.compare(bytes, row.d) === 0) return { bytes, modified: false };
  if (collection.options.size > 0) {
    validateDocument(collection, decode(bytes), row.d, context);
    if (collection.use) collection.use.bytes += bytes.length - row.d.length;
  }
  collection.replace(context.writer, row, bytes, updater.touches);
  return { bytes, modified: true };
}

function changedBytes(source: Uint8Array, updater: Updater, context: ApplyContext): Uint8Array {
  if (updater.touches === null) return encode(updater.apply(decode(source), context));
  // The _id is read along for what is said when the update fails.
  const part = new DocumentPart(source, new Set([...updater.touches, "_id"]));
  return part.with(updater.apply(part.doc, context));
}

export interface Upserted {
  id: Value;
  bytes: Uint8Array;
}

/** Inserts what filter and update make together. */
export function upsert(collection: CollectionTable, filter: Doc, updater: Updater, context: CommandContext): Upserted {
  const seed = upsertSeed(filter, updater.kind === "replacement");
  let next = updater.apply(seed, { isInsert: true, now: context.clock.now(), position: () => undefined });
  const id = next.get("_id") ?? newObjectId(context.clock.now());
  next = idFirst(next, id);
  const bytes = encode(next);
  storeNew(collection, bytes, context);
  return { id, bytes };
}
