/** The real server as a child process on a data directory of its own: started fresh, or on prepared data, asked whether it is up, stopped. */
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemClock, wait } from "../../core/clock";
import { BINARY, ROOT } from "../checkout";
import { freePort } from "../free-port";
import { IDENTITY } from "./target";

const START_MS = 20_000;
const POLL_MS = 100;

export const ADMIN = { email: "bench@chasqui.local", password: "bench-password-1" };
export const API = "/api/v2";

export interface ServerOptions {
  /** True: dist/chasqui; else the sources. */
  binary: boolean;
  /** Directory for a processor profile of the sources, written when the server stops. */
  profile?: string | undefined;
  /** On top of, or instead of, what every benchmark sets. */
  environment?: Record<string, string>;
  /** A data directory that is there already and stays; else a fresh one that is removed at the end. */
  dataDir?: string;
  port?: number;
  /** Nothing is configured but port, directory and admin: sandbox and sandbox assistant start too. */
  isBare?: boolean;
  /** How often it is asked whether it is up. */
  pollMs?: number;
}

export interface BenchServer {
  pid: number;
  /** Milliseconds from the start of the process to its first 200. */
  startMs: number;
  port: number;
  base: string;
  dataDir: string;
  /** SIGTERM, and waits for the end. The data stay until `remove`. */
  stop(): Promise<void>;
  remove(): Promise<void>;
}

/** Starts the server and waits until it answers. */
export async function startServer(options: ServerOptions): Promise<BenchServer> {
  const { binary, profile, environment = {}, port = freePort(), pollMs = POLL_MS } = options;
  if (binary && !existsSync(BINARY)) throw new Error("There is no binary yet: npm run build");
  const directory = await mkdtemp(join(tmpdir(), "chasqui-bench-"));
  const dataDir = options.dataDir ?? join(directory, "data");
  const profiling = profile ? ["--cpu-prof", `--cpu-prof-dir=${profile}`] : [];
  const command = binary ? [BINARY, "serve"] : [process.execPath, ...profiling, join(ROOT, "src/main.ts"), "serve"];
  const startedAt = systemClock.monotonic();
  const child = Bun.spawn(command, {
    cwd: directory,
    // Nothing of the caller's environment: the figures must not depend on it.
    env: { ...bareEnvironment(port, dataDir), ...(options.isBare ? {} : numberEnvironment(port)), ...environment },
    stdin: "ignore",
    stdout: "ignore",
    stderr: "inherit",
  });
  const base = `http://127.0.0.1:${port}`;
  let stopping: Promise<void> | null = null;
  const server: BenchServer = {
    pid: child.pid,
    startMs: 0,
    port,
    base,
    dataDir,
    stop: () =>
      (stopping ??= (async () => {
        child.kill("SIGTERM");
        const code = await child.exited;
        if (code !== 0) throw new Error(`The server ended with exit code ${code} after SIGTERM.`);
      })()),
    remove: () => rm(directory, { recursive: true, force: true }),
  };
  try {
    await until(
      START_MS,
      "the server to answer",
      async () => {
        if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}.`);
        return isUp(base);
      },
      pollMs,
    );
    server.startMs = systemClock.monotonic() - startedAt;
  } catch (error) {
    // Too slow, or dead at once: neither a process nor its files may stay behind.
    child.kill("SIGKILL");
    await child.exited;
    await server.remove();
    throw error;
  }
  return server;
}

const bareEnvironment = (port: number, dataDir: string): Record<string, string> => ({
  PORT: String(port),
  HOST: "127.0.0.1",
  DATA_DIR: dataDir,
  LOG_LEVEL: "error",
  ADMIN_EMAIL: ADMIN.email,
  ADMIN_PASSWORD: ADMIN.password,
  RATE_LIMITS: "off",
});

/** A number of its own, no assistant, and a Graph API where nobody listens: a suite that wants more says so. */
const numberEnvironment = (port: number): Record<string, string> => ({
  ASSISTANT: "off",
  WHATSAPP_PHONE_NUMBER_ID: IDENTITY.phoneNumberId,
  WHATSAPP_BUSINESS_ACCOUNT_ID: IDENTITY.businessAccountId,
  WHATSAPP_ACCESS_TOKEN: "bench-token",
  WHATSAPP_APP_SECRET: IDENTITY.appSecret,
  WHATSAPP_VERIFY_TOKEN: "bench-verify",
  WHATSAPP_GRAPH_URL: `http://127.0.0.1:${port}/nobody`,
});

async function isUp(base: string): Promise<boolean> {
  try {
    return (await fetch(`${base}/health`)).ok;
  } catch {
    // Connection refused: it does not listen yet.
    return false;
  }
}

/** Waits until something holds; throws when it takes longer than `limitMs`. */
async function until(limitMs: number, what: string, holds: () => boolean | Promise<boolean>, pollMs: number): Promise<void> {
  const deadline = systemClock.monotonic() + limitMs;
  while (!(await holds())) {
    if (systemClock.monotonic() > deadline) throw new Error(`Waited ${limitMs / 1_000} s for ${what}.`);
    await pause(pollMs);
  }
}

/** A pause that keeps the process alive, which a timer of the clock alone does not. */
export const pause = async (ms: number): Promise<void> => {
  await Promise.all([wait(systemClock, ms), Bun.sleep(ms)]);
};
