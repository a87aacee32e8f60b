/** Creates the indexes that the models declare. Explicit and at start: a missing unique index would lose the dedup silently. */
import type mongoose from "mongoose";
import { describeError, fail } from "../core/errors";

export interface IndexReport {
  /** `collection.index` of each index that was created now. */
  created: string[];
  /** Indexes in the database that no model declares; they are left alone (a migration drops them). */
  undeclared: string[];
}

/**
 * Creates what is missing for all models registered on the connection. Fails with store.index-conflict when an index
 * of the same name or keys differs, or when stored documents violate a unique index.
 */
export async function syncIndexes(connection: mongoose.Connection): Promise<IndexReport> {
  const report: IndexReport = { created: [], undeclared: [] };
  const wanted = declaredIndexes(connection);
  const existing = await existingCollections(connection);
  for (const [collection, indexes] of wanted) {
    const before = existing.has(collection) ? await indexNames(connection, collection) : new Set<string>();
    if (!existing.has(collection)) await createCollection(connection, collection);
    const names = indexes.length === 0 ? [] : await createAll(connection, collection, indexes);
    for (const name of names) if (!before.has(name)) report.created.push(`${collection}.${name}`);
    for (const name of before) if (name !== "_id_" && !names.includes(name)) report.undeclared.push(`${collection}.${name}`);
  }
  return report;
}

type Index = mongoose.mongo.IndexDescription;

function declaredIndexes(connection: mongoose.Connection): Map<string, Index[]> {
  const wanted = new Map<string, Index[]>();
  for (const model of Object.values(connection.models)) {
    const list = wanted.get(model.collection.collectionName) ?? [];
    for (const [key, options] of model.schema.indexes()) {
      const { background: _, ...rest } = options as Record<string, unknown>;
      list.push({ key: key as Index["key"], ...rest });
    }
    wanted.set(model.collection.collectionName, list);
  }
  return wanted;
}

async function existingCollections(connection: mongoose.Connection): Promise<Set<string>> {
  const list = await connection.db!.listCollections({}, { nameOnly: true }).toArray();
  return new Set(list.map(({ name }) => name));
}

async function indexNames(connection: mongoose.Connection, collection: string): Promise<Set<string>> {
  const list = await connection.db!.collection(collection).listIndexes().toArray();
  return new Set(list.map(({ name }) => String(name)));
}

const NAMESPACE_EXISTS = 48;

async function createCollection(connection: mongoose.Connection, collection: string): Promise<void> {
  try {
    await connection.db!.createCollection(collection);
  } catch (error) {
    // Two processes start at once: the other one was faster.
    if ((error as { code?: unknown }).code !== NAMESPACE_EXISTS) throw error;
  }
}

/** Codes of createIndexes that mean a contradiction: options, keys, and stored duplicates. */
const CONFLICTS = new Set<unknown>([85, 86, 11000]);

async function createAll(connection: mongoose.Connection, collection: string, indexes: Index[]): Promise<string[]> {
  try {
    return await connection.db!.collection(collection).createIndexes(indexes);
  } catch (error) {
    // Everything else (no connection, full disk) goes on as it is.
    if (!CONFLICTS.has((error as { code?: unknown }).code)) throw error;
    throw fail("store.index-conflict", {
      message: `The indexes of ${collection} contradict the database: ${describeError(error)}`,
      cause: error,
    });
  }
}
