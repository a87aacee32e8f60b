/**
 * `npm run bench -- sync`: where the sync to disk should happen. The same commands go to a store that syncs within its commits, to one
 * that syncs beside the event loop (what the product does), and to one in a Worker; how long does everything else have to wait?
 */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/clock";
import { cpuMicroseconds } from "./process-cost";
import { type Column, median, type Percentiles, percentiles, toTable, writeJson } from "./report";
import { pause } from "./server";
import type { Suite } from "./suite";
import type { WriterOrder } from "./sync.worker";
import { openWriter, type Writer } from "./sync-writer";

const WORKER_FILE = new URL("./sync.worker.ts", import.meta.url).href;
const DOCUMENT_BYTES = 1_000;
/** Behind a reply stand about two reads for each write. */
const READS_A_WRITE = 2;
/** What a request does besides its commands, in microseconds of this thread: parsing, rules, views. */
const OTHER_WORK_US = 100;

interface Round {
  writesPerSecond: number;
  cpuAWrite: number;
  write: Percentiles;
  /** How late a timer of a millisecond rang: what every other request had to wait. */
  late: Percentiles;
}

interface Row {
  what: string;
  rounds: Round[];
}

const middle = (of: (round: Round) => number) => (row: Row) => median(row.rounds.map(of));
const COLUMNS: readonly Column<Row>[] = [
  { title: "the store", of: ({ what }) => what },
  { title: "writes/s", of: middle((round) => round.writesPerSecond) },
  { title: "CPU us/write", of: middle((round) => round.cpuAWrite) },
  { title: "write p50", of: middle((round) => round.write.p50), digits: 1 },
  { title: "p99 ms", of: middle((round) => round.write.p99), digits: 1 },
  { title: "others wait p50", of: middle((round) => round.late.p50), digits: 1 },
  { title: "p99 ms", of: middle((round) => round.late.p99), digits: 1 },
];

const STORES: readonly { what: string; open: (file: string) => Writer | Promise<Writer> }[] = [
  { what: "synced within its commits", open: (file) => openWriter(file, "in place") },
  { what: "synced beside the event loop", open: (file) => openWriter(file, "beside") },
  { what: "in a Worker", open: openWorker },
];

export const sync: Suite = {
  summary: "the sync to disk within the commit, beside the event loop, and with the store in a Worker",
  flags: { seconds: 5, rounds: 3, clients: 32 },
  quick: { seconds: 1, rounds: 1, clients: 4 },

  async run({ flags: { seconds = 0, rounds = 0, clients = 0 }, out, tell }) {
    const rows = STORES.map(({ what }): Row => ({ what, rounds: [] }));
    for (let round = 0; round < rounds; round++)
      for (const [index, { open }] of STORES.entries()) rows[index]?.rounds.push(await measure(open, seconds, clients));
    tell(toTable(COLUMNS, rows));
    tell(
      `\n${clients} clients, each writes ${DOCUMENT_BYTES} bytes, reads ${READS_A_WRITE} times and works ${OTHER_WORK_US} us, again and again.`,
    );
    tell(`All rounds: ${await writeJson(out, "sync", { setup: { seconds, clients }, rows })}`);
  },
};

async function measure(open: (typeof STORES)[number]["open"], seconds: number, clients: number): Promise<Round> {
  const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  const writer = await open(join(directory, "sync.db"));
  try {
    const waits: number[] = [];
    const late: number[] = [];
    const now = () => systemClock.monotonic();
    const end = now() + seconds * 1_000;
    const cpuBefore = cpuMicroseconds(process.pid);
    const client = async () => {
      const bytes = crypto.getRandomValues(new Uint8Array(DOCUMENT_BYTES));
      while (now() < end) {
        const from = now();
        const row = await writer.write(bytes);
        waits.push(now() - from);
        for (let read = 0; read < READS_A_WRITE; read++)
          if ((await writer.read(row)).length !== DOCUMENT_BYTES) throw new Error("A row is not what was written.");
        work(OTHER_WORK_US);
      }
    };
    const watch = async () => {
      while (now() < end) {
        const from = now();
        await pause(1);
        late.push(now() - from - 1);
      }
    };
    await Promise.all([watch(), ...Array.from({ length: clients }, client)]);
    const cpu = cpuMicroseconds(process.pid) - cpuBefore;
    return {
      writesPerSecond: waits.length / seconds,
      cpuAWrite: cpu / waits.length,
      write: percentiles(waits),
      late: percentiles(late),
    };
  } finally {
    await writer.close();
    await rm(directory, { recursive: true });
  }
}

function work(microseconds: number): void {
  const end = systemClock.monotonic() + microseconds / 1_000;
  while (systemClock.monotonic() < end);
}

/** The store in a thread of its own, behind the same face. */
async function openWorker(file: string): Promise<Writer> {
  const worker = new Worker(WORKER_FILE);
  const waiting = new Map<number, (value: unknown) => void>();
  let nextId = 1;
  worker.onmessage = ({ data }: MessageEvent<{ id: number; value: unknown }>) => {
    waiting.get(data.id)?.(data.value);
    waiting.delete(data.id);
  };
  const ask = <T>(id: number, order: WriterOrder): Promise<T> =>
    new Promise((resolve) => {
      waiting.set(id, resolve as (value: unknown) => void);
      worker.postMessage(order);
    });
  await ask(0, { open: file });
  return {
    write: (bytes) => {
      const id = nextId++;
      return ask(id, { id, write: bytes });
    },
    read: (row) => {
      const id = nextId++;
      return ask(id, { id, read: row });
    },
    async close() {
      await ask(0, { close: true });
      worker.terminate();
    },
  };
}
