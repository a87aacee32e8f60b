/** Sort specifications: a document -> the bytes by which it sorts. An array sorts by its smallest (or largest) element. */
import { compareValues } from "../bson/compare";
import { compoundKey } from "../bson/key";
import { Doc, isNumeric, toNumber, UNDEFINED, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { collect, type Path, pathOf } from "./path";

export interface Order {
  paths: readonly string[];
  /** 1 or -1 for each path. */
  directions: readonly number[];
  /** Top-level fields that are looked at. */
  fields: ReadonlySet<string>;
  keyOf(doc: Doc): Uint8Array;
}

/** Reads `{a: 1, b: -1}`; null when there is nothing to sort by. */
export function readOrder(spec: Value | undefined): Order | null {
  if (spec === undefined || spec === null) return null;
  if (!(spec instanceof Doc)) throw commandError("TypeMismatch", "Expected field sort to be of type object");
  if (spec.size === 0) return null;
  const directions = spec.values.map((value, i) => {
    if (value instanceof Doc && value.has("$meta"))
      throw commandError("NotImplemented", "sorting by $meta is not supported by the embedded store");
    if (!isNumeric(value)) throw locationError(15974, `Illegal key in $sort specification: ${spec.keys[i]}: ${String(value)}`);
    const direction = toNumber(value);
    if (direction !== 1 && direction !== -1)
      throw locationError(15975, "$sort key ordering must be 1 (for ascending) or -1 (for descending)");
    return direction;
  });
  const paths = spec.keys.map(pathOf);
  for (const key of spec.keys)
    if (key === "" || key.startsWith("$"))
      throw locationError(16410, `FieldPath field names may not start with '$' or be empty: ${key}`);
  return {
    paths: spec.keys.slice(),
    directions,
    fields: new Set(paths.map((path) => path[0]!)),
    keyOf: (doc) =>
      compoundKey(
        paths.map((path, i) => sortValue(doc, path, directions[i]!)),
        directions,
      ),
  };
}

function sortValue(doc: Doc, path: Path, direction: number): Value {
  if (path.length === 1) {
    const value = doc.get(path[0]!);
    if (!Array.isArray(value)) return value ?? null;
  }
  const found: (Value | undefined)[] = [];
  collect(doc, path, 0, found);
  let best: Value | undefined;
  const offer = (value: Value) => {
    if (best === undefined || compareValues(value, best) * direction < 0) best = value;
  };
  for (const value of found) {
    if (!Array.isArray(value)) offer(value ?? null);
    else if (value.length === 0) offer(UNDEFINED);
    else for (const item of value) offer(item);
  }
  return best ?? null;
}
