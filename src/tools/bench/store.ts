/** `npm run bench -- store`: the embedded store beside raw bun:sqlite in the same run, with the same documents and indexes. */
import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/clock";
import { silentLog } from "../../core/log";
import { messageModel } from "../../features/messages/message.model";
import { DATABASE, openMongodbForCopy, openStore, type Store } from "../../store/connect";
import { serveWire } from "../../store/embedded/front/wire-server";
import { writeJson } from "./report";
import { type BenchMessage, benchMessageModel, idOf, messageAt } from "./store-message.model";
import { NATIVE, RAW, readOperations, type Sides, socketOperations, writeOperations } from "./store-operations";
import { productOperations } from "./store-product";
import { RawStore, rawRow } from "./store-raw";
import { storeTable } from "./store-report";
import type { Residence } from "./store-resident";
import { runOperations, type Timing, timed } from "./store-timing";

const SEED_BATCH = 1_000;
const SEED_TELLS = 10;
const SAMPLES = 500;

/**
 * Bun compiles what runs often in several steps, on threads whose time counts here, too: after some 30,000 reads and 6,000 writes of
 * each the cost stands still, as it does in a server.
 */
const WARM_UP = 15;

export interface StoreBenchOptions {
  rows: number;
  rounds: number;
  /** Directory for the figures. */
  out: string;
  tell: (line: string) => void;
}

export async function benchStore({ rows, rounds, out, tell }: StoreBenchOptions): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), "chasqui-bench-"));
  try {
    const timings = await measureStore(dir, { rows, rounds }, tell);
    const residence = await measureResidence(dir, rows);
    tell(`\n${storeTable(timings, residence, rows)}\n`);
    const path = await writeJson(out, "store", { rows, rounds, timings, residence });
    tell(`Every document was counted and a sample read back. All rounds: ${path}`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** Fills both stores in `dir`, times every operation and checks at the end that nothing is missing or changed. */
export async function measureStore(
  dir: string,
  { rows, rounds }: Pick<StoreBenchOptions, "rows" | "rounds">,
  tell: (line: string) => void,
): Promise<Timing[]> {
  const store = await openStore({ dataDir: dir, log: silentLog, clock: systemClock });
  const raw = new RawStore(join(dir, "raw.db"));
  const socket = await openSocket(dir, store);
  try {
    const { connection } = store;
    const messages = benchMessageModel(connection);
    const remote = benchMessageModel(socket.connection);
    const sides: Sides = { raw, store, rows, messages, remote, product: messageModel(connection) };
    await sides.messages.createIndexes();
    await sides.product.createIndexes();
    const timings = await seed(sides, tell);
    for (const [title, operations, warmUp] of [
      ["reads", readOperations(sides), WARM_UP],
      ["writes", writeOperations(sides), WARM_UP],
      ["the product's writes", productOperations(sides), WARM_UP],
      ["reads through a socket", socketOperations(sides), WARM_UP],
    ] as const) {
      timings.push(...(await runOperations(operations, { rounds, warmUp }, (line) => tell(`${title}: ${line}`))));
    }
    await assertKept(sides);
    return timings;
  } finally {
    await socket.close();
    await store.close();
    raw.close();
  }
}

/** The same store as a client of a database server sees it: stock driver, unix socket, wire protocol. */
async function openSocket(dir: string, { engine }: Store) {
  const server = await serveWire({ engine: engine!, log: silentLog, address: { path: join(dir, "bench.sock") } });
  const connection = await openMongodbForCopy(`mongodb://${server.host}/${DATABASE}`);
  return {
    connection,
    close: async () => {
      await connection.close();
      await server.close();
    },
  };
}

/** Fills both files in turns, a batch here and a batch there; what raw stores is made outside the measured time. */
async function seed({ raw, messages, rows }: Sides, tell: (line: string) => void): Promise<Timing[]> {
  const rawTiming: Timing = { name: "bulk insert, seed", side: RAW, samples: [] };
  const timing: Timing = { name: "bulk insert, seed", side: NATIVE, samples: [] };
  for (let from = 0; from < rows; from += SEED_BATCH) {
    const size = Math.min(SEED_BATCH, rows - from);
    const ready = Array.from({ length: size }, (_, i) => rawRow(from + i, rows));
    const documents = Array.from({ length: size }, (_, i) => messageAt(from + i, rows));
    rawTiming.samples.push(await timed(size, () => raw.insert(ready)));
    timing.samples.push(await timed(size, () => messages.collection.insertMany(documents as never[])));
    const done = from + size;
    const step = Math.ceil(rows / SEED_TELLS / SEED_BATCH) * SEED_BATCH;
    if (done % step === 0 || done === rows) tell(`seeded ${done} of ${rows}`);
  }
  return [rawTiming, timing];
}

/** Nothing is missing, nothing is there twice, and a sample is what was written. */
async function assertKept({ raw, messages, product, rows }: Sides): Promise<void> {
  const written = raw.count();
  const stored = await messages.countDocuments();
  assert(written >= rows && stored >= rows, `${written} and ${stored} rows instead of at least ${rows}`);
  assert.equal(await messages.countDocuments({ wamid: { $gt: "" } }), stored);
  for (let i = 0; i < SAMPLES; i++) {
    const index = (i * 104_729) % rows;
    const wanted = messageAt(index, rows);
    assert.deepEqual(await messages.findOne({ _id: idOf(index) }).lean<BenchMessage>(), wanted);
    assert.deepEqual(raw.byId(index), wanted);
  }
  assert.equal(
    await product.countDocuments({ channel: "68e200000000000000000001", wamid: { $type: "string" } }),
    await product.countDocuments(),
  );
}

async function measureResidence(dataDir: string, rows: number): Promise<Residence> {
  const child = Bun.spawn([process.execPath, `${import.meta.dir}/store-resident.ts`, dataDir, String(rows)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const [output, code] = await Promise.all([child.stdout.text(), child.exited]);
  if (code !== 0) throw new Error(`Measuring the memory ended with exit code ${code}.`);
  return JSON.parse(output) as Residence;
}
