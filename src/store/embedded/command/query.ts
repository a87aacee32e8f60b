/** find, getMore, killCursors, count, distinct. */
import { compareValues } from "../bson/compare";
import { decode, decodeFields } from "../bson/decode";
import { encode } from "../bson/encode";
import { keyOf } from "../bson/key";
import { Doc, isNumeric, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { count as countMatches, find as findRows } from "../query/find";
import { truthy } from "../query/leaf";
import type { Matcher } from "../query/matcher";
import { collect, pathOf } from "../query/path";
import { compileProjection, type Projection } from "../query/projection";
import type { Row } from "../storage/connection";
import { refuseCollation } from "../unsupported";
import type { CommandContext } from "./context";
import { FIRST_BATCH } from "./cursor";
import { okReply, type Reply } from "./reply";
import { type CommandCall, docField, integerField, namespaceOf } from "./request";

const REFUSED = ["tailable", "awaitData", "returnKey", "showRecordId", "min", "max"];

export function find(call: CommandCall, context: CommandContext): Reply {
  const { body } = call;
  refuseCollation(body.get("collation"));
  for (const field of REFUSED) {
    if (truthy(body.get(field)))
      throw commandError("NotImplemented", `find with ${field} is not supported by the embedded store`);
  }
  const namespace = namespaceOf(call);
  const skip = nonNegative(call, "skip");
  const limit = nonNegative(call, "limit");
  const batchSize = body.has("batchSize") ? nonNegative(call, "batchSize") : Math.max(limit, FIRST_BATCH);
  const collection = context.collection(namespace);
  const projection = compileProjection(body.get("projection"), context);
  if (!collection) return { namespace, cursor: 0n, field: "firstBatch", documents: [] };
  const { matcher, rows } = findRows(
    { collection, filter: docField(call, "filter"), sort: body.get("sort"), hint: hintOf(body), skip, limit },
    context,
  );
  return context.cursors.open({
    namespace,
    documents: documentsOf(rows, projection, matcher),
    batchSize,
    single: truthy(body.get("singleBatch")) || (limit > 0 && batchSize >= limit),
    transaction: call.transaction?.id ?? null,
  });
}

/** `hint: {}` is what drivers send for no hint. */
export function hintOf(body: Doc): Value | undefined {
  const hint = body.get("hint");
  return hint instanceof Doc && hint.size === 0 ? undefined : hint;
}

function* documentsOf(rows: Iterable<Row>, projection: Projection | null, matcher: Matcher): Generator<Uint8Array> {
  for (const { d } of rows) {
    if (!projection) yield d;
    else if (projection.applyRaw) yield projection.applyRaw(d);
    else yield encode(projection.apply(decode(d), () => matcher.position(decode(d))));
  }
}

function nonNegative(call: CommandCall, field: string): number {
  const value = integerField(call, field, 0);
  if (value < 0) throw locationError(51024, `BSON field '${field}' value must be >= 0, actual value '${value}'`);
  return value;
}

export function getMore(call: CommandCall, context: CommandContext): Reply {
  const id = call.body.values[0];
  const collection = call.body.get("collection");
  if (typeof id !== "bigint" && typeof id !== "number")
    throw commandError("TypeMismatch", "BSON field 'getMore.getMore' must be a long");
  return context.cursors.more(
    BigInt(id),
    `${call.database}.${String(collection)}`,
    nonNegative(call, "batchSize"),
    call.transaction?.id ?? null,
  );
}

export function killCursors(call: CommandCall, context: CommandContext): Uint8Array {
  const ids = call.body.get("cursors");
  const killed: Value[] = [];
  const unknown: Value[] = [];
  for (const id of Array.isArray(ids) ? ids : []) {
    if (isNumeric(id) && (typeof id === "bigint" || typeof id === "number") && context.cursors.kill(BigInt(id))) killed.push(id);
    else unknown.push(id);
  }
  return okReply({ cursorsKilled: killed, cursorsNotFound: unknown, cursorsAlive: [], cursorsUnknown: [] });
}

export function count(call: CommandCall, context: CommandContext): Uint8Array {
  refuseCollation(call.body.get("collation"));
  const collection = context.collection(namespaceOf(call));
  if (!collection) return okReply({ n: 0 });
  const n = countMatches(
    {
      collection,
      filter: docField(call, "query"),
      sort: undefined,
      hint: hintOf(call.body),
      skip: nonNegative(call, "skip"),
      limit: Math.abs(integerField(call, "limit", 0)),
    },
    context,
  );
  return okReply({ n });
}

export function distinct(call: CommandCall, context: CommandContext): Uint8Array {
  refuseCollation(call.body.get("collation"));
  const key = call.body.get("key");
  if (typeof key !== "string") throw commandError("TypeMismatch", "BSON field 'distinct.key' must be a string");
  const collection = context.collection(namespaceOf(call));
  if (!collection) return okReply({ values: [] });
  const path = pathOf(key);
  const fields = new Set([path[0]!]);
  const seen = new Map<string, Value>();
  const { rows } = findRows(
    { collection, filter: docField(call, "query"), sort: undefined, hint: hintOf(call.body), skip: 0, limit: 0 },
    context,
  );
  for (const { d } of rows) {
    const found: (Value | undefined)[] = [];
    collect(decodeFields(d, fields), path, 0, found);
    for (const value of found.flatMap((item) => (Array.isArray(item) ? item : [item]))) {
      if (value === undefined) continue;
      const id = Buffer.from(keyOf(value)).toString("latin1");
      if (!seen.has(id)) seen.set(id, value);
    }
  }
  return okReply({ values: [...seen.values()].sort(compareValues) });
}
