/** The real server as a target: a child process with a data directory of its own, checked through its REST API. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, wait } from "../../core/clock";
import { BINARY, ROOT } from "../checkout";
import { RestReader } from "./rest-reader";
import { freePort, IDENTITY, type Target } from "./target";

const START_MS = 20_000;
const DRAIN_MS = 180_000;
const POLL_MS = 100;
const ADMIN = { email: "bench@chasqui.local", password: "bench-password-1" };

export interface ChasquiTargetOptions {
  /** True: dist/chasqui; else the sources. */
  binary: boolean;
  /** Directory for a processor profile of the sources, written when the server stops. */
  profile?: string | undefined;
}

export const chasquiTarget = ({ binary, profile }: ChasquiTargetOptions): Target => ({
  name: binary ? "Chasqui (binary)" : "Chasqui (source)",
  async start() {
    if (binary && !existsSync(BINARY)) throw new Error("There is no binary yet: npm run build");
    const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
    const port = freePort();
    const profiling = profile ? ["--cpu-prof", "--cpu-prof-md", `--cpu-prof-dir=${profile}`] : [];
    const command = binary ? [BINARY, "serve"] : [process.execPath, ...profiling, join(ROOT, "src/main.ts"), "serve"];
    const child = Bun.spawn(command, {
      cwd: directory,
      // Nothing of the caller's environment: the figures must not depend on it.
      env: {
        PORT: String(port),
        HOST: "127.0.0.1",
        DATA_DIR: join(directory, "data"),
        LOG_LEVEL: "error",
        ASSISTANT: "off",
        ADMIN_EMAIL: ADMIN.email,
        ADMIN_PASSWORD: ADMIN.password,
        WHATSAPP_PHONE_NUMBER_ID: IDENTITY.phoneNumberId,
        WHATSAPP_BUSINESS_ACCOUNT_ID: IDENTITY.businessAccountId,
        WHATSAPP_ACCESS_TOKEN: "bench-token",
        WHATSAPP_APP_SECRET: IDENTITY.appSecret,
        WHATSAPP_VERIFY_TOKEN: "bench-verify",
        WHATSAPP_GRAPH_URL: `http://127.0.0.1:${port}/nobody`,
      },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "inherit",
    });
    const base = `http://127.0.0.1:${port}`;
    await until(START_MS, "the server to answer", async () => {
      if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}.`);
      return isUp(base);
    });
    const rest = new RestReader(`${base}/api/v2`, ADMIN);
    return {
      pid: child.pid,
      port,
      path: "/api/v2/webhook",
      drained: (count) => until(DRAIN_MS, `${count} messages in the store`, async () => (await rest.countInbound()) >= count),
      assertKept: (expected) => rest.assertMessages(expected),
      async stop() {
        child.kill("SIGTERM");
        const code = await child.exited;
        await rm(directory, { recursive: true });
        if (code !== 0) throw new Error(`The server ended with exit code ${code} after SIGTERM.`);
      },
    };
  },
});

async function isUp(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/health`)).ok;
  } catch {
    // Connection refused: it does not listen yet.
    return false;
  }
}

async function until(limitMs: number, what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = systemClock.monotonic() + limitMs;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) throw new Error(`Waited ${limitMs / 1_000} s for ${what}.`);
    // A timer of the clock would let the process end while it waits.
    await Promise.all([wait(systemClock, POLL_MS), Bun.sleep(POLL_MS)]);
  }
}
