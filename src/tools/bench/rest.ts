/** `npm run bench -- rest`: lists, threads and search of a full inbox, beside hand-written SQL behind a bare `Bun.serve`. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createRandom } from "../../commands/torture/random";
import { systemClock, wait } from "../../core/clock";
import { conversationModel } from "../../features/conversations/conversation.model";
import { messageModel } from "../../features/messages/message.model";
import { progressLine } from "../seed/progress";
import type { SeedPlan } from "../seed/seed-plan";
import { seedDataDir } from "../seed/seed-store";
import { startWatch } from "../stopwatch";
import { Api } from "./api";
import { cpuMicroseconds } from "./process-cost";
import { type Column, type Percentiles, percentiles, toTable, writeJson } from "./report";
import { type Read, type ReadKind, readKinds } from "./rest-reads";
import { seedReference } from "./rest-seed";
import { API, startServer } from "./server";
import { openDataDir } from "./stored-messages";
import type { Suite } from "./suite";
import { firstJson } from "./target";

const SIZES = [10_000, 100_000, 1_000_000];
/** A conversation has ten messages on average. */
const MESSAGES_A_CONVERSATION = 10;
const WARM_UP = 20;
const LOOK_EVERY_MS = 100;

interface Row {
  messages: number;
  read: string;
  /** Milliseconds until the whole answer is here. */
  product: Percentiles;
  reference: Percentiles | null;
  /** Of the server, in microseconds a request. */
  cpu: number;
  bytes: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "messages", of: ({ messages }) => messages },
  { title: "read", of: ({ read }) => read },
  { title: "p50 ms", of: ({ product }) => product.p50, digits: 2 },
  { title: "p95 ms", of: ({ product }) => product.p95, digits: 2 },
  { title: "max ms", of: ({ product }) => product.max, digits: 1 },
  { title: "CPU us", of: ({ cpu }) => cpu },
  { title: "answer kB", of: ({ bytes }) => bytes / 1_000, digits: 1 },
  { title: "reference p50", of: ({ reference }) => reference?.p50.toFixed(2) ?? "-" },
  { title: "p95 ms", of: ({ reference }) => reference?.p95.toFixed(2) ?? "-" },
];

export const rest: Suite = {
  summary: "inbox, threads, contacts and search with 10k, 100k and 1M messages",
  flags: { requests: 300, "max-messages": 1_000_000, seed: 1 },
  quick: { requests: 5, "max-messages": 500 },

  async run({ flags, binary, out, tell }) {
    const { requests = 0, "max-messages": most = 0, seed = 0 } = flags;
    const sizes = SIZES.filter((size) => size < most);
    sizes.push(most);
    const rows: Row[] = [];
    for (const messages of sizes) {
      const measured = await measure({ messages, seed, requests, binary, tell });
      rows.push(...measured);
      tell(`\n${toTable(COLUMNS, measured)}\n`);
    }
    if (!rows.some(({ read }) => read.startsWith("search"))) tell("The server has no search route, so search was not measured.");
    tell("One request after the other. Reference: Bun.serve, SQL by hand, rows stored as JSON, without sign-in and checks.");
    tell("The first row and the number of rows of every answer were compared with what was seeded.");
    tell(`All figures: ${await writeJson(out, "rest", { setup: { requests, seed, binary }, rows })}`);
  },
};

interface Setup {
  messages: number;
  seed: number;
  requests: number;
  binary: boolean;
  tell: (line: string) => void;
}

async function measure({ messages, seed, requests, binary, tell }: Setup): Promise<Row[]> {
  const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  try {
    const elapsed = startWatch();
    const [dataDir, file] = [join(directory, "data"), join(directory, "reference.db")];
    const onProgress = progressLine({ isTTY: process.stdout.isTTY, write: (text) => tell(text.trimEnd()) }, elapsed);
    const conversations = Math.max(1, Math.floor(messages / MESSAGES_A_CONVERSATION));
    const plan = await seedDataDir({ dataDir, messages, conversations, seed, onProgress });
    tell(`${messages} messages in ${conversations} conversations were seeded in ${elapsed()}.`);
    seedReference(file, plan, onProgress);
    const server = await startServer({ binary, dataDir });
    const reference = Bun.spawn([process.execPath, join(import.meta.dir, "rest-reference.ts"), file], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    try {
      const { port } = await firstJson<{ port: number }>(reference);
      const api = new Api(server.base);
      tell(`The search index was ready after ${await untilSearchable(server.base, api)}.`);
      const rows: Row[] = [];
      for (const kind of readKinds(plan)) {
        const random = () => createRandom(seed, kind.name);
        const headers = { authorization: `Bearer ${await api.token()}` };
        const { cpu, ...product } = await ask(kind, random(), requests, server.pid, ({ path }) =>
          fetch(server.base + API + path, { headers }),
        );
        const compared = kind.next(random()).referencePath !== null;
        rows.push({
          messages,
          read: kind.name,
          product: product.times,
          bytes: product.bytes,
          cpu,
          reference: compared
            ? (
                await ask(kind, random(), requests, reference.pid, ({ referencePath }) =>
                  fetch(`http://127.0.0.1:${port}${referencePath}`),
                )
              ).times
            : null,
        });
      }
      await server.stop();
      await assertCounts(dataDir, plan);
      return rows;
    } finally {
      reference.kill();
      await reference.exited;
      await server.stop().finally(() => server.remove());
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}

async function ask(kind: ReadKind, random: () => number, requests: number, pid: number, call: (read: Read) => Promise<Response>) {
  const times: number[] = [];
  let bytes = 0;
  let cpuBefore = 0;
  for (let request = -WARM_UP; request < requests; request++) {
    if (request === 0) cpuBefore = cpuMicroseconds(pid);
    const read = kind.next(random);
    const before = systemClock.monotonic();
    const response = await call(read);
    const text = await response.text();
    if (request >= 0) times.push(systemClock.monotonic() - before);
    if (!response.ok) throw new Error(`${kind.name}: ${read.path} answered ${response.status}: ${text.slice(0, 300)}`);
    bytes = text.length;
    check(kind, read, text);
  }
  return { times: percentiles(times), bytes, cpu: (cpuMicroseconds(pid) - cpuBefore) / requests };
}

/** A fast answer that is wrong is worth nothing. */
function check({ name }: ReadKind, { path, first, rows }: Read, text: string): void {
  const { data } = JSON.parse(text) as { data: unknown };
  const list = Array.isArray(data) ? data : [data];
  if ((rows !== null && list.length !== rows) || !JSON.stringify(list[0] ?? null).includes(first))
    throw new Error(
      `${name}: ${path} gave ${list.length} rows, the first ${JSON.stringify(list[0])?.slice(0, 200)}; expected ${rows} and ${first}.`,
    );
}

/** The server builds its search index when it starts on data that have none. */
async function untilSearchable(origin: string, api: Api): Promise<string> {
  const elapsed = startWatch();
  for (;;) {
    const headers = { authorization: `Bearer ${await api.token()}` };
    const response = await fetch(`${origin}${API}/search/status`, { headers });
    const { data } = (await response.json()) as { data: { position: number | null; newest: number } };
    if (data.position !== null && data.position >= data.newest) return elapsed();
    await wait(systemClock, LOOK_EVERY_MS);
  }
}

async function assertCounts(dataDir: string, plan: SeedPlan): Promise<void> {
  const store = await openDataDir(dataDir);
  try {
    const messages = await messageModel(store.connection).countDocuments({});
    const conversations = await conversationModel(store.connection).countDocuments({});
    if (messages !== plan.messages || conversations !== plan.conversations)
      throw new Error(`${messages} messages and ${conversations} conversations are stored: reading has changed something.`);
  } finally {
    await store.close();
  }
}
