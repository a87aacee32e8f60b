/** $unwind: one document for each element of an array. */
import { Doc, type Value } from "../bson/value";
import { locationError } from "../command-error";
import { truthy } from "../query/leaf";
import { pathOf } from "../query/path";
import type { StageCompiler } from "./stage";

export const unwind: StageCompiler = (argument) => {
  const spec = argument instanceof Doc ? argument : new Doc(["path"], [argument]);
  const text = spec.get("path");
  if (typeof text !== "string" || !text.startsWith("$"))
    throw locationError(28818, `path option to $unwind stage should be prefixed with a '$': ${String(text)}`);
  const path = pathOf(text.slice(1));
  const indexField = spec.get("includeArrayIndex");
  const keepEmpty = truthy(spec.get("preserveNullAndEmptyArrays"));
  const emit = (doc: Doc, value: Value | undefined, index: bigint | null): Doc => {
    const out = replaceAt(doc, path, 0, value);
    return typeof indexField === "string" ? replaceAt(out, pathOf(indexField), 0, index) : out;
  };
  return function* (input) {
    for (const doc of input) {
      const value = throughDocs(doc, path);
      if (Array.isArray(value)) {
        for (let i = 0; i < value.length; i++) yield emit(doc, value[i], BigInt(i));
        if (value.length === 0 && keepEmpty) yield emit(doc, undefined, null);
      } else if (value !== undefined && value !== null) yield emit(doc, value, null);
      else if (keepEmpty) yield typeof indexField === "string" ? replaceAt(doc, pathOf(indexField), 0, null) : doc;
    }
  };
};

const throughDocs = (doc: Doc, path: readonly string[]): Value | undefined => {
  let value: Value | undefined = doc;
  for (const part of path) value = value instanceof Doc ? value.get(part) : undefined;
  return value;
};

/** A copy of the document with another value at a path of documents; undefined removes it. */
export function replaceAt(doc: Doc, path: readonly string[], at: number, value: Value | undefined): Doc {
  const out = doc.clone();
  const name = path[at]!;
  if (at === path.length - 1) {
    if (value === undefined) out.delete(name);
    else out.set(name, value);
    return out;
  }
  const inner = out.get(name);
  out.set(name, replaceAt(inner instanceof Doc ? inner : new Doc(), path, at + 1, value));
  return out;
}
