/** Read and write concerns: the one member of the embedded store honours the strongest of them; impossible ones are told. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { Doc, isNumeric, Timestamp, toNumber, type Value } from "../bson/value";
import { type CommandError, commandError } from "../command-error";
import { okReply, type Reply, replyBytes } from "./reply";

const LEVELS = new Set(["local", "majority", "linearizable", "available", "snapshot"]);

/** What may read a snapshot outside of transactions. */
const SNAPSHOT_READS = new Set(["find", "aggregate", "distinct"]);
/** Drivers name the concern of the session here too; the cursor knows its snapshot. */
const CURSOR_COMMANDS = new Set(["getMore", "killCursors"]);

function checkClusterTime(at: Value, level: Value | undefined, inTransaction: boolean): void {
  if (!(at instanceof Timestamp))
    throw commandError("TypeMismatch", "BSON field 'readConcern.atClusterTime' is the wrong type, expected type 'timestamp'");
  if (level !== "snapshot")
    throw commandError(
      "InvalidOptions",
      "readConcern.level must be 'snapshot' when specifying atClusterTime in a 'readConcern' document",
    );
  if (at.seconds === 0 && at.increment === 0)
    throw commandError("InvalidOptions", "readConcern.atClusterTime cannot be a null timestamp");
  if (inTransaction) throw commandError("NotImplemented", "atClusterTime in transactions is not supported by the embedded store");
}

/** The snapshot that a read outside of transactions asks for; null when it asks for none. */
export function snapshotOf(body: Doc): { at: Timestamp | null } | null {
  const read = body.get("readConcern");
  if (!(read instanceof Doc) || read.get("level") !== "snapshot" || !SNAPSHOT_READS.has(body.keys[0]!)) return null;
  const at = read.get("atClusterTime");
  return { at: at instanceof Timestamp ? at : null };
}

/** Adds the time of the snapshot that was read. */
export function withClusterTime(reply: Reply, time: Timestamp): Reply {
  if (!(reply instanceof Uint8Array)) return { ...reply, atClusterTime: time };
  const doc = decode(reply);
  doc.set("atClusterTime", time);
  return encode(doc);
}

/** Throws for a concern that no server takes. */
export function checkConcerns(body: Doc): void {
  const read = body.get("readConcern");
  if (read instanceof Doc) {
    const level = read.get("level");
    if (level !== undefined && (typeof level !== "string" || !LEVELS.has(level)))
      throw commandError("BadValue", `Enumeration value '${String(level)}' for field 'readConcern.level' is not a valid value.`);
    const at = read.get("atClusterTime");
    if (at !== undefined) checkClusterTime(at, level, body.has("autocommit"));
    if (
      level === "snapshot" &&
      !body.has("autocommit") &&
      !SNAPSHOT_READS.has(body.keys[0]!) &&
      !CURSOR_COMMANDS.has(body.keys[0]!)
    )
      throw commandError(
        "InvalidOptions",
        `Command ${body.keys[0]} does not support { readConcern: { level: "snapshot" } } :: caused by :: read concern snapshot is not supported`,
      );
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

const TELLS_ALL = okReply();
const BATCHES = new Set(["insert", "update", "delete"]);

/** A batch of writes that nobody wants to hear of is answered with ok alone, also when some were refused. */
const isUnacknowledged = (body: Doc, members: Value | undefined): boolean =>
  isNumeric(members) && toNumber(members) === 0 && BATCHES.has(body.keys[0]!);

/** Adds what the write concern asked for and did not get. */
export function withWriteConcernError(body: Doc, reply: Reply): Reply {
  const write = body.get("writeConcern");
  if (isUnacknowledged(body, write instanceof Doc ? write.get("w") : undefined)) return TELLS_ALL;
  const error = unsatisfied(body);
  if (!error) return reply;
  const doc = decode(replyBytes(reply));
  doc.set("writeConcernError", Doc.of({ code: error.code, codeName: error.codeName, errmsg: error.message }));
  return encode(doc);
}
