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
import { countView, documentsOfView, readView } from "./view-reads";

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
  const single = truthy(body.get("singleBatch")) || (limit > 0 && batchSize >= limit);
  const transaction = call.transaction?.id ?? null;
  const view = context.view(namespace);
  if (view) {
    const asked = { filter: docField(call, "filter"), sort: body.get("sort"), skip, limit, projection: body.get("projection") };
    return context.cursors.open({ namespace, documents: readView(view, asked, context), batchSize, single, transaction });
  }
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
    single,
    transaction,
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
  const filter = docField(call, "query");
  const skip = nonNegative(call, "skip");
  const limit = Math.abs(integerField(call, "limit", 0));
  const view = context.view(namespaceOf(call));
  if (view) return okReply({ n: countView(view, { filter, skip, limit }, context) });
  const collection = context.collection(namespaceOf(call));
  if (!collection) return okReply({ n: 0 });
  return okReply({ n: countMatches({ collection, filter, sort: undefined, hint: hintOf(call.body), skip, limit }, context) });
}

export function distinct(call: CommandCall, context: CommandContext): Uint8Array {
  refuseCollation(call.body.get("collation"));
  const key = call.body.get("key");
  if (typeof key !== "string") throw commandError("TypeMismatch", "BSON field 'distinct.key' must be a string");
  const path = pathOf(key);
  const seen = new Map<string, Value>();
  for (const doc of documentsFor(call, path[0]!, context)) {
    const found: (Value | undefined)[] = [];
    collect(doc, path, 0, found);
    for (const value of found.flatMap((item) => (Array.isArray(item) ? item : [item]))) {
      if (value === undefined) continue;
      const id = Buffer.from(keyOf(value)).toString("latin1");
      if (!seen.has(id)) seen.set(id, value);
    }
  }
  return okReply({ values: [...seen.values()].sort(compareValues) });
}

/** The documents of a distinct, of which only one top-level field is needed. */
function* documentsFor(call: CommandCall, field: string, context: CommandContext): Generator<Doc> {
  const filter = docField(call, "query");
  const view = context.view(namespaceOf(call));
  if (view) yield* documentsOfView(view, { filter }, context);
  const collection = context.collection(namespaceOf(call));
  if (!collection) return;
  const fields = new Set([field]);
  const { rows } = findRows({ collection, filter, sort: undefined, hint: hintOf(call.body), skip: 0, limit: 0 }, context);
  for (const { d } of rows) yield decodeFields(d, fields);
}
