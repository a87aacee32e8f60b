/** An update compiled once and applied to many documents: operators, a replacement, or a pipeline. */
import { equalValues } from "../bson/compare";
import { show } from "../bson/show";
import { Doc, type Value } from "../bson/value";
import { CommandError, commandError } from "../command-error";
import type { ExpressionTest } from "../query/matcher";
import { arrayIndex, pathsConflict } from "../query/path";
import { idFirst } from "../storage/document-id";
import { arrayChange } from "./array-operators";
import { type Change, fieldChange, type UpdateContext } from "./field-operators";
import { type ArrayFilters, filterNames, readArrayFilters, resolvePath } from "./resolve";

export interface ApplyContext extends UpdateContext {
  /** Index for the positional operator `$`; asked only when a path has one. */
  position: () => number | undefined;
}

export interface Updater {
  kind: "operators" | "replacement" | "pipeline";
  /** The top-level fields it can change, or null when it may be any. */
  touches: ReadonlySet<string> | null;
  /** Returns the new document; may change the given one, which must be a fresh copy. */
  apply(doc: Doc, context: ApplyContext): Doc;
}

export interface UpdateCompiler {
  expression: ExpressionTest;
  /** Compiles a pipeline update to a function from document to document. */
  pipeline(stages: readonly Value[]): (doc: Doc) => Doc;
}

interface Step {
  path: readonly string[];
  change: Change;
}

/** Compiles the `u` of an update command or the `update` of findAndModify. */
export function compileUpdate(update: Value | undefined, arrayFilters: Value | undefined, compiler: UpdateCompiler): Updater {
  if (Array.isArray(update)) {
    if (arrayFilters !== undefined)
      throw commandError("FailedToParse", "arrayFilters may not be specified for pipeline-style updates");
    const run = compiler.pipeline(update);
    return { kind: "pipeline", touches: null, apply: (doc) => keepId(doc.get("_id"), run(doc)) };
  }
  if (!(update instanceof Doc)) throw commandError("FailedToParse", "Update argument must be either an object or an array");
  if (!update.keys[0]?.startsWith("$")) return replacement(update, arrayFilters);
  const filters = readArrayFilters(arrayFilters, compiler.expression);
  return operators(update, filters, compiler.expression);
}

function replacement(update: Doc, arrayFilters: Value | undefined): Updater {
  if (arrayFilters !== undefined)
    throw commandError("FailedToParse", "arrayFilters may not be specified for replacement-style updates");
  for (const key of update.keys) {
    if (key.startsWith("$")) {
      throw commandError(
        "DollarPrefixedFieldName",
        `The dollar ($) prefixed field '${key}' in '${key}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      );
    }
  }
  return { kind: "replacement", touches: null, apply: (doc) => keepId(doc.get("_id"), update.clone()) };
}

/** Puts the old _id first; a different one is refused. */
function keepId(id: Value | undefined, next: Doc): Doc {
  const given = next.get("_id");
  if (id === undefined) return given === undefined ? next : idFirst(next, given);
  if (given !== undefined && !equalValues(given, id)) {
    throw commandError(
      "ImmutableField",
      `After applying the update, the (immutable) field '_id' was found to have been altered to _id: ${show(given)}`,
    );
  }
  return idFirst(next, id);
}

function operators(update: Doc, filters: ArrayFilters, expression: ExpressionTest): Updater {
  const steps: Step[] = [];
  const seen: string[] = [];
  const claim = (field: string) => {
    for (const other of seen) {
      if (pathsConflict(other, field)) {
        const at = other.length < field.length ? other : field;
        throw commandError("ConflictingUpdateOperators", `Updating the path '${field}' would create a conflict at '${at}'`);
      }
    }
    seen.push(field);
  };
  update.keys.forEach((op, i) => {
    const fields = update.values[i];
    if (!op.startsWith("$") || !KNOWN.has(op)) {
      throw commandError(
        "FailedToParse",
        `Unknown modifier: ${op}. Expected a valid update modifier or pipeline-style update specified as an array`,
      );
    }
    if (!(fields instanceof Doc)) {
      throw commandError(
        "FailedToParse",
        `Modifiers operate on fields but we found type ${fields === undefined ? "missing" : typeof fields} instead. For example: {$mod: {<field>: ...}} not {${op}: ${show(fields)}}`,
      );
    }
    fields.keys.forEach((field, j) => {
      const argument = fields.values[j]!;
      claim(field);
      if (op === "$rename" && typeof argument === "string") checkRename(field, argument, claim);
      const change = fieldChange(op, field, argument) ?? arrayChange(op, field, argument, expression)!;
      steps.push({ path: checkedPath(field), change });
    });
  });
  checkFilterUse(steps, filters);
  steps.sort((a, b) => comparePaths(a.path, b.path));
  const needsPosition = steps.some((step) => step.path.includes("$"));
  const touchesId = seen.some((field) => field === "_id" || field.startsWith("_id."));
  return {
    kind: "operators",
    touches: new Set(seen.map((field) => field.split(".")[0]!)),
    apply: (doc, context) => {
      const id = doc.get("_id");
      const before = touchesId && id instanceof Doc ? id.clone() : id;
      const resolution = { position: needsPosition ? context.position() : undefined, filters };
      for (const { path, change } of steps) {
        for (const concrete of resolvePath(doc, path, resolution)) change(doc, concrete, context);
      }
      if (touchesId && before !== undefined) checkId(before, doc.get("_id"));
      return doc;
    },
  };
}

const KNOWN = new Set(
  "$set $setOnInsert $unset $inc $mul $min $max $rename $currentDate $bit $push $addToSet $pop $pull $pullAll".split(" "),
);

function checkId(before: Value, after: Value | undefined): void {
  if (after === undefined || !equalValues(before, after)) {
    throw commandError("ImmutableField", "Performing an update on the path '_id' would modify the immutable field '_id'");
  }
}

function checkRename(from: string, to: string, claim: (field: string) => void): void {
  if (from === to) throw commandError("BadValue", `The source and target field for $rename must differ: ${from}: "${to}"`);
  if (/(^|\.)\$/.test(from + to))
    throw commandError("BadValue", `The source and destination fields for $rename may not be dynamic: ${from}`);
  claim(to);
}

function checkedPath(field: string): readonly string[] {
  const path = field.split(".");
  path.forEach((part, i) => {
    if (part === "")
      throw new CommandError(
        56,
        "EmptyFieldName",
        `The update path '${field}' contains an empty field name, which is not allowed.`,
      );
    const placeholder = part === "$" || /^\$\[[^\]]*\]$/.test(part);
    if (part.startsWith("$") && !placeholder) {
      throw commandError(
        "DollarPrefixedFieldName",
        `The dollar ($) prefixed field '${part}' in '${field}' is not allowed for storage.`,
      );
    }
    if (placeholder && i === 0)
      throw commandError(
        "BadValue",
        `Cannot have array filter identifier (i.e. '$[<id>]') element in the first position in path '${field}'`,
      );
  });
  return path;
}

function checkFilterUse(steps: readonly Step[], filters: ArrayFilters): void {
  const used = new Set(steps.flatMap((step) => filterNames(step.path)));
  for (const name of used) {
    if (!filters.has(name)) throw commandError("BadValue", `No array filter found for identifier '${name}' in path`);
  }
  for (const name of filters.keys()) {
    if (!used.has(name))
      throw commandError("FailedToParse", `The array filter for identifier '${name}' was not used in the update`);
  }
}

/** MongoDB applies updates in the order of the field names, numbers by value. */
function comparePaths(a: readonly string[], b: readonly string[]): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const x = a[i]!;
    const y = b[i]!;
    if (x === y) continue;
    const numbers = arrayIndex(x) >= 0 && arrayIndex(y) >= 0;
    return numbers ? arrayIndex(x) - arrayIndex(y) : x < y ? -1 : 1;
  }
  return a.length - b.length;
}
