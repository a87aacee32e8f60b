/** Read and write concerns: the one member of the embedded store honours the strongest of them; impossible ones are refused. */
import { Doc, isNumeric, toNumber } from "../bson/value";
import { commandError } from "../command-error";

const LEVELS = new Set(["local", "majority", "linearizable", "available", "snapshot"]);

export function checkConcerns(body: Doc): void {
  const read = body.get("readConcern");
  if (read instanceof Doc) {
    const level = read.get("level");
    if (level !== undefined && (typeof level !== "string" || !LEVELS.has(level)))
      throw commandError("BadValue", `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`);
  }
  const write = body.get("writeConcern");
  if (!(write instanceof Doc)) return;
  const members = write.get("w");
  if (typeof members === "string" && members !== "majority")
    throw commandError("UnknownReplWriteConcern", `No write concern mode named '${members}' found in replica set configuration`);
  if (isNumeric(members) && toNumber(members) > 1)
    throw commandError("UnsatisfiableWriteConcern", "Not enough data-bearing nodes");
  if (isNumeric(members) && toNumber(members) < 0)
    throw commandError("FailedToParse", "w has to be a non-negative number and not greater than 50");
}
