/** `npm run bench -- live`: events to 100, 1,000 and 10,000 signed-in sockets, beside a bare Bun server that publishes the same frame. */
import { join } from "node:path";
import { systemClock } from "../../core/clock";
import { Api } from "./api";
import { LoadConnection } from "./http-client";
import { Audience } from "./live-audience";
import { cpuMicroseconds, residentBytes } from "./process-cost";
import { type Column, median, toTable, writeJson } from "./report";
import { API, type BenchServer, pause, startServer } from "./server";
import type { Suite } from "./suite";
import { firstJson } from "./target";
import { messageBody, signedRequest } from "./webhook-request";

const SIZES = [100, 1_000, 10_000];
/** So many deliveries in each burst, whatever the number of sockets. */
const DELIVERIES_A_BURST = 20_000;
const MOST_IN_BURST = 100;
const NOBODY = "0".repeat(24);
const PASSING = '"event":"typing:indicator"';
const DURABLE = '"event":"conversation:updated"';

interface Row {
  target: string;
  sockets: number;
  /** Microseconds of the server for each event on each socket. */
  cpuADelivery: number;
  kilobytesASocket: number;
  /** Milliseconds until an event that is not stored is on half of the screens, and on nearly all. */
  passing: { p50: number; p99: number };
  /** The same for a stored change, from the moment its request was sent, with the time until that request was answered. */
  durable: { p50: number; p99: number; answered: number } | null;
}

const shown = (of: (row: Row) => number | undefined) => (row: Row) => of(row)?.toFixed(1) ?? "-";
const COLUMNS: readonly Column<Row>[] = [
  { title: "target", of: ({ target }) => target },
  { title: "sockets", of: ({ sockets }) => sockets },
  { title: "CPU us/delivery", of: ({ cpuADelivery }) => cpuADelivery, digits: 2 },
  { title: "kB/socket", of: ({ kilobytesASocket }) => kilobytesASocket, digits: 1 },
  { title: "passing event p50", of: ({ passing }) => passing.p50, digits: 1 },
  { title: "p99 ms", of: ({ passing }) => passing.p99, digits: 1 },
  { title: "stored event p50", of: shown(({ durable }) => durable?.p50) },
  { title: "p99 ms", of: shown(({ durable }) => durable?.p99) },
  { title: "its answer ms", of: shown(({ durable }) => durable?.answered) },
];

export const live: Suite = {
  summary: "events to 100, 1,000 and 10,000 live connections",
  flags: { bursts: 30, events: 20, "max-sockets": 10_000 },
  quick: { bursts: 2, events: 2, "max-sockets": 10 },

  async run({ flags, binary, out, tell }) {
    const { bursts = 0, events = 0, "max-sockets": most = 0 } = flags;
    const sizes = SIZES.filter((size) => size < most);
    sizes.push(most);
    const rows: Row[] = [];
    for (const sockets of sizes) {
      const measured = await measureProduct({ sockets, bursts, events, binary });
      rows.push(await measureReference({ sockets, bursts, events }, measured.frame), measured.row);
      tell(
        `${sockets} sockets: ${rows
          .slice(-2)
          .map(({ target, cpuADelivery }) => `${target} ${cpuADelivery.toFixed(2)} us a delivery`)
          .join(", ")}`,
      );
    }
    tell(`\n${toTable(COLUMNS, rows)}\n`);
    tell(
      "Latency ends in the client, which shares the processors with the server. A stored event counts from its request: commit included.",
    );
    tell("Every socket got every event exactly once.");
    tell(`All figures: ${await writeJson(out, "live", { setup: { bursts, events, binary }, rows })}`);
  },
};

interface Load {
  sockets: number;
  bursts: number;
  events: number;
}

async function measureProduct({ binary, ...load }: Load & { binary: boolean }): Promise<{ row: Row; frame: string }> {
  const server = await startServer({ binary });
  try {
    const api = new Api(server.base);
    const token = await api.token();
    const url = `ws://127.0.0.1:${server.port}${API}/live`;
    const sender = await openSender(url, token);
    // Begins and ends: what is only repeated is not shown again.
    let on = false;
    const typing = () => {
      on = !on;
      sender.socket.send(JSON.stringify({ type: "typing", conversationId: NOBODY, on }));
    };
    const conversation = await someConversation(server, api);
    // The first events are for the compiler.
    for (let warm = 0; warm < load.events; warm++) typing();
    const frame = await sender.frame;
    const change = (on: boolean) => api.call("PATCH", `/conversations/${conversation}`, { isAIEnabled: on });
    const target = `Chasqui (${binary ? "binary" : "source"})`;
    const row = await measure(target, server.pid, { url, token }, load, typing, change);
    sender.socket.close();
    return { row, frame };
  } finally {
    await server.stop().finally(() => server.remove());
  }
}

async function measureReference(load: Load, frame: string): Promise<Row> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "live-reference.ts"), "inbox", frame], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    const { port } = await firstJson<{ port: number }>(child);
    const url = `ws://127.0.0.1:${port}/`;
    const { socket } = await openSender(url, null);
    const row = await measure("Bun publish", child.pid, { url, token: null }, load, () => socket.send("go"), null);
    socket.close();
    return row;
  } finally {
    child.kill();
    await child.exited;
  }
}

async function measure(
  target: string,
  pid: number,
  { url, token }: { url: string; token: string | null },
  { sockets, bursts, events }: Load,
  send: () => void,
  change: ((on: boolean) => Promise<unknown>) | null,
): Promise<Row> {
  const before = residentBytes(pid);
  const audience = await Audience.open(url, token, sockets);
  try {
    const kilobytesASocket = (residentBytes(pid) - before) / 1_000 / sockets;
    const passing = [];
    for (let event = 0; event < events; event++) passing.push(await audience.hear(1, PASSING, send));
    const inBurst = Math.max(1, Math.min(MOST_IN_BURST, Math.round(DELIVERIES_A_BURST / sockets)));
    const cpuBefore = cpuMicroseconds(pid);
    for (let burst = 0; burst < bursts; burst++)
      await audience.hear(inBurst, PASSING, () => {
        for (let event = 0; event < inBurst; event++) send();
      });
    const cpu = cpuMicroseconds(pid) - cpuBefore;
    const durable = [];
    for (let event = 0; change && event < events; event++) {
      const sentAt = systemClock.monotonic();
      let answered = 0;
      const heard = await audience.hear(1, DURABLE, async () => {
        await change(event % 2 === 0);
        answered = systemClock.monotonic() - sentAt;
      });
      durable.push({ ...heard, answered });
    }
    return {
      target,
      sockets,
      kilobytesASocket,
      cpuADelivery: cpu / (bursts * inBurst * sockets),
      passing: { p50: median(passing.map(({ p50 }) => p50)), p99: median(passing.map(({ p99 }) => p99)) },
      durable: change
        ? {
            p50: median(durable.map(({ p50 }) => p50)),
            p99: median(durable.map(({ p99 }) => p99)),
            answered: median(durable.map(({ answered }) => answered)),
          }
        : null,
    };
  } finally {
    await audience.close();
  }
}

/** A connection that sets events off, and the first event it sees. */
async function openSender(url: string, token: string | null): Promise<{ socket: WebSocket; frame: Promise<string> }> {
  const socket = new WebSocket(url);
  const frame = Promise.withResolvers<string>();
  await new Promise<void>((resolve, reject) => {
    socket.onerror = () => reject(new Error("The connection that sets events off failed."));
    socket.onopen = () => (token === null ? resolve() : socket.send(JSON.stringify({ type: "auth", token })));
    socket.onmessage = ({ data }) => {
      if (String(data).startsWith('{"type":"connected"')) resolve();
      else if (String(data).includes(PASSING)) frame.resolve(String(data));
    };
  });
  return { socket, frame: frame.promise };
}

const LOOK_MS = 50;

/** A customer writes, so that there is something to change. */
async function someConversation(server: BenchServer, api: Api): Promise<string> {
  const connection = await LoadConnection.open("127.0.0.1", server.port);
  const timestamp = Math.floor(systemClock.now() / 1_000);
  const body = messageBody({ from: "5215500000000", name: "Customer", wamid: "wamid.live", text: "Hola", timestamp });
  await new Promise<number>((done, broken) => connection.send(signedRequest(`${API}/webhook`, body), { done, broken }));
  connection.close();
  for (;;) {
    const { data } = await api.call<{ id: string }[]>("GET", "/conversations");
    if (data[0]) return data[0].id;
    await pause(LOOK_MS);
  }
}
