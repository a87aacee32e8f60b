/** Read and write concerns: the one member of the embedded store honours the strongest of them; impossible ones are told. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { Doc, isNumeric, toNumber } from "../bson/value";
import { type CommandError, commandError } from "../command-error";
import { type Reply, replyBytes } from "./reply";

const LEVELS = new Set(["local", "majority", "linearizable", "available", "snapshot"]);

/** Throws for a concern that no server takes. */
export function checkConcerns(body: Doc): void {
  const read = body.get("readConcern");
  if (read instanceof Doc) {
    const level = read.get("level");
    if (level !== undefined && (typeof level !== "string" || !LEVELS.has(level)))
      throw commandError("BadValue", `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`);
    if (level === "snapshot" && !body.has("autocommit"))
      throw commandError("InvalidOptions", "The embedded store has the readConcern level snapshot in transactions only.");
  }
  const write = body.get("writeConcern");
  const members = write instanceof Doc ? write.get("w") : undefined;
  if (isNumeric(members) && toNumber(members) < 0)
    throw commandError("FailedToParse", "w has to be a non-negative number and not greater than 50");
}

/** The write is done, but by fewer members than the caller wants to wait for. */
function unsatisfied(body: Doc): CommandError | null {
  const write = body.get("writeConcern");
  const members = write instanceof Doc ? write.get("w") : undefined;
  if (typeof members === "string" && members !== "majority")
    return commandError("UnknownReplWriteConcern", `No write concern mode named '${members}' found in replica set configuration`);
  if (isNumeric(members) && toNumber(members) > 1)
    return commandError("UnsatisfiableWriteConcern", "Not enough data-bearing nodes");
  return null;
}

/** Adds what the write concern asked for and did not get. */
export function withWriteConcernError(body: Doc, reply: Reply): Reply {
  const error = unsatisfied(body);
  if (!error) return reply;
  const doc = decode(replyBytes(reply));
  doc.set("writeConcernError", Doc.of({ code: error.code, codeName: error.codeName, errmsg: error.message }));
  return encode(doc);
}
