/** The _id of a document: always present, always first, never an array. */
import { systemClock } from "../../../core/clock";
import { Doc, Oid, Regex, typeName, UNDEFINED, type Value } from "../bson/value";
import { commandError } from "../command-error";

/** Puts the _id in front. */
export function idFirst(doc: Doc, id: Value): Doc {
  if (doc.keys[0] === "_id") {
    doc.values[0] = id;
    return doc;
  }
  doc.delete("_id");
  return new Doc(["_id", ...doc.keys], [id, ...doc.values]);
}

/** True when the first element is called _id. */
export const startsWithId = (bytes: Uint8Array): boolean =>
  bytes[5] === 95 && bytes[6] === 105 && bytes[7] === 100 && bytes[8] === 0;

/** Refuses what MongoDB does not accept as _id. */
export function checkId(id: Value): void {
  if (Array.isArray(id) || id instanceof Regex || id === UNDEFINED) {
    throw commandError("InvalidIdField", `The '_id' value cannot be of type ${typeName(id)}`);
  }
  if (id instanceof Doc && id.keys.some((key) => key.startsWith("$"))) {
    throw commandError(
      "DollarPrefixedFieldName",
      `_id fields may not contain '$'-prefixed fields: ${id.keys[0]} is not valid for storage.`,
    );
  }
}

/** An ObjectId made here, for documents that come without an _id: seconds in front, the rest random. */
export function newObjectId(now: number = systemClock.now()): Oid {
  const bytes = crypto.getRandomValues(Buffer.alloc(12));
  bytes.writeUInt32BE(Math.floor(now / 1000), 0);
  return new Oid(bytes.toString("hex"));
}
