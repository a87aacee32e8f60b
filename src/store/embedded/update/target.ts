/** Reading and writing at one concrete path (no `$` left) of the document that is being updated. */
import { show } from "../bson/show";
import { Doc, typeName, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { arrayIndex } from "../query/path";

/** MongoDB's limit on elements added by writing far behind the end of an array. */
const MAX_PADDING = 1_500_000;

const child = (container: Value, part: string): Value | undefined => {
  if (container instanceof Doc) return container.get(part);
  if (!Array.isArray(container)) return undefined;
  const index = arrayIndex(part);
  return index < 0 ? undefined : container[index];
};

/** The value at the path, or undefined. */
export function readAt(doc: Doc, path: readonly string[]): Value | undefined {
  let current: Value | undefined = doc;
  for (const part of path) {
    if (current === undefined) return undefined;
    current = child(current, part);
  }
  return current;
}

/** Writes a value, creating documents on the way; fails where the path leads through something else. */
export function writeAt(doc: Doc, path: readonly string[], value: Value): void {
  let container: Value = doc;
  for (let i = 0; i < path.length - 1; i++) {
    const next = child(container, path[i]!);
    if (next === undefined) {
      let made = value;
      for (let j = path.length - 1; j > i; j--) made = new Doc([path[j]!], [made]);
      put(container, path, i, made);
      return;
    }
    if (!(next instanceof Doc) && !Array.isArray(next)) {
      throw commandError("PathNotViable", `Cannot create field '${path[i + 1]}' in element {${path[i]}: ${show(next)}}`);
    }
    container = next;
  }
  put(container, path, path.length - 1, value);
}

function put(container: Value, path: readonly string[], at: number, value: Value): void {
  const part = path[at]!;
  if (container instanceof Doc) {
    container.set(part, value);
    return;
  }
  if (!Array.isArray(container)) return;
  const index = arrayIndex(part);
  if (index < 0)
    throw commandError("PathNotViable", `Cannot create field '${part}' in element {${path[at - 1]}: ${show(container)}}`);
  if (index - container.length > MAX_PADDING) throw commandError("BadValue", `can't backfill more than ${MAX_PADDING} elements`);
  while (container.length < index) container.push(null);
  container[index] = value;
}

/** Removes a field; an array element becomes null. A path that does not exist is left alone. */
export function removeAt(doc: Doc, path: readonly string[]): void {
  const container = path.length === 1 ? doc : readAt(doc, path.slice(0, -1));
  const part = path[path.length - 1]!;
  if (container instanceof Doc) container.delete(part);
  else if (Array.isArray(container)) {
    const index = arrayIndex(part);
    if (index >= 0 && index < container.length) container[index] = null;
  }
}

/** `{_id: 1}` of the document, for messages. */
export const identityOf = (doc: Doc): string => `{_id: ${show(doc.get("_id"))}}`;

/** The array at the path, undefined when missing; fails with MongoDB's sentence when it is something else. */
export function arrayAt(doc: Doc, path: readonly string[]): Value[] | undefined {
  const value = readAt(doc, path);
  if (value === undefined || Array.isArray(value)) return value;
  throw commandError(
    "BadValue",
    `The field '${path.join(".")}' must be an array but is of type ${typeName(value)} in document ${identityOf(doc)}`,
  );
}
