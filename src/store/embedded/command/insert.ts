/** insert: documents go into the file as the bytes they came in. */
import { encode } from "../bson/encode";
import { Doc } from "../bson/value";
import { CommandError, commandError } from "../command-error";
import { truthy } from "../query/leaf";
import type { CommandContext } from "./context";
import { okReply, writeError } from "./reply";
import type { CommandCall } from "./request";
import { storeNew, targetOf } from "./write-document";

const MOST_WRITES = 100_000;

export function insert(call: CommandCall, context: CommandContext): Uint8Array {
  const documents = payloadOf(call);
  if (documents.length === 0 || documents.length > MOST_WRITES) {
    throw commandError(
      "InvalidLength",
      `Write batch sizes must be between 1 and ${MOST_WRITES}. Got ${documents.length} operations.`,
    );
  }
  const collection = targetOf(call, true, context)!;
  const ordered = isOrdered(call);
  const errors: Doc[] = [];
  let n = 0;
  for (let i = 0; i < documents.length; i++) {
    try {
      storeNew(collection, documents[i]!, context);
      n++;
    } catch (error) {
      // What MongoDB refuses for this one document; inside a transaction it ends the whole of it.
      if (!(error instanceof CommandError) || call.transaction) throw error;
      errors.push(writeError(i, error));
      if (ordered) break;
    }
  }
  return okReply({ n, writeErrors: errors.length > 0 ? errors : undefined });
}

function payloadOf(call: CommandCall): readonly Uint8Array[] {
  if (call.payload) return call.payload;
  const list = call.body.get("documents");
  if (!Array.isArray(list)) throw commandError("FailedToParse", "BSON field 'insert.documents' is missing but a required field");
  return list.map((item) => {
    if (!(item instanceof Doc)) throw commandError("TypeMismatch", "BSON field 'insert.documents' must hold documents");
    return encode(item);
  });
}

export const isOrdered = (call: CommandCall): boolean => {
  const ordered = call.body.get("ordered");
  return ordered === undefined || truthy(ordered);
};
