/** `npm run bench -- startup`: from the start of the process to the first 200, on an empty and on a used directory; size and rest. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock } from "../../core/clock";
import { BINARY } from "../checkout";
import { Api } from "./api";
import { residentBytes } from "./process-cost";
import { referenceTarget } from "./reference-target";
import { type Column, median, toTable, writeJson } from "./report";
import { type BenchServer, pause, startServer } from "./server";
import type { Suite } from "./suite";

interface Row {
  what: string;
  /** Milliseconds, one a round. */
  firstStart: number[];
  restart: number[];
  idleMegabytes: number[];
  binaryMegabytes: number | null;
}

const COLUMNS: readonly Column<Row>[] = [
  { title: "what", of: ({ what }) => what },
  { title: "first start ms", of: ({ firstStart }) => median(firstStart) },
  { title: "restart ms", of: ({ restart }) => median(restart) },
  { title: "idle MB", of: ({ idleMegabytes }) => median(idleMegabytes) },
  { title: "binary MB", of: ({ binaryMegabytes }) => (binaryMegabytes === null ? "-" : binaryMegabytes.toFixed(1)) },
];

export const startup: Suite = {
  summary: "cold start to the first 200, idle memory, size of the binary",
  flags: { rounds: 9, idle: 3 },
  quick: { rounds: 1, idle: 1 },

  async run({ flags, out, tell }) {
    const { rounds = 0, idle = 0 } = flags;
    const row = (what: string): Row => ({ what, firstStart: [], restart: [], idleMegabytes: [], binaryMegabytes: null });
    const rows = [row("Bun.serve + HMAC"), row("Chasqui (source)")];
    if (existsSync(BINARY)) rows.push({ ...row("Chasqui (binary)"), binaryMegabytes: Bun.file(BINARY).size / 1e6 });
    else tell("There is no binary, so only the sources are measured: npm run build");
    for (let round = 0; round < rounds; round++)
      for (const [index, one] of rows.entries())
        await (index === 0 ? startReference(one, idle) : startTwice(one, index === 2, idle));
    tell(toTable(COLUMNS, rows));
    tell("\nNothing is configured: sandbox phones, Graph API and assistant start too. Each second start found its admin again.");
    tell(`All rounds: ${await writeJson(out, "startup", { rows })}`);
  },
};

async function startReference({ firstStart, restart, idleMegabytes }: Row, idle: number): Promise<void> {
  for (const times of [firstStart, restart]) {
    const before = systemClock.monotonic();
    const server = await referenceTarget("Bun.serve + HMAC", "hmac").start();
    await fetch(`http://127.0.0.1:${server.port}/count`);
    times.push(systemClock.monotonic() - before);
    if (times === restart) {
      await pause(idle * 1_000);
      idleMegabytes.push(residentBytes(server.pid) / 1e6);
    }
    await server.finish(new Map());
  }
}

/** On an empty directory, and again on what the first start has left. */
async function startTwice({ firstStart, restart, idleMegabytes }: Row, binary: boolean, idle: number): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  try {
    for (const times of [firstStart, restart]) {
      const server: BenchServer = await startServer({ binary, isBare: true, dataDir: join(directory, "data"), pollMs: 1 });
      try {
        times.push(server.startMs);
        // It answers, and with what is stored: the admin of the first start signs in.
        await new Api(server.base).call("GET", "/conversations");
        await pause(idle * 1_000);
        if (times === restart) idleMegabytes.push(residentBytes(server.pid) / 1e6);
      } finally {
        await server.stop().finally(() => server.remove());
      }
    }
  } finally {
    await rm(directory, { recursive: true });
  }
}
