/** $out and $merge: the last stage of a pipeline that stores what comes out of it. The whole of it is one commit. */
import { decode } from "../bson/decode";
import { Doc, type Value } from "../bson/value";
import type { CommandContext } from "../command/context";
import { isCapped } from "../command/document-rules";
import { changeRow, storeNew } from "../command/write-document";
import { commandError, locationError } from "../command-error";
import { find } from "../query/find";
import { compileFilter, type Matcher } from "../query/matcher";
import type { CollectionTable } from "../storage/collection-table";
import type { Row } from "../storage/connection";
import { newObjectId } from "../storage/document-id";
import { compileUpdate, type Updater } from "../update/updater";
import { updatePipeline } from "./pipeline";

const nameOf = (database: string, target: Value, stage: string): string => {
  if (typeof target === "string") return `${database}.${target}`;
  const [db, coll] = target instanceof Doc ? [target.get("db"), target.get("coll")] : [];
  if (typeof coll === "string") return `${typeof db === "string" ? db : database}.${coll}`;
  throw locationError(51178, `${stage} needs the name of a collection`);
};

/** Replaces the target with the documents; its indexes stay. */
export function storeOut(argument: Value, database: string, documents: Iterable<Uint8Array>, context: CommandContext): void {
  const namespace = nameOf(database, argument, "$out");
  const { catalog } = context.storage;
  const old = catalog.writable(namespace);
  if (old && isCapped(old)) throw locationError(17152, `namespace '${namespace}' is capped so it can't be used for $out`);
  const made = catalog.create(`${database}.tmp.out.${newObjectId(context.clock.now()).hex}`, old?.options ?? new Doc());
  for (const { spec } of old?.indexes ?? []) catalog.createIndex(made, spec);
  for (const document of documents) storeNew(made, document, context);
  if (old) catalog.drop(old);
  catalog.rename(made, namespace);
}

const MATCHED = new Set(["replace", "keepExisting", "merge", "fail"]);
const NOT_MATCHED = new Set(["insert", "discard", "fail"]);
const MERGE_FIELDS = new Set(["into", "on", "let", "whenMatched", "whenNotMatched"]);

interface Merge {
  namespace: string;
  on: string[];
  whenMatched: string | readonly Value[];
  whenNotMatched: string;
  lets: Doc;
}

function readMerge(argument: Value, database: string): Merge {
  const spec = typeof argument === "string" ? Doc.of({ into: argument }) : argument;
  if (!(spec instanceof Doc)) throw locationError(51182, "$merge requires a string or object argument");
  for (const field of spec.keys)
    if (!MERGE_FIELDS.has(field)) throw locationError(40415, `BSON field '$merge.${field}' is an unknown field.`);
  const on = spec.get("on") ?? "_id";
  const fields = Array.isArray(on) ? on : [on];
  if (fields.length === 0 || !fields.every((field) => typeof field === "string"))
    throw locationError(51134, "$merge 'on' field  must be either a string or an array of strings");
  const whenMatched = spec.get("whenMatched") ?? "merge";
  if (!Array.isArray(whenMatched) && !(typeof whenMatched === "string" && MATCHED.has(whenMatched)))
    throw commandError(
      "BadValue",
      `Enumeration value '${String(whenMatched)}' for field '$merge.whenMatched' is not a valid value.`,
    );
  const whenNotMatched = spec.get("whenNotMatched") ?? "insert";
  if (typeof whenNotMatched !== "string" || !NOT_MATCHED.has(whenNotMatched))
    throw commandError(
      "BadValue",
      `Enumeration value '${String(whenNotMatched)}' for field '$merge.whenNotMatched' is not a valid value.`,
    );
  const lets = spec.get("let");
  return {
    namespace: nameOf(database, spec.get("into") ?? null, "$merge"),
    on: fields as string[],
    whenMatched,
    whenNotMatched,
    lets: lets instanceof Doc ? lets : Doc.of({ new: "$$ROOT" }),
  };
}

/** Brings each document together with the one of the target that has the same values in the `on` fields. */
export function storeMerged(argument: Value, database: string, documents: Iterable<Uint8Array>, context: CommandContext): void {
  const merge = readMerge(argument, database);
  const target = context.storage.catalog.ensure(merge.namespace);
  checkUnique(target, merge.on);
  // All of them first: the pipeline may read the collection it writes to.
  for (const bytes of [...documents]) mergeOne(target, decode(bytes), bytes, merge, context);
}

function checkUnique(target: CollectionTable, on: readonly string[]): void {
  if (on.length === 1 && on[0] === "_id") return;
  const covers = target.indexes.some(
    ({ spec, paths }) => spec.unique && !spec.partial && paths.length === on.length && on.every((field) => spec.key.has(field)),
  );
  if (!covers) throw locationError(51183, "Cannot find index to verify that join fields will be unique");
}

function mergeOne(target: CollectionTable, doc: Doc, bytes: Uint8Array, merge: Merge, context: CommandContext): void {
  const found = existing(target, doc, merge.on, context);
  if (!found) {
    if (merge.whenNotMatched === "fail")
      throw locationError(
        13113,
        "$merge could not find a matching document in the target collection for at least one document in the source collection",
      );
    if (merge.whenNotMatched === "insert") storeNew(target, bytes, context);
    return;
  }
  if (merge.whenMatched === "keepExisting") return;
  if (merge.whenMatched === "fail")
    throw commandError("DuplicateKey", "$merge found a document in the target that has the same values in its 'on' fields");
  changeRow(target, found.row, updaterFor(doc, merge, context), found.matcher, context);
}

function existing(
  target: CollectionTable,
  doc: Doc,
  on: readonly string[],
  context: CommandContext,
): { row: Row; matcher: Matcher } | null {
  const filter = new Doc();
  for (const field of on) {
    const value = doc.get(field);
    if (value === undefined && field === "_id") return null;
    if (value === undefined || value === null || Array.isArray(value))
      throw locationError(51132, "$merge write error: 'on' field cannot be missing, null, undefined or an array");
    filter.push(field, Doc.of({ $eq: value }));
  }
  const [row] = find({ collection: target, filter, sort: undefined, hint: undefined, skip: 0, limit: 1 }, context).rows;
  return row ? { row, matcher: compileFilter(filter, context.expression) } : null;
}

function updaterFor(doc: Doc, { whenMatched, lets }: Merge, context: CommandContext): Updater {
  if (whenMatched === "replace") return compileUpdate(doc, undefined, context);
  // As an update: the _id of what is stored stays.
  const compile = (run: (stored: Doc) => Doc) =>
    compileUpdate([], undefined, { expression: context.expression, pipeline: () => run });
  if (whenMatched === "merge") return compile((stored) => mergedInto(stored, doc));
  const variables = new Map(context.variables());
  for (const [i, name] of lets.keys.entries()) variables.set(name, context.compute(lets.values[i]!)(doc));
  return compile(updatePipeline(whenMatched as readonly Value[], variables));
}

function mergedInto(stored: Doc, doc: Doc): Doc {
  doc.keys.forEach((key, i) => {
    stored.set(key, doc.values[i]!);
  });
  return stored;
}
