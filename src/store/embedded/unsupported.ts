/**
 * The closed list of what the embedded store refuses although MongoDB has it. Each entry fails loudly with MongoDB's
 * error shape; whatever is in no list at all fails as unknown, as it would in MongoDB.
 */
import { Doc, type Value } from "./bson/value";
import { CommandError, commandError, locationError } from "./command-error";

const FILTER_OPERATORS = new Map<string, string>([
  ["$where", "JavaScript in filters"],
  ["$text", "text search (Chasqui searches its own index)"],
  ["$near", "geospatial queries"],
  ["$nearSphere", "geospatial queries"],
  ["$geoWithin", "geospatial queries"],
  ["$geoIntersects", "geospatial queries"],
  ["$sampleRate", "random filters"],
]);

/** Throws when the filter operator exists in MongoDB but not here. */
export function refuseFilterOperator(op: string): void {
  const what = FILTER_OPERATORS.get(op);
  if (what) throw commandError("NotImplemented", `${op} is not supported by the embedded store: ${what}`);
}

const STAGES = new Map<string, string>([
  ["$graphLookup", "recursive lookups"],
  ["$geoNear", "geospatial queries"],
  ["$redact", "field-level access control"],
  ["$setWindowFields", "window functions"],
  ["$densify", "window functions"],
  ["$fill", "window functions"],
  ["$bucketAuto", "automatic buckets"],
  ["$changeStream", "change streams"],
  ["$search", "text search (Chasqui searches its own index)"],
  ["$searchMeta", "text search (Chasqui searches its own index)"],
  ["$vectorSearch", "vector search"],
  ["$planCacheStats", "the plan cache"],
  ["$listSessions", "session listing"],
]);

/** Stages that are run where a pipeline begins. */
const SOURCES_ONLY = new Set([
  "$documents",
  "$currentOp",
  "$listLocalSessions",
  "$collStats",
  "$indexStats",
  "$listSearchIndexes",
]);

/** Throws for a stage that the engine does not run: a known one by name, any other as MongoDB does. */
export function refuseStage(name: string): never {
  if (name === "$out" || name === "$merge") throw locationError(40601, `${name} can only be the final stage in the pipeline`);
  if (SOURCES_ONLY.has(name)) throw locationError(40602, `${name} is only valid as the first stage in a pipeline.`);
  const what = STAGES.get(name);
  if (what) throw commandError("NotImplemented", `${name} is not supported by the embedded store: ${what}`);
  throw new CommandError(40324, "Location40324", `Unrecognized pipeline stage name: '${name}'`);
}

/** Fields of commands that change their meaning and that the engine does not honour. */
export function refuseCollation(collation: Value | undefined): void {
  if (collation instanceof Doc && collation.size > 0 && collation.get("locale") !== "simple") {
    throw commandError("NotImplemented", "collation is not supported by the embedded store");
  }
}

/** JavaScript again: the aggregation pipeline does the same. */
export function refuseMapReduce(): never {
  throw commandError("NotImplemented", "mapReduce is not supported by the embedded store: JavaScript in commands");
}
