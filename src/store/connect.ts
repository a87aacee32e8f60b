/** Opens the store: the embedded engine in DATA_DIR, or MongoDB when a URI is given. Models cannot tell them apart. */
import { join } from "node:path";
import mongoose from "mongoose";
import type { Clock } from "../core/clock";
import { describeError, fail } from "../core/errors";
import type { Log } from "../core/log";
import { Engine } from "./embedded/engine";
import { embeddedClient } from "./embedded/front/in-process";
import { STORE_UNAVAILABLE } from "./embedded/storage/failure";

export interface Store {
  readonly kind: "embedded" | "mongodb";
  /** A connection of its own: register models with `connection.model(...)`. */
  readonly connection: mongoose.Connection;
  /** The engine of the embedded store, for backup, integrity check and the wire front end. */
  readonly engine: Engine | null;
  /**
   * Runs `fn` in a transaction: commits when it resolves, takes everything back when it throws. Repeats it after a
   * transient conflict, so `fn` must be repeatable. Inside, every database call carries the session; no network.
   */
  transaction<T>(fn: (session: mongoose.ClientSession) => Promise<T>): Promise<T>;
  /** Throws store.unavailable when the store does not answer. */
  ping(): Promise<void>;
  /** Waits for pending commits and closes the store. */
  close(): Promise<void>;
}

export interface OpenStoreOptions {
  /** Undefined: the embedded engine. */
  mongodbUri?: string | undefined;
  /** Must be owned by this process: see data-dir-lock. */
  dataDir: string;
  log: Log;
  clock: Clock;
  /** Embedded only, for tests: a scan without index over more documents than this fails. */
  failScansOver?: number | undefined;
}

export const DATABASE = "chasqui";
export const FILE = "chasqui.db";
const SELECTION_MS = 10_000;

/** Opens the store. Fails with store.unavailable or store.standalone. */
export function openStore(options: OpenStoreOptions): Promise<Store> {
  return options.mongodbUri === undefined ? openEmbedded(options) : openMongodb(options.mongodbUri, options.log);
}

async function openEmbedded({ dataDir, log, clock, failScansOver }: OpenStoreOptions): Promise<Store> {
  const file = join(dataDir, FILE);
  let engine: Engine;
  try {
    engine = new Engine({ file, clock, log: log.child({ part: "store" }), failScansOver });
  } catch (error) {
    // A damaged, foreign or newer file, or a disk that does not answer.
    throw fail("store.unavailable", {
      message: `The database file ${file} cannot be opened: ${describeError(error)}`,
      cause: error,
    });
  }
  const client = embeddedClient(engine, DATABASE);
  await client.connect();
  const connection = mongoose.createConnection();
  connection.set("autoIndex", false);
  connection.set("autoCreate", false);
  connection.set("bufferCommands", false);
  connection.setClient(client);
  return {
    ...operations(connection),
    kind: "embedded",
    engine,
    close: async () => {
      await engine.close();
      await connection.close();
    },
  };
}

async function openMongodb(uri: string, log: Log): Promise<Store> {
  const connection = mongoose.createConnection(uri, {
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    serverSelectionTimeoutMS: SELECTION_MS,
    writeConcern: { w: "majority", journal: true },
    readConcern: { level: "majority" },
    ...databaseOf(uri),
  });
  try {
    await connection.asPromise();
    await refuseStandalone(connection);
  } catch (error) {
    await connection.close(true);
    if (error instanceof Error && error.name === "AppError") throw error;
    // MongoServerSelectionError, authentication and TLS errors of the driver.
    throw fail("store.unavailable", { message: `MongoDB (MONGODB_URI) does not answer: ${describeError(error)}`, cause: error });
  }
  connection.on("disconnected", () => log.warn("MongoDB is disconnected"));
  return { ...operations(connection), kind: "mongodb", engine: null, close: () => connection.close() };
}

/** The other end of a copy: any MongoDB, also one that the product would not run on. Fails with store.unavailable. */
export async function openMongodbForCopy(uri: string): Promise<mongoose.Connection> {
  const connection = mongoose.createConnection(uri, {
    autoIndex: false,
    autoCreate: false,
    bufferCommands: false,
    serverSelectionTimeoutMS: SELECTION_MS,
    writeConcern: { w: "majority", journal: true },
    ...databaseOf(uri),
  });
  try {
    return await connection.asPromise();
  } catch (error) {
    await connection.close(true);
    // MongoServerSelectionError, authentication and TLS errors of the driver.
    throw fail("store.unavailable", {
      message: `${withoutPassword(uri)} does not answer: ${describeError(error)}`,
      cause: error,
    });
  }
}

const withoutPassword = (uri: string): string => uri.replace(/\/\/[^@/]*@/, "//...@");

/** Our database unless the address names one. Not a WHATWG URL: a replica set has several hosts. */
const databaseOf = (uri: string): { dbName?: string } =>
  /^mongodb(\+srv)?:\/\/[^/?]+\/[^?]/.test(uri) ? {} : { dbName: DATABASE };

/** Transactions need a replica set or a sharded cluster. */
async function refuseStandalone(connection: mongoose.Connection): Promise<void> {
  const hello = await connection.db!.command({ hello: 1 });
  if (hello.setName === undefined && hello.msg !== "isdbgrid") throw fail("store.standalone");
}

const operations = (connection: mongoose.Connection): Pick<Store, "connection" | "transaction" | "ping"> => ({
  connection,
  transaction: async (fn) => {
    const session = await connection.startSession();
    try {
      return await session.withTransaction(fn);
    } finally {
      await session.endSession();
    }
  },
  ping: async () => {
    try {
      await connection.db!.command({ ping: 1 });
    } catch (error) {
      // Any driver error: the store does not answer.
      throw fail("store.unavailable", { cause: error });
    }
  },
});

const UNAVAILABLE_NAMES = new Set([
  "MongoNetworkError",
  "MongoNetworkTimeoutError",
  "MongoServerSelectionError",
  "MongoNotConnectedError",
  "MongoTopologyClosedError",
  "MongoPoolClearedError",
  "MongoPoolClosedError",
  "MongoClientClosedError",
  "MongoExpiredSessionError",
]);
/**
 * Server errors that say "not now" (error_codes.yml): shutdown, no primary, disk full, a lock or time limit, and a conflict with
 * other writers that no repetition got past.
 */
const UNAVAILABLE_CODES = new Set([
  6, 7, 24, 50, 89, 91, 112, 189, 246, 251, 262, 9001, 10107, 11600, 11602, 13435, 13436, 14031,
]);

/** True when an error says that the store cannot be used at the moment, rather than that the call was wrong. */
export function isStoreUnavailable(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  if (error instanceof mongoose.mongo.MongoError && error.hasErrorLabel(STORE_UNAVAILABLE)) return true;
  if (UNAVAILABLE_NAMES.has(error.name)) return true;
  return "code" in error && typeof error.code === "number" && UNAVAILABLE_CODES.has(error.code);
}
