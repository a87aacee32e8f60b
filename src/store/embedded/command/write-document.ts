/** Changing one found document, and making one when an upsert found none: shared by update and findAndModify. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import type { Doc, Value } from "../bson/value";
import type { Matcher } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import type { Row } from "../storage/connection";
import { idFirst, newObjectId } from "../storage/document-id";
import type { Updater } from "../update/updater";
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
  const doc = decode(row.d);
  const next = updater.apply(doc, {
    isInsert: false,
    now: context.clock.now(),
    position: () => matcher.position(decode(row.d)),
  });
  const bytes = encode(next);
  if (Buffer.compare(bytes, row.d) === 0) return { bytes, modified: false };
  collection.replace(context.writer, row, next, bytes, updater.touches);
  return { bytes, modified: true };
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
