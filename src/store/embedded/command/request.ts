/** One command as the engine receives it, and the reading of its fields. */
import { Doc, isNumeric, toNumber, typeName, type Value } from "../bson/value";
import { commandError } from "../command-error";
import type { Transaction } from "../storage/transaction";

export interface CommandRequest {
  database: string;
  /** The whole command; its first field is the name. */
  body: Doc;
  /** `documents`, `updates` or `deletes` when they came beside the body, each as BSON bytes. */
  payload: readonly Uint8Array[] | null;
}

/** What a command needs to know beside its own fields. */
export interface CommandCall extends CommandRequest {
  name: string;
  transaction: Transaction | null;
}

/** `database.collection` of a command whose first field names the collection. */
export function namespaceOf(call: CommandCall): string {
  const collection = call.body.values[0];
  if (typeof collection !== "string") {
    throw commandError("InvalidNamespace", `collection name has invalid type ${typeName(collection)}`);
  }
  return `${call.database}.${collection}`;
}

export function docField(call: CommandCall, name: string): Doc {
  const value = call.body.get(name);
  if (value === undefined || value === null) return new Doc();
  if (!(value instanceof Doc)) throw wrongType(call, name, value, "object");
  return value;
}

export function integerField(call: CommandCall, name: string, otherwise: number): number {
  const value = call.body.get(name);
  if (value === undefined || value === null) return otherwise;
  if (!isNumeric(value)) throw wrongType(call, name, value, "number");
  return Math.trunc(toNumber(value));
}

function wrongType(call: CommandCall, field: string, value: Value, wanted: string): Error {
  return commandError(
    "TypeMismatch",
    `BSON field '${call.name}.${field}' is the wrong type '${typeName(value)}', expected type '${wanted}'`,
  );
}

/** A required field that must be a list of documents. */
export function documentList(call: CommandCall, name: string, decode: (bytes: Uint8Array) => Doc): Doc[] {
  if (call.payload) return call.payload.map((bytes) => decode(bytes));
  const value = call.body.get(name);
  if (value === undefined)
    throw commandError("FailedToParse", `BSON field '${call.name}.${name}' is missing but a required field`);
  if (!Array.isArray(value)) throw wrongType(call, name, value, "array");
  return value.map((item) => {
    if (!(item instanceof Doc)) throw wrongType(call, name, item, "object");
    return item;
  });
}
