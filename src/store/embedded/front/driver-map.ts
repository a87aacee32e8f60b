/** Values -> Maps and BSON classes: what the stock driver writes back byte for byte, key order and number types included. */
import { mongo } from "mongoose";
import {
  Bin,
  BsonType,
  Code,
  DateTime,
  Dbl,
  Decimal,
  Doc,
  MAX_KEY,
  MIN_KEY,
  Oid,
  Regex,
  Sym,
  Timestamp,
  typeName,
  type Value,
} from "../bson/value";

/** A document as a Map; plain objects would move numeric keys to the front. */
export function toDriverMap(doc: Doc): Map<string, unknown> {
  return new Map(doc.keys.map((key, i) => [key, toDriver(doc.values[i]!)]));
}

function toDriver(value: Value): unknown {
  if (value === null || typeof value === "string" || typeof value === "boolean") return value;
  if (typeof value === "number") return (value | 0) === value ? new mongo.Int32(value) : new mongo.Double(value);
  if (typeof value === "bigint") return mongo.Long.fromBigInt(value);
  if (Array.isArray(value)) return value.map(toDriver);
  if (value instanceof Doc) return toDriverMap(value);
  if (value instanceof DateTime && value.exact === null) return new Date(value.ms);
  if (value instanceof Oid) return new mongo.ObjectId(value.hex);
  if (value instanceof Dbl) return new mongo.Double(value.value);
  if (value instanceof Bin) return new mongo.Binary(value.bytes, value.subtype);
  if (value instanceof Decimal) return new mongo.Decimal128(Buffer.from(value.bytes));
  if (value instanceof Regex) return new mongo.BSONRegExp(value.pattern, value.options);
  if (value instanceof Timestamp) return new mongo.Timestamp({ t: value.seconds, i: value.increment });
  if (value === MIN_KEY) return new mongo.MinKey();
  if (value === MAX_KEY) return new mongo.MaxKey();
  if (value instanceof Code && value.scope === null) return new mongo.Code(value.source);
  if (value instanceof Sym) return new mongo.BSONSymbol(value.value);
  throw new TypeError(`A value of the type ${value instanceof DateTime ? BsonType.date : typeName(value)} cannot be copied`);
}
