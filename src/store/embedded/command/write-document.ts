/** Changing one found document, and making one when an upsert found none: shared by update and findAndModify. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { DocumentPart } from "../bson/part";
import type { Doc, Value } from "../bson/value";
import type { Matcher } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import type { Row } from "../storage/connection";
import { idFirst, newObjectId } from "../storage/document-id";
import type { ApplyContext, Updater } from "../update/updater";
import { upsertSeed } from "../update/upsert";
import type { CommandContext } from "./context";

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
  collection.insert(context.writer, bytes);
  return { id, bytes };
}
