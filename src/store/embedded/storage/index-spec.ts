/** Index definitions: reading them from createIndexes, refusing what is not supported, comparing them. */
import { encode } from "../bson/encode";
import { showDoc } from "../bson/show";
import { Doc, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { truthy } from "../query/leaf";
import { refuseCollation } from "../unsupported";

export interface IndexSpec {
  name: string;
  key: Doc;
  unique: boolean;
  sparse: boolean;
  hidden: boolean;
  partial: Doc | null;
  /** Seconds after which a document expires; null for other indexes. */
  expireAfterSeconds: number | null;
}

const OPTIONS = new Set([
  "v",
  "key",
  "name",
  "unique",
  "sparse",
  "hidden",
  "partialFilterExpression",
  "expireAfterSeconds",
  "background",
  "ns",
  "collation",
]);
const REFUSED_KINDS = new Set(["text", "2d", "2dsphere", "geoHaystack", "hashed", "columnstore"]);

/** Reads one element of `indexes`. */
export function readIndexSpec(spec: Value): IndexSpec {
  if (!(spec instanceof Doc)) throw commandError("TypeMismatch", "each index must be a document");
  for (const option of spec.keys) {
    if (!OPTIONS.has(option))
      throw commandError(
        "InvalidIndexSpecificationOption",
        `The field '${option}' is not valid for an index specification. Specification: ${showDoc(spec)}`,
      );
  }
  const key = spec.get("key");
  if (!(key instanceof Doc) || key.size === 0) throw commandError("CannotCreateIndex", "Index keys cannot be empty.");
  for (const [i, path] of key.keys.entries()) checkKeyPart(path, key.values[i]!);
  refuseCollation(spec.get("collation"));
  const name = spec.get("name");
  if (name === undefined)
    throw commandError("FailedToParse", "The 'name' field is a required property of an index specification");
  if (typeof name !== "string" || name === "")
    throw commandError("CannotCreateIndex", "The field 'name' must be a string that is not empty");
  const sparse = truthy(spec.get("sparse"));
  const partial = readPartial(spec.get("partialFilterExpression"));
  if (sparse && partial) throw commandError("CannotCreateIndex", 'cannot mix "partialFilterExpression" and "sparse" options');
  return {
    name,
    key,
    unique: truthy(spec.get("unique")),
    sparse,
    hidden: truthy(spec.get("hidden")),
    partial,
    expireAfterSeconds: readExpiry(spec.get("expireAfterSeconds"), key),
  };
}

function checkKeyPart(path: string, direction: Value): void {
  if (typeof direction === "string" && REFUSED_KINDS.has(direction)) {
    throw commandError("NotImplemented", `${direction} indexes are not supported by the embedded store`);
  }
  if (!isNumeric(direction) || toNumber(direction) === 0 || Number.isNaN(toNumber(direction))) {
    throw commandError("CannotCreateIndex", "Values in the index key pattern must be non-zero numbers");
  }
  if (path.includes("$**")) throw commandError("NotImplemented", "wildcard indexes are not supported by the embedded store");
  if (path === "" || path.split(".").includes(""))
    throw commandError("CannotCreateIndex", "Index keys cannot be an empty field.");
  if (path.startsWith("$"))
    throw commandError("CannotCreateIndex", "Index key contains an illegal field name: field name starts with '$'.");
}

const PARTIAL_OPERATORS = new Set(["$eq", "$exists", "$gt", "$gte", "$lt", "$lte", "$type", "$in"]);

/** The filter of a partial index: MongoDB allows equality, $exists: true, comparisons, $type, $in, $and and $or. */
function readPartial(filter: Value | undefined): Doc | null {
  if (filter === undefined) return null;
  if (!(filter instanceof Doc))
    throw commandError("CannotCreateIndex", '"partialFilterExpression" for an index must be a document');
  checkPartial(filter);
  return filter;
}

function checkPartial(filter: Doc): void {
  filter.keys.forEach((key, i) => {
    const value = filter.values[i];
    if ((key === "$and" || key === "$or") && Array.isArray(value)) {
      for (const branch of value) if (branch instanceof Doc) checkPartial(branch);
      return;
    }
    const operators = value instanceof Doc && value.keys[0]?.startsWith("$") ? value.keys : [];
    const wrong = key.startsWith("$") ? key : operators.find((op) => !PARTIAL_OPERATORS.has(op));
    if (wrong) throw commandError("CannotCreateIndex", `Expression not supported in partial index: ${wrong}`);
    if (value instanceof Doc && value.has("$exists") && !truthy(value.get("$exists"))) {
      throw commandError("CannotCreateIndex", `Expression not supported in partial index: ${key} $exists: false`);
    }
  });
}

function readExpiry(value: Value | undefined, key: Doc): number | null {
  if (value === undefined) return null;
  const seconds = isNumeric(value) ? Math.trunc(toNumber(value)) : Number.NaN;
  if (!Number.isFinite(seconds)) throw commandError("CannotCreateIndex", "TTL index 'expireAfterSeconds' option must be numeric");
  if (seconds < 0 || seconds > 2147483647)
    throw commandError("CannotCreateIndex", "TTL index 'expireAfterSeconds' option must be within an acceptable range");
  if (key.size > 1)
    throw commandError("CannotCreateIndex", "TTL indexes are single-field indexes, compound indexes do not support TTL");
  if (key.keys[0] === "_id")
    throw commandError(
      "InvalidIndexSpecificationOption",
      "The field 'expireAfterSeconds' is not valid for an _id index specification",
    );
  return seconds;
}

/** The specification as listIndexes shows it. */
export function specDoc(spec: IndexSpec): Doc {
  return Doc.of({
    v: 2,
    key: spec.key,
    name: spec.name,
    unique: spec.unique || undefined,
    sparse: spec.sparse || undefined,
    hidden: spec.hidden || undefined,
    partialFilterExpression: spec.partial ?? undefined,
    expireAfterSeconds: spec.expireAfterSeconds ?? undefined,
  });
}

const sameDoc = (a: Doc | null, b: Doc | null): boolean => (a && b ? Buffer.compare(encode(a), encode(b)) === 0 : a === b);

const directionsOf = (key: Doc): string => key.keys.map((path, i) => `${path}:${toNumber(key.values[i])}`).join();

export const sameKey = (a: Doc, b: Doc): boolean => directionsOf(a) === directionsOf(b);

/** The same index: MongoDB tells indexes apart by keys, partial filter, unique and sparse. */
export const sameTarget = (a: IndexSpec, b: IndexSpec): boolean =>
  sameKey(a.key, b.key) && sameDoc(a.partial, b.partial) && a.unique === b.unique && a.sparse === b.sparse;

export const sameSpec = (a: IndexSpec, b: IndexSpec): boolean =>
  sameTarget(a, b) && a.expireAfterSeconds === b.expireAfterSeconds;
