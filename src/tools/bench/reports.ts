/** `npm run bench -- reports`: every kind of report over a full inbox with people, teams and labels, and how long the figures take to build. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, wait } from "../../core/clock";
import { conversationModel } from "../../features/conversations/conversation.model";
import type { Figures, ReportStatusView } from "../../features/reports/report.schema";
import { progressLine } from "../seed/progress";
import { conversationId, isInbound, type SeedPlan, timeOf } from "../seed/seed-plan";
import { seedDataDir } from "../seed/seed-store";
import { startWatch } from "../stopwatch";
import { Api } from "./api";
import { type Column, type Percentiles, percentiles, toTable, writeJson } from "./report";
import { API, startServer } from "./server";
import { openDataDir } from "./stored-messages";
import type { Suite } from "./suite";

/** A conversation has ten messages on average. */
const MESSAGES_A_CONVERSATION = 10;
const PEOPLE = 40;
const TEAMS = 6;
const LABELS = ["vip", "factura", "envio", "cambio", "reclamo"];
const BATCH = 2_000;
const LOOK_EVERY_MS = 200;
const LIMIT_MS = 2_000;

interface Row {
  report: string;
  times: Percentiles;
  bytes: number;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "report", of: ({ report }) => report },
  { title: "p50 ms", of: ({ times }) => times.p50, digits: 1 },
  { title: "p95 ms", of: ({ times }) => times.p95, digits: 1 },
  { title: "max ms", of: ({ times }) => times.max, digits: 1 },
  { title: "answer kB", of: ({ bytes }) => bytes / 1_000, digits: 1 },
];

const personId = (index: number): string => (index + 1).toString(16).padStart(24, "0");
const teamId = (index: number): string => (index + 0x1000).toString(16).padStart(24, "0");

export const reports: Suite = {
  summary: "every kind of report over a million messages",
  flags: { requests: 10, messages: 1_000_000, seed: 1 },
  quick: { requests: 2, messages: 500 },

  async run({ flags, binary, out, tell }) {
    const { requests = 0, messages = 0, seed = 0 } = flags;
    const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
    try {
      const elapsed = startWatch();
      const dataDir = join(directory, "data");
      const conversations = Math.max(1, Math.floor(messages / MESSAGES_A_CONVERSATION));
      const onProgress = progressLine({ isTTY: process.stdout.isTTY, write: (text) => tell(text.trimEnd()) }, elapsed);
      const plan = await seedDataDir({ dataDir, messages, conversations, seed, onProgress });
      await giveAway(dataDir, plan);
      tell(`${messages} messages in ${conversations} conversations were seeded in ${elapsed()}.`);
      const server = await startServer({ binary, dataDir });
      try {
        const api = new Api(server.base);
        const built = await untilCounted(server.base, api);
        tell(`The figures were built in ${built}, beside the search index.`);
        const rows: Row[] = [];
        for (const [report, path] of readsOf(plan)) rows.push({ report, ...(await ask(server.base, api, path, requests)) });
        await assertCounted(server.base, api, plan);
        tell(`\n${toTable(COLUMNS, rows)}\n`);
        const slow = rows.filter(({ times }) => times.max > LIMIT_MS);
        tell(
          slow.length === 0 ? "Every report answers within 2 s." : `Too slow: ${slow.map(({ report }) => report).join(", ")}.`,
        );
        tell(`All figures: ${await writeJson(out, "reports", { setup: { requests, messages, seed, binary }, built, rows })}`);
      } finally {
        await server.stop().finally(() => server.remove());
      }
    } finally {
      await rm(directory, { recursive: true });
    }
  },
};

/** The seeded conversations belong to nobody: they get people, teams and labels. */
async function giveAway(dataDir: string, { conversations }: SeedPlan): Promise<void> {
  const store = await openDataDir(dataDir);
  try {
    const model = conversationModel(store.connection);
    for (let from = 0; from < conversations; from += BATCH) {
      const indexes = Array.from({ length: Math.min(BATCH, conversations - from) }, (_, offset) => from + offset);
      await model.collection.bulkWrite(
        indexes.map((index) => {
          const labels = LABELS.filter((_, place) => index % (place + 3) === 0);
          const $set = { assignedAgent: personId(index % PEOPLE), team: teamId(index % TEAMS), labels };
          return { updateOne: { filter: { _id: conversationId(index) as never }, update: { $set } } };
        }),
      );
    }
  } finally {
    await store.close();
  }
}

function readsOf(plan: SeedPlan): [string, string][] {
  const day = (time: number) => new Date(time).toISOString().slice(0, 10);
  const [first, last] = [timeOf(plan, 0), timeOf(plan, plan.messages - 1)];
  const all = `from=${day(first)}&to=${day(last)}&zone=America/Lima`;
  const hours = `from=${day(Math.max(first, last - 60 * 86_400_000))}&to=${day(last)}&zone=Asia/Kolkata`;
  const many = `team=${teamId(0)},${teamId(1)},${teamId(2)}&label=vip,factura,envio`;
  return [
    ["summary", `/reports/summary?${all}`],
    ["days", `/reports/series?by=day&${all}`],
    ["hours of 60 days", `/reports/series?by=hour&${hours}`],
    ["months", `/reports/series?by=month&${all}`],
    ["people", `/reports/breakdown?by=agent&${all}`],
    ["teams", `/reports/breakdown?by=team&${all}`],
    ["labels", `/reports/breakdown?by=label&${all}`],
    ["busiest hours", `/reports/heatmap?${all}`],
    ["days of one person", `/reports/series?by=day&${all}&agent=${personId(3)}`],
    ["days of teams with labels", `/reports/series?by=day&${all}&${many}`],
    ["people of one number", `/reports/breakdown?by=agent&${all}&channel=100000000000001`],
    ["labels of teams", `/reports/breakdown?by=label&${all}&team=${teamId(0)},${teamId(1)},${teamId(2)},${teamId(3)}`],
    ["hours of teams with labels", `/reports/series?by=hour&${hours}&${many}`],
  ];
}

async function ask(base: string, api: Api, path: string, requests: number): Promise<Omit<Row, "report">> {
  const times: number[] = [];
  let bytes = 0;
  for (let request = 0; request < requests; request++) {
    const headers = { authorization: `Bearer ${await api.token()}` };
    const before = systemClock.monotonic();
    const response = await fetch(base + API + path, { headers });
    const text = await response.text();
    times.push(systemClock.monotonic() - before);
    if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`);
    bytes = text.length;
  }
  return { times: percentiles(times), bytes };
}

async function data<T>(base: string, api: Api, path: string): Promise<T> {
  const response = await fetch(base + API + path, { headers: { authorization: `Bearer ${await api.token()}` } });
  return ((await response.json()) as { data: T }).data;
}

/** The server builds its figures, and its search index, when it starts on data that have none. */
async function untilCounted(base: string, api: Api): Promise<string> {
  const elapsed = startWatch();
  let built: string | null = null;
  for (;;) {
    const { position, newest } = await data<ReportStatusView>(base, api, "/reports/status");
    if (position !== null && position >= newest) built ??= elapsed();
    const search = await data<{ position: number | null }>(base, api, "/search/status");
    if (built && search.position !== null) return built;
    await wait(systemClock, LOOK_EVERY_MS);
  }
}

/** A fast figure that is wrong is worth nothing. */
async function assertCounted(base: string, api: Api, plan: SeedPlan): Promise<void> {
  const { figures } = await data<{ figures: Figures }>(base, api, readsOf(plan)[0]![1]);
  const inbound = plan.placeOf.reduce((count, place) => count + Number(isInbound(place)), 0);
  if (figures.messagesIn !== inbound || figures.messagesAssistant !== plan.messages - inbound)
    throw new Error(`${figures.messagesIn} inbound messages were counted instead of ${inbound}.`);
}
