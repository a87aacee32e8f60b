/** collMod: changes a view, the options of a collection, or one of its indexes. */
import { Doc, isNumeric, toNumber, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { truthy } from "../query/leaf";
import type { CollectionTable } from "../storage/collection-table";
import { existing } from "./admin";
import { capNumber, copyValidation } from "./collection-options";
import type { CommandContext } from "./context";
import { isCapped } from "./document-rules";
import { okReply } from "./reply";
import { type CommandCall, namespaceOf } from "./request";
import { readViewOptions } from "./view-reads";

const UNCHANGEABLE = ["timeseries", "expireAfterSeconds", "encryptedFields"];
const INDEX_CHANGES = new Set(["name", "keyPattern", "expireAfterSeconds", "hidden"]);

export function collMod(call: CommandCall, context: CommandContext): Uint8Array {
  const view = context.view(namespaceOf(call));
  if (view) {
    context.storage.catalog.setView(readViewOptions(view.namespace, call.body, context));
    return okReply();
  }
  const collection = existing(call, context);
  for (const field of UNCHANGEABLE) {
    if (call.body.has(field))
      throw commandError("NotImplemented", `collMod with ${field} is not supported by the embedded store`);
  }
  if (call.body.has("viewOn") || call.body.has("pipeline"))
    throw commandError("InvalidOptions", "'viewOn' and 'pipeline' are only valid for a view");
  changeOptions(collection, call.body, context);
  return changeIndex(collection, call.body.get("index"), context);
}

function changeOptions(collection: CollectionTable, body: Doc, context: CommandContext): void {
  const options = new Doc([...collection.options.keys], [...collection.options.values]);
  copyValidation(body, options, context);
  for (const [field, name] of [
    ["cappedSize", "size"],
    ["cappedMax", "max"],
  ] as const) {
    const value = body.get(field);
    if (value === undefined) continue;
    if (!isCapped(collection)) throw commandError("InvalidOptions", "Collection must be capped.");
    options.set(name, capNumber(field, value, name === "size" ? 1 : Number.NEGATIVE_INFINITY));
  }
  const images = body.get("changeStreamPreAndPostImages");
  if (images !== undefined) options.set("changeStreamPreAndPostImages", images);
  context.storage.catalog.setOptions(collection, options);
}

function changeIndex(collection: CollectionTable, change: Value | undefined, context: CommandContext): Uint8Array {
  if (!(change instanceof Doc)) return okReply();
  const other = change.keys.find((key) => !INDEX_CHANGES.has(key));
  if (other !== undefined)
    throw commandError("NotImplemented", `collMod with index.${other} is not supported by the embedded store`);
  const index = context.storage.catalog.findIndex(collection, change.get("name") ?? change.get("keyPattern") ?? null);
  if (!index) throw commandError("IndexNotFound", `cannot find index for ns ${collection.namespace}`);
  const reply: Record<string, Value> = {};
  const spec = { ...index.spec };
  const expiry = change.get("expireAfterSeconds");
  if (expiry !== undefined) {
    if (!isNumeric(expiry)) throw commandError("InvalidOptions", "expireAfterSeconds field must be a number");
    if (index.paths.length > 1) throw commandError("InvalidOptions", "TTL indexes are single-field indexes");
    if (spec.expireAfterSeconds !== null) reply.expireAfterSeconds_old = spec.expireAfterSeconds;
    spec.expireAfterSeconds = Math.trunc(toNumber(expiry));
    reply.expireAfterSeconds_new = spec.expireAfterSeconds;
  }
  const hidden = change.get("hidden");
  if (hidden !== undefined) {
    reply.hidden_old = spec.hidden;
    spec.hidden = truthy(hidden);
    reply.hidden_new = spec.hidden;
  }
  context.storage.catalog.alterIndex(collection, index, spec);
  return okReply(reply);
}
