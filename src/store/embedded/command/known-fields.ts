/** The fields each command has in MongoDB 7; any other is refused, so that a misspelt option never goes unnoticed. */
import type { Doc } from "../bson/value";
import { locationError } from "../command-error";

/** What every command may carry. */
const GENERIC = words(
  "$db lsid txnNumber autocommit startTransaction stmtId stmtIds readConcern writeConcern maxTimeMS comment $readPreference $clusterTime $audit $client $queryOptions apiVersion apiStrict apiDeprecationErrors maxTimeMSOpOnly maxAwaitTimeMS help",
);

const UPDATES = "ordered bypassDocumentValidation let";
const FIELDS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  Object.entries({
    find: "filter sort projection hint skip limit batchSize singleBatch collation min max returnKey showRecordId tailable oplogReplay noCursorTimeout awaitData allowPartialResults allowDiskUse let options readOnce",
    aggregate: "pipeline explain allowDiskUse cursor bypassDocumentValidation collation hint let",
    getMore: "collection batchSize term",
    killCursors: "cursors",
    count: "query limit skip hint collation fields",
    distinct: "key query collation hint",
    insert: `documents ${UPDATES}`,
    update: `updates ${UPDATES}`,
    delete: `deletes ${UPDATES}`,
    findAndModify: "query sort remove update new fields upsert bypassDocumentValidation hint arrayFilters let collation",
    create:
      "capped size max storageEngine validator validationLevel validationAction indexOptionDefaults viewOn pipeline collation idIndex autoIndexId timeseries expireAfterSeconds clusteredIndex encryptedFields changeStreamPreAndPostImages flags temp",
    createIndexes: "indexes commitQuorum ignoreUnknownIndexOptions",
    dropIndexes: "index",
    listCollections: "filter nameOnly authorizedCollections cursor",
    listIndexes: "cursor",
    listDatabases: "filter nameOnly authorizedDatabases",
    renameCollection: "to dropTarget stayTemp",
    drop: "",
    dropDatabase: "",
    validate: "full repair metadata checkBSONConformance background",
    collStats: "scale",
    dbStats: "scale freeStorage",
    explain: "verbosity",
  }).map(([name, fields]) => [name, words(fields)]),
);

const SAME = new Map([
  ["findandmodify", "findAndModify"],
  ["deleteIndexes", "dropIndexes"],
  ["dbstats", "dbStats"],
]);

function words(text: string): ReadonlySet<string> {
  return new Set(text.split(" "));
}

/** Throws for a field that MongoDB does not know in this command. */
export function refuseUnknownFields(name: string, body: Doc): void {
  const known = FIELDS.get(name) ?? FIELDS.get(SAME.get(name) ?? "");
  if (!known) return;
  for (let i = 1; i < body.size; i++) {
    const field = body.keys[i]!;
    if (!known.has(field) && !GENERIC.has(field))
      throw locationError(40415, `BSON field '${SAME.get(name) ?? name}.${field}' is an unknown field.`);
  }
}

/** Throws for a list of the same, such as the statements of a delete. */
export function refuseUnknownStatementFields(command: string, statement: Doc, known: ReadonlySet<string>): void {
  for (const field of statement.keys) {
    if (!known.has(field)) throw locationError(40415, `BSON field '${command}.${field}' is an unknown field.`);
  }
}
