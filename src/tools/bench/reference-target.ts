/** The references of the webhook benchmark as targets: see reference-server.ts and express-bot.ts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cpuMicroseconds } from "./process-cost";
import { firstJson, IDENTITY, type Target } from "./target";

type Kind = "hmac" | "sqlite" | "express";

export const referenceTarget = (name: string, kind: Kind): Target => ({
  name,
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
    const command = kind === "express" ? await expressCommand(directory) : referenceCommand(kind, directory);
    const child = Bun.spawn(command, { stdin: "ignore", stdout: "pipe", stderr: "inherit" });
    const { port } = await firstJson<{ port: number }>(child);
    return {
      pid: child.pid,
      port,
      path: "/",
      // Nothing happens behind its answers.
      settled: () => Promise.resolve(cpuMicroseconds(child.pid)),
      async finish(expected) {
        const response = await fetch(`http://127.0.0.1:${port}/count`);
        const { answered, rows } = (await response.json()) as { answered: number; rows: number };
        child.kill();
        await child.exited;
        await rm(directory, { recursive: true });
        if (answered !== expected.size || (kind !== "hmac" && rows !== expected.size))
          throw new Error(`${name}: ${expected.size} sent, ${answered} answered, ${rows} rows`);
      },
    };
  },
});

const referenceCommand = (kind: Kind, directory: string): string[] => [
  process.execPath,
  join(import.meta.dir, "reference-server.ts"),
  kind,
  IDENTITY.appSecret,
  join(directory, "reference.db"),
];

/** Such a bot runs on Node, where there is one. */
async function expressCommand(directory: string): Promise<string[]> {
  const script = join(import.meta.dir, "express-bot.ts");
  const node = Bun.which("node");
  if (!node) return [process.execPath, script, IDENTITY.appSecret];
  await Bun.build({ entrypoints: [script], target: "node", format: "cjs", outdir: directory, naming: "bot.cjs" });
  return [node, join(directory, "bot.cjs"), IDENTITY.appSecret];
}
