/** Every command the engine knows: whether it reads or writes, and whether a transaction may contain it. */
import type { Doc } from "../bson/value";
import { refuseMapReduce } from "../unsupported";
import {
  buildInfo,
  create,
  createIndexes,
  done,
  drop,
  dropDatabase,
  dropIndexes,
  hello,
  listCollections,
  listDatabases,
  listIndexes,
  renameCollection,
} from "./admin";
import { aggregate, writesResult } from "./aggregate";
import { collMod } from "./coll-mod";
import type { CommandContext } from "./context";
import { explain } from "./explain";
import { fileMd5 } from "./file-md5";
import { findAndModify } from "./find-and-modify";
import { areWorkerCursors, executesToExplain, isReport, isWorkerCursor } from "./heavy";
import { insert } from "./insert";
import { collStats, dbStats, reIndex, validate } from "./maintenance";
import { count, distinct, find, getMore, killCursors } from "./query";
import type { Reply } from "./reply";
import type { CommandCall } from "./request";
import { refuseSearchIndexes } from "./search-indexes";
import {
  connectionStatus,
  currentOp,
  getCmdLineOpts,
  getDefaultRWConcern,
  getLog,
  getParameter,
  hostInfo,
  listCommands,
  noReplication,
  profile,
  serverStatus,
  startSession,
  top,
  whatsMyUri,
} from "./server-info";
import { remove, update } from "./update";
import { dropAllUsers, refuseUsers, rolesInfo, usersInfo } from "./users";

/**
 * read: answered at once from committed data · write: joins the commit group · catalog: a group of its own ·
 * server: about the server, no data.
 */
export type CommandKind = "read" | "write" | "catalog" | "server";

export interface CommandEntry {
  kind: CommandKind;
  inTransaction: boolean;
  /** The scan worker may run it when it looks at many documents. */
  mayMove?: boolean;
  /** True when it is sure to be long: the worker runs it at once. */
  heavy?: (call: CommandCall) => boolean;
  run: (call: CommandCall, context: CommandContext) => Reply;
}

const read = (run: CommandEntry["run"]): CommandEntry => ({ kind: "read", inTransaction: true, run });
/** A read whose size shows only while it runs; a comment that begins with "report" says it beforehand. */
const search = (run: CommandEntry["run"]): CommandEntry => ({ ...read(run), mayMove: true, heavy: isReport });
/** A read of whole collections. */
const survey = (run: CommandEntry["run"]): CommandEntry => ({ ...read(run), inTransaction: false, heavy: () => true });
const write = (run: CommandEntry["run"]): CommandEntry => ({ kind: "write", inTransaction: true, run });
const catalog = (run: CommandEntry["run"]): CommandEntry => ({ kind: "catalog", inTransaction: false, run });
const server = (run: CommandEntry["run"]): CommandEntry => ({ kind: "server", inTransaction: false, run });

export const COMMANDS: ReadonlyMap<string, CommandEntry> = new Map(
  Object.entries({
    find: search(find),
    aggregate: search(aggregate),
    getMore: { ...read(getMore), heavy: isWorkerCursor },
    killCursors: { ...read(killCursors), heavy: areWorkerCursors },
    count: { ...search(count), inTransaction: false },
    distinct: search(distinct),
    insert: write(insert),
    update: write(update),
    delete: write(remove),
    findAndModify: write(findAndModify),
    findandmodify: write(findAndModify),
    create: { ...catalog(create), inTransaction: true },
    drop: catalog(drop),
    dropDatabase: catalog(dropDatabase),
    renameCollection: catalog(renameCollection),
    createIndexes: { ...catalog(createIndexes), inTransaction: true },
    dropIndexes: catalog(dropIndexes),
    deleteIndexes: catalog(dropIndexes),
    listCollections: { ...read(listCollections), inTransaction: false },
    listDatabases: { ...read(listDatabases), inTransaction: false },
    listIndexes: { ...read(listIndexes), inTransaction: false },
    collMod: catalog(collMod),
    validate: survey(validate),
    collStats: survey(collStats),
    dbStats: survey(dbStats),
    dbstats: survey(dbStats),
    explain: { ...read(explain), inTransaction: false, heavy: executesToExplain },
    createSearchIndexes: server(refuseSearchIndexes),
    updateSearchIndex: server(refuseSearchIndexes),
    dropSearchIndex: server(refuseSearchIndexes),
    hello: server(hello),
    isMaster: server(hello),
    ismaster: server(hello),
    ping: server(done),
    buildInfo: server(buildInfo),
    buildinfo: server(buildInfo),
    endSessions: server(done),
    refreshSessions: server(done),
    killSessions: server(done),
    serverStatus: server(serverStatus),
    connectionStatus: server(connectionStatus),
    getParameter: server(getParameter),
    getLog: server(getLog),
    hostInfo: server(hostInfo),
    whatsmyuri: server(whatsMyUri),
    getCmdLineOpts: server(getCmdLineOpts),
    listCommands: server(listCommands(() => COMMANDS.keys())),
    startSession: server(startSession),
    logout: server(done),
    filemd5: { ...read(fileMd5), inTransaction: false },
    reIndex: catalog(reIndex),
    mapReduce: server(refuseMapReduce),
    mapreduce: server(refuseMapReduce),
    usersInfo: server(usersInfo),
    rolesInfo: server(rolesInfo),
    dropAllUsersFromDatabase: server(dropAllUsers),
    createUser: server(refuseUsers),
    updateUser: server(refuseUsers),
    dropUser: server(refuseUsers),
    getDefaultRWConcern: server(getDefaultRWConcern),
    replSetGetStatus: server(noReplication),
    replSetGetConfig: server(noReplication),
    top: server(top),
    currentOp: server(currentOp),
    profile: server(profile),
  }),
);

/** An aggregate that stores its result changes the catalog, and is no part of a transaction. */
const STORING = catalog(aggregate);

export const entryOf = (name: string, body: Doc): CommandEntry | undefined =>
  name === "aggregate" && writesResult({ body }) ? STORING : COMMANDS.get(name);
