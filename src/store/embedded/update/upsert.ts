/** The document an upsert starts from: what the filter says must be equal. */
import { Doc, Regex, type Value } from "../bson/value";
import { CommandError } from "../command-error";
import { isOperators } from "../query/leaf";
import { pathsConflict } from "../query/path";
import { writeAt } from "./target";

export function upsertSeed(filter: Doc, onlyId: boolean): Doc {
  const fields: [string, Value][] = [];
  collectEqual(filter, fields);
  const seed = new Doc();
  const seen: string[] = [];
  for (const [field, value] of fields) {
    if (onlyId && field !== "_id") continue;
    for (const other of seen) {
      if (pathsConflict(other, field)) {
        throw new CommandError(54, "NotSingleValueField", `cannot infer query fields to set, path '${field}' is matched twice`);
      }
    }
    seen.push(field);
    writeAt(seed, field.split("."), value);
  }
  return seed;
}

function collectEqual(filter: Doc, out: [string, Value][]): void {
  filter.keys.forEach((key, i) => {
    const value = filter.values[i]!;
    if (key === "$and" || (key === "$or" && Array.isArray(value) && value.length === 1)) {
      if (Array.isArray(value)) for (const branch of value) if (branch instanceof Doc) collectEqual(branch, out);
      return;
    }
    if (key.startsWith("$")) return;
    const equal = equalOf(value);
    if (equal !== undefined) out.push([key, equal]);
  });
}

function equalOf(condition: Value): Value | undefined {
  if (!isOperators(condition)) return condition instanceof Regex ? undefined : condition;
  const equal = condition.get("$eq");
  if (equal !== undefined) return equal;
  for (const op of ["$in", "$all"]) {
    const list = condition.get(op);
    if (Array.isArray(list) && list.length === 1 && !isOperators(list[0]) && !(list[0] instanceof Regex)) return list[0];
  }
  return undefined;
}
