/** `maxTimeMS`: how long a command may work. */
import { type Doc, isNumeric, toNumber } from "../bson/value";
import { commandError } from "../command-error";

const LONGEST_MS = 2_147_483_647;

/** Milliseconds the command may take; null without a limit (0 and absent mean the same). */
export function timeLimitOf(body: Doc): number | null {
  const given = body.get("maxTimeMS");
  if (given === undefined || given === null) return null;
  const limit = isNumeric(given) ? toNumber(given) : Number.NaN;
  if (!Number.isInteger(limit)) throw commandError("TypeMismatch", "maxTimeMS must be a number");
  if (limit < 0 || limit > LONGEST_MS)
    throw commandError("BadValue", `${limit} value for maxTimeMS is out of range [0, ${LONGEST_MS}]`);
  return limit === 0 ? null : limit;
}
