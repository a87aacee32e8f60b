/** The driver's JS values -> the engine's values, without a detour through bytes; types as the driver's own writer chooses them. */
import { mongo } from "mongoose";
import { decode } from "../bson/decode";
import { Bin, DateTime, Dbl, Doc, double, Oid, type Value } from "../bson/value";

type Fields = Record<string, unknown>;

const MAX_DEPTH = 180;

/** A command without the field that travels beside it. */
export function toBody(command: Fields, ignoreUndefined: boolean, payload: string | null): Doc {
  const out = new Doc();
  for (const key of Object.keys(command)) if (key !== payload) addField(out, key, command[key], ignoreUndefined, 0);
  return out;
}

/** A document; `undefined` becomes null unless the options say to leave it out. */
export function toDoc(source: Fields, ignoreUndefined: boolean, depth = 0): Doc {
  if (depth > MAX_DEPTH) throw new mongo.BSON.BSONError("The document is nested too deeply, or contains itself");
  const out = new Doc();
  if (source instanceof Map) {
    for (const [key, value] of source) addField(out, String(key), value, ignoreUndefined, depth);
    return out;
  }
  for (const key of Object.keys(source)) addField(out, key, source[key], ignoreUndefined, depth);
  return out;
}

function addField(out: Doc, key: string, value: unknown, ignoreUndefined: boolean, depth: number): void {
  if (typeof value === "function" || typeof value === "symbol" || (value === undefined && ignoreUndefined)) return;
  if (key.includes("\0")) throw new mongo.BSON.BSONError(`key ${key} must not contain null bytes`);
  out.push(key, toValue(value, ignoreUndefined, depth));
}

/** One value. */
function toValue(value: unknown, ignoreUndefined: boolean, depth: number): Value {
  switch (typeof value) {
    case "string":
    case "boolean":
      return value;
    case "number":
      // An integer of 32 bits is an int32, everything else (also -0) a double.
      return Object.is(value, -0) ? new Dbl(-0) : value;
    case "bigint":
      return BigInt.asIntN(64, value);
  }
  if (value === null || value === undefined || typeof value !== "object") return null;
  if (Array.isArray(value)) {
    if (depth > MAX_DEPTH) throw new mongo.BSON.BSONError("The document is nested too deeply, or contains itself");
    return value.map((item) => toValue(item, ignoreUndefined, depth + 1));
  }
  if (value instanceof Date) return new DateTime(value.getTime());
  if (value instanceof Map) return toDoc(value as unknown as Fields, ignoreUndefined, depth + 1);
  if (value instanceof Uint8Array) return new Bin(0, new Uint8Array(value));
  if ("_bsontype" in value) return fromBsonClass(value, ignoreUndefined);
  if (value instanceof RegExp) return throughBytes(value, ignoreUndefined);
  if ("toBSON" in value && typeof value.toBSON === "function") return toValue(value.toBSON(), ignoreUndefined, depth);
  return toDoc(value as Fields, ignoreUndefined, depth + 1);
}

function fromBsonClass(value: object, ignoreUndefined: boolean): Value {
  if (value instanceof mongo.ObjectId) return new Oid(value.toHexString());
  // To the driver a Timestamp is a kind of Long.
  if (value instanceof mongo.Long && !(value instanceof mongo.Timestamp)) return value.toBigInt();
  if (value instanceof mongo.Double) return double(value.value);
  if (value instanceof mongo.Int32) return value.value;
  // Subtype 2 has a second length inside, which is the driver's affair.
  if (value instanceof mongo.Binary && value.sub_type !== mongo.Binary.SUBTYPE_BYTE_ARRAY)
    return new Bin(value.sub_type, value.buffer.slice(0, value.position));
  return throughBytes(value, ignoreUndefined);
}

/** The rare types: written by the driver, read by the engine. */
function throughBytes(value: object, ignoreUndefined: boolean): Value {
  return decode(mongo.BSON.serialize({ value }, { ignoreUndefined })).get("value") ?? null;
}
