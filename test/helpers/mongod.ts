/** A real MongoDB for tests: the one TEST_MONGODB_URI names, or a mongod of this machine started for as long as it is needed. */
import { newId } from "../../src/core/id";

export interface RealMongodb extends AsyncDisposable {
  /** How it is named in what the tests print. */
  name: string;
  /** An address of a database of its own, which is dropped at the end by whoever uses it. */
  uri(): string;
}

/** Where the tests look: MONGOMS_SYSTEM_BINARY as mongodb-memory-server has it, then the path. */
const binary = (): string | null => process.env.MONGOMS_SYSTEM_BINARY ?? Bun.which("mongod");

/** Why there is none, or null when there is one. */
export const noMongodb = (): string | null =>
  process.env.TEST_MONGODB_URI === undefined && binary() === null
    ? "TEST_MONGODB_URI is not set and no mongod is installed"
    : null;

/** Connects or starts; only to be called when `noMongodb()` is null. */
export async function realMongodb(): Promise<RealMongodb> {
  const given = process.env.TEST_MONGODB_URI;
  if (given !== undefined)
    return { name: "MongoDB (TEST_MONGODB_URI)", uri: () => ownDatabase(given), [Symbol.asyncDispose]: async () => {} };
  const systemBinary = binary()!;
  // Loaded only here: it is slow, and most machines have no mongod.
  const { MongoMemoryReplSet } = await import("mongodb-memory-server-core");
  const set = await MongoMemoryReplSet.create({
    binary: { systemBinary },
    replSet: { count: 1, storageEngine: "wiredTiger" },
  });
  return {
    name: `MongoDB (${systemBinary})`,
    uri: () => ownDatabase(set.getUri()),
    [Symbol.asyncDispose]: async () => void (await set.stop()),
  };
}

/** The address with a database name that nobody else uses. */
function ownDatabase(uri: string): string {
  const [, head = "", options = ""] = /^(mongodb(?:\+srv)?:\/\/[^/?]+)(?:\/[^?]*)?(\?.*)?$/.exec(uri) ?? [];
  return `${head}/chasqui_test_${newId()}${options}`;
}
