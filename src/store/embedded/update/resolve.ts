/** Paths with `$`, `$[]` and `$[name]` -> the concrete paths in one document. */
import { show } from "../bson/show";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { compileFilter, type ExpressionTest } from "../query/matcher";
import { arrayIndex } from "../query/path";

export type ArrayFilters = ReadonlyMap<string, (element: Value) => boolean>;

const NAME = /^[a-z][a-zA-Z0-9]*$/;

/** Compiles `arrayFilters`: each is about one name, the first part of its paths. */
export function readArrayFilters(list: Value | undefined, expression: ExpressionTest): ArrayFilters {
  const filters = new Map<string, (element: Value) => boolean>();
  if (list === undefined || list === null) return filters;
  if (!Array.isArray(list)) throw commandError("TypeMismatch", "arrayFilters must be an array");
  for (const item of list) {
    if (!(item instanceof Doc)) throw commandError("TypeMismatch", "each array filter must be a document");
    const name = namesIn(item);
    if (name === null)
      throw commandError("FailedToParse", "Cannot use an expression without a top-level field name in arrayFilters");
    if (!NAME.test(name)) {
      throw commandError(
        "BadValue",
        `Error parsing array filter :: caused by :: The top-level field name must be an alphanumeric string beginning with a lowercase letter, found '${name}'`,
      );
    }
    if (filters.has(name))
      throw commandError("FailedToParse", `Found multiple array filters with the same top-level field name ${name}`);
    const matcher = compileFilter(item, expression);
    filters.set(name, (element) => matcher.test(new Doc([name], [element])));
  }
  return filters;
}

/** The one name all paths of an array filter start with. */
function namesIn(filter: Doc): string | null {
  let name: string | null = null;
  const take = (found: string | null) => {
    if (found === null) return;
    if (name !== null && name !== found) {
      throw commandError(
        "FailedToParse",
        `Error parsing array filter :: caused by :: Expected a single top-level field name, found '${name}' and '${found}'`,
      );
    }
    name = found;
  };
  filter.keys.forEach((key, i) => {
    const value = filter.values[i];
    if (!key.startsWith("$")) take(key.split(".")[0]!);
    else if (Array.isArray(value)) for (const branch of value) if (branch instanceof Doc) take(namesIn(branch));
  });
  return name;
}

/** The names of array filters that a path uses. */
export const filterNames = (path: readonly string[]): string[] =>
  path.filter((part) => part.startsWith("$[") && part.length > 3).map((part) => part.slice(2, -1));

export interface Resolution {
  position: number | undefined;
  filters: ArrayFilters;
}

/** All concrete paths a path stands for in this document. */
export function resolvePath(doc: Doc, path: readonly string[], resolution: Resolution): (readonly string[])[] {
  if (!path.some((part) => part.startsWith("$"))) return [path];
  const out: string[][] = [];
  walk(doc, path, 0, [], resolution, out);
  return out;
}

function walk(
  value: Value | undefined,
  path: readonly string[],
  at: number,
  done: string[],
  resolution: Resolution,
  out: string[][],
): void {
  if (at === path.length) {
    out.push(done);
    return;
  }
  const part = path[at]!;
  if (part === "$") {
    if (resolution.position === undefined) {
      throw commandError("BadValue", "The positional operator did not find the match needed from the query.");
    }
    const index = String(resolution.position);
    walk(step(value, index), path, at + 1, [...done, index], resolution, out);
    return;
  }
  if (!part.startsWith("$[")) {
    walk(step(value, part), path, at + 1, [...done, part], resolution, out);
    return;
  }
  if (value === undefined) {
    throw commandError("BadValue", `The path '${done.join(".")}' must exist in the document in order to apply array updates.`);
  }
  if (!Array.isArray(value)) {
    throw commandError("BadValue", `Cannot apply array updates to non-array element ${done[done.length - 1]}: ${show(value)}`);
  }
  const name = part.slice(2, -1);
  const test = name === "" ? () => true : resolution.filters.get(name)!;
  value.forEach((item, i) => {
    if (test(item)) walk(item, path, at + 1, [...done, String(i)], resolution, out);
  });
}

function step(value: Value | undefined, part: string): Value | undefined {
  if (value instanceof Doc) return value.get(part);
  if (!Array.isArray(value)) return undefined;
  const index = arrayIndex(part);
  return index < 0 ? undefined : value[index];
}
