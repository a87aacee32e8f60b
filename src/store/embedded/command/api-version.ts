/** The versioned API: what a client that declares apiVersion "1", perhaps strictly, may ask. */
import { Doc } from "../bson/value";
import { CommandError, locationError } from "../command-error";
import { truthy } from "../query/leaf";

const COMMANDS = new Set(
  (
    "abortTransaction aggregate authenticate collMod commitTransaction count create createIndexes delete drop dropDatabase dropIndexes " +
    "endSessions explain find findAndModify getMore hello insert killCursors listCollections listDatabases listIndexes ping " +
    "refreshSessions saslContinue saslStart update"
  ).split(" "),
);
const OTHER_STAGES = new Set([
  "$collStats",
  "$currentOp",
  "$indexStats",
  "$listLocalSessions",
  "$listSessions",
  "$planCacheStats",
  "$search",
]);

/** Throws when the command does not keep to the API that its client has declared. */
export function checkApi(name: string, body: Doc): void {
  const version = body.get("apiVersion");
  const strict = body.get("apiStrict");
  if (version === undefined) {
    if (strict === undefined && !body.has("apiDeprecationErrors")) return;
    throw locationError(4886600, "Provided apiStrict and/or apiDeprecationErrors without passing apiVersion");
  }
  if (version !== "1") throw new CommandError(322, "APIVersionError", 'API version must be "1"');
  if (strict === undefined || !truthy(strict)) return;
  if (!COMMANDS.has(name)) throw strictError(`the command ${name} is not in API Version 1`);
  const pipeline = name === "aggregate" ? body.get("pipeline") : undefined;
  for (const stage of Array.isArray(pipeline) ? pipeline : []) {
    const kind = stage instanceof Doc ? stage.keys[0] : undefined;
    if (kind !== undefined && OTHER_STAGES.has(kind)) throw strictError(`stage ${kind} is not in API Version 1`);
  }
}

const strictError = (what: string): CommandError =>
  new CommandError(323, "APIStrictError", `Provided apiStrict:true, but ${what}.`);
