/**
 * Moves a whole installation between stores, in either direction: documents byte for byte, indexes, verified by counts
 * and hashes. Nothing may write to the source meanwhile. A copy that was interrupted goes on where it stopped.
 */
import type mongoose from "mongoose";
import { fail } from "../core/errors";
import { decode } from "./embedded/bson/decode";
import { toDriverMap } from "./embedded/front/driver-map";

export interface CopyProgress {
  collection: string;
  phase: "copying" | "verifying" | "verified";
  /** Documents of this phase so far. */
  done: number;
  total: number;
}

export interface CopyOptions {
  from: mongoose.Connection;
  to: mongoose.Connection;
  onProgress?: (progress: CopyProgress) => void;
  /** Stops the copy between two batches. */
  signal?: AbortSignal;
}

export interface CopiedCollection {
  name: string;
  documents: number;
  /** SHA-256 over the bytes of all documents in the order of _id. */
  hash: string;
}

type Collection = mongoose.mongo.Collection<mongoose.mongo.Document>;

interface StateRecord {
  _id: string;
  copied: number;
}

/** Fails with store.copy-refused when a copy into this database has begun and not ended: it must not be worked on. */
export async function refuseHalfCopied(connection: mongoose.Connection): Promise<void> {
  if ((await connection.db!.listCollections({ name: STATE }, { nameOnly: true }).toArray()).length === 0) return;
  throw fail("store.copy-refused", {
    message: "A copy into this database was interrupted. Repeat the same `db copy` command: it goes on where it stopped.",
  });
}

/** How far each collection has come; kept in the target while the copy is unfinished. */
const STATE = "copystate";
const BATCH = 500;
const BATCH_BYTES = 8_000_000;
const TELL_EVERY = 1_000;
const DUPLICATE_KEY = 11000;

/** Copies everything; null when the signal stopped it. Fails with store.copy-refused when the target holds something else, or does not equal the source. */
export async function copyStore({ from, to, onProgress = () => {}, signal }: CopyOptions): Promise<CopiedCollection[] | null> {
  const [source, target] = [from.db!, to.db!];
  const collections = await listed(source, "collection");
  const state = target.collection<StateRecord>(STATE);
  const present = (await listed(target, "collection")).map(({ name }) => name);
  if (!present.includes(STATE) && present.length > 0) await refuseUsedTarget(target, present);
  await state.updateOne({ _id: "" }, { $set: { copied: 0 } }, { upsert: true });

  const report: CopiedCollection[] = [];
  for (const { name, options } of collections) {
    if (Object.keys(options).length > 0 && !present.includes(name)) await target.createCollection(name, options);
    const task = { source: source.collection(name), target: target.collection(name), state, onProgress, signal };
    const copied = await copyCollection(task);
    if (copied === null) return null;
    report.push(copied);
  }
  const views = (await listed(target, "view")).map(({ name }) => name);
  for (const { name, options } of await listed(source, "view"))
    if (!views.includes(name)) await target.createCollection(name, options);
  await state.drop();
  return report;
}

async function listed(db: mongoose.mongo.Db, type: "collection" | "view"): Promise<{ name: string; options: object }[]> {
  const list = await db.listCollections({ type }).toArray();
  return list
    .map((item) => ({ name: item.name, options: "options" in item ? (item.options ?? {}) : {} }))
    .filter(({ name }) => !name.startsWith("system."))
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

async function refuseUsedTarget(target: mongoose.mongo.Db, names: readonly string[]): Promise<void> {
  for (const name of names) {
    if ((await target.collection(name).findOne({}, { projection: { _id: 1 } })) !== null) {
      throw fail("store.copy-refused", {
        message: `The target is not empty: it has documents in "${name}". Copy into an empty database.`,
      });
    }
  }
}

interface CollectionTask {
  source: Collection;
  target: Collection;
  state: mongoose.mongo.Collection<StateRecord>;
  onProgress: (progress: CopyProgress) => void;
  signal: AbortSignal | undefined;
}

async function copyCollection(task: CollectionTask): Promise<CopiedCollection | null> {
  const { source, target, state, onProgress, signal } = task;
  const name = source.collectionName;
  await copyIndexes(source, target);
  const total = await source.countDocuments({});
  const before = (await state.findOne({ _id: name }))?.copied ?? 0;
  const hasher = new Bun.CryptoHasher("sha256");
  let seen = 0;
  let batch: Uint8Array[] = [];
  let bytes = 0;
  const flush = async () => {
    if (batch.length === 0) return;
    await insertBatch(target, batch);
    await state.updateOne({ _id: name }, { $set: { copied: seen } }, { upsert: true });
    batch = [];
    bytes = 0;
    onProgress({ collection: name, phase: "copying", done: seen, total });
  };
  for await (const document of rawDocuments(source)) {
    if (signal?.aborted) return null;
    hasher.update(document);
    seen++;
    if (seen <= before) continue;
    batch.push(document);
    bytes += document.length;
    if (batch.length >= BATCH || bytes >= BATCH_BYTES) await flush();
  }
  await flush();
  const copied: CopiedCollection = { name, documents: seen, hash: hasher.digest("hex") };
  return (await verify(task, copied)) ? copied : null;
}

async function* rawDocuments(collection: Collection): AsyncGenerator<Uint8Array> {
  const cursor = collection.find({}, { sort: { _id: 1 }, raw: true, batchSize: BATCH });
  // With `raw` the driver gives the bytes, although its types do not say so.
  for await (const document of cursor) yield document as unknown as Uint8Array;
}

async function copyIndexes(source: Collection, target: Collection): Promise<void> {
  const indexes = (await source.listIndexes().toArray()).filter(({ name }) => name !== "_id_");
  if (indexes.length === 0) return;
  await target.createIndexes(indexes.map(({ v: _, ns: __, ...index }) => index as mongoose.mongo.IndexDescription));
}

async function insertBatch(target: Collection, batch: readonly Uint8Array[]): Promise<void> {
  const documents = batch.map((bytes) => toDriverMap(decode(bytes)) as unknown as mongoose.mongo.Document);
  try {
    await target.insertMany(documents, { ordered: false, forceServerObjectId: true, bypassDocumentValidation: true });
  } catch (error) {
    // Documents of a batch whose progress was not recorded any more; the hash tells whether they are the same.
    if ((error as { code?: unknown }).code !== DUPLICATE_KEY) throw error;
  }
}

/** False when the signal stopped it. */
async function verify({ target, onProgress, signal }: CollectionTask, expected: CopiedCollection): Promise<boolean> {
  const tell = (phase: CopyProgress["phase"], done: number) =>
    onProgress({ collection: expected.name, phase, done, total: expected.documents });
  const hasher = new Bun.CryptoHasher("sha256");
  let documents = 0;
  for await (const document of rawDocuments(target)) {
    if (signal?.aborted) return false;
    hasher.update(document);
    if (++documents % TELL_EVERY === 0) tell("verifying", documents);
  }
  if (documents === expected.documents && hasher.digest("hex") === expected.hash) {
    tell("verified", documents);
    return true;
  }
  throw fail("store.copy-refused", {
    message: `The copy of "${expected.name}" does not equal the source (${documents} of ${expected.documents} documents). Was the source written to meanwhile? Empty the target and copy again.`,
  });
}
