/** The two references of the webhook benchmark as targets: see reference-server.ts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { firstJson, IDENTITY, type Target } from "./target";

const SERVER = join(import.meta.dir, "reference-server.ts");

export const referenceTarget = (name: string, kind: "hmac" | "sqlite"): Target => ({
  name,
  async start() {
    const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
    const child = Bun.spawn([process.execPath, SERVER, kind, IDENTITY.appSecret, join(directory, "reference.db")], {
      stdin: "ignore",
      stdout: "pipe",
      stderr: "inherit",
    });
    const { port } = await firstJson<{ port: number }>(child);
    return {
      pid: child.pid,
      port,
      path: "/",
      // Nothing happens behind its answers.
      drained: () => Promise.resolve(),
      async assertKept(expected) {
        const { answered, rows } = (await (await fetch(`http://127.0.0.1:${port}/count`)).json()) as {
          answered: number;
          rows: number;
        };
        if (answered !== expected.size || (kind === "sqlite" && rows !== expected.size))
          throw new Error(`${name}: ${expected.size} sent, ${answered} answered, ${rows} rows`);
      },
      async stop() {
        child.kill();
        await child.exited;
        await rm(directory, { recursive: true });
      },
    };
  },
});
