/** update and delete: each statement of the batch finds its rows first and then writes. */
import { decode } from "../bson/decode";
import { Doc, type Value } from "../bson/value";
import { CommandError, commandError } from "../command-error";
import { find } from "../query/find";
import { truthy, wholeNumber } from "../query/leaf";
import type { Row } from "../storage/connection";
import { refuseCollation } from "../unsupported";
import { compileUpdate } from "../update/updater";
import type { CommandContext } from "./context";
import { isOrdered } from "./insert";
import { refuseUnknownStatementFields } from "./known-fields";
import { okReply, writeError } from "./reply";
import { type CommandCall, documentList } from "./request";
import { changeRow, targetOf, upsert } from "./write-document";

/** Rows of a multi-update are collected in portions of this size, so that its own changes do not meet it again. */
const MOST_COLLECTED = 200_000;

export function update(call: CommandCall, context: CommandContext): Uint8Array {
  const statements = documentList(call, "updates", decode);
  for (const statement of statements) refuseUnknownStatementFields("update.updates", statement, UPDATE_FIELDS);
  const errors: Doc[] = [];
  const upserted: Doc[] = [];
  let n = 0;
  let nModified = 0;
  for (const [index, statement] of statements.entries()) {
    try {
      const result = updateOne(call, statement, context);
      n += result.n;
      nModified += result.modified;
      if (result.upserted !== undefined) upserted.push(Doc.of({ index, _id: result.upserted }));
    } catch (error) {
      // As in insert: MongoDB reports it for this statement; a transaction ends.
      if (!(error instanceof CommandError) || call.transaction) throw error;
      errors.push(writeError(index, error));
      if (isOrdered(call)) break;
    }
  }
  return okReply({
    n,
    upserted: upserted.length > 0 ? upserted : undefined,
    nModified,
    writeErrors: errors.length > 0 ? errors : undefined,
  });
}

interface UpdateResult {
  n: number;
  modified: number;
  upserted?: Value;
}

const DELETE_FIELDS = new Set("q limit collation hint".split(" "));
const UPDATE_FIELDS = new Set("q u c upsert multi collation arrayFilters hint upsertSupplied".split(" "));

function updateOne(call: CommandCall, statement: Doc, context: CommandContext): UpdateResult {
  refuseCollation(statement.get("collation"));
  const filter = filterOf(statement);
  const multi = truthy(statement.get("multi"));
  const updater = compileUpdate(statement.get("u"), statement.get("arrayFilters"), context);
  if (multi && updater.kind === "replacement")
    throw commandError("FailedToParse", "multi update is not supported for replacement-style update");
  const wantsUpsert = truthy(statement.get("upsert"));
  const collection = targetOf(call, wantsUpsert, context);
  if (!collection) return { n: 0, modified: 0 };
  const request = {
    collection,
    filter,
    sort: undefined,
    hint: statement.get("hint"),
    skip: 0,
    limit: multi ? 0 : 1,
  };
  const { matcher, rows } = find(request, context);
  const found = collectRows(rows);
  let modified = 0;
  for (const row of found) if (changeRow(collection, row, updater, matcher, context).modified) modified++;
  if (found.length > 0 || !wantsUpsert) return { n: found.length, modified };
  return { n: 1, modified: 0, upserted: upsert(collection, filter, updater, context).id };
}

function collectRows(rows: Iterable<Row>): Row[] {
  const out: Row[] = [];
  for (const row of rows) {
    out.push(row);
    if (out.length > MOST_COLLECTED) {
      throw commandError(
        "QueryExceededMemoryLimitNoDiskUseAllowed",
        `One update or delete may touch at most ${MOST_COLLECTED} documents in the embedded store. Repeat it in portions.`,
      );
    }
  }
  return out;
}

function filterOf(statement: Doc): Doc {
  const filter = statement.get("q");
  if (!(filter instanceof Doc)) throw commandError("TypeMismatch", "BSON field 'q' must be an object");
  return filter;
}

export function remove(call: CommandCall, context: CommandContext): Uint8Array {
  const statements = documentList(call, "deletes", decode);
  for (const statement of statements) refuseUnknownStatementFields("delete.deletes", statement, DELETE_FIELDS);
  const errors: Doc[] = [];
  let n = 0;
  for (const [index, statement] of statements.entries()) {
    try {
      n += removeSome(call, statement, context);
    } catch (error) {
      // As in update.
      if (!(error instanceof CommandError) || call.transaction) throw error;
      errors.push(writeError(index, error));
      if (isOrdered(call)) break;
    }
  }
  return okReply({ n, writeErrors: errors.length > 0 ? errors : undefined });
}

function removeSome(call: CommandCall, statement: Doc, context: CommandContext): number {
  refuseCollation(statement.get("collation"));
  const limit = wholeNumber(statement.get("limit") ?? null);
  if (limit !== 0 && limit !== 1) {
    throw commandError("FailedToParse", `The limit field in delete objects must be 0 or 1. Got ${String(limit)}`);
  }
  const collection = targetOf(call, false, context);
  if (!collection) return 0;
  const { rows } = find(
    { collection, filter: filterOf(statement), sort: undefined, hint: statement.get("hint"), skip: 0, limit },
    context,
  );
  const found = collectRows(rows);
  for (const row of found) collection.remove(context.writer, row);
  return found.length;
}
