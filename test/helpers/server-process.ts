/** The real server as a process of its own: started like a person starts it, talked to over HTTP, stopped or killed. */
import { join } from "node:path";
import type { Subprocess } from "bun";
import { tempDir } from "./temp-dir";
import { until } from "./until";

export interface ServerOptions {
  env?: Record<string, string>;
  /** An existing directory, to restart on the same data; otherwise a new one that disappears at the end. */
  dataDir?: string;
  /** What to run; the source when left out. */
  command?: string[];
}

export interface ServerProcess extends AsyncDisposable {
  url: string;
  pid: number;
  dataDir: string;
  admin: { email: string; password: string };
  /** Standard output so far. */
  output(): string;
  /** Log lines so far, parsed. */
  logLines(): Record<string, unknown>[];
  /** SIGTERM; gives the exit code. */
  stop(): Promise<number>;
  /** SIGKILL: nothing gets a chance to be tidied up. */
  kill(): Promise<void>;
}

export const ADMIN = { email: "admin@example.com", password: "correct horse battery" };
const root = join(import.meta.dir, "../..");

/** Runs a server that is expected to give up at once; gives its exit code and what it said. */
export async function runServerToItsEnd({
  env = {},
  dataDir,
  command = fromSource,
}: ServerOptions): Promise<{ code: number; said: string }> {
  const child = spawn(command, { ...env, ...(dataDir ? { DATA_DIR: dataDir } : {}) });
  const [out, err, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { code, said: out + err };
}

/** Runs a command such as `simulate` from source to its end; gives its exit code and what it said. */
export function runCommand(args: string[], env: Record<string, string>): Promise<{ code: number; said: string }> {
  return runServerToItsEnd({ env, command: [process.execPath, join(root, "src/main.ts"), ...args] });
}

export async function startServer({ env = {}, dataDir, command = fromSource }: ServerOptions = {}): Promise<ServerProcess> {
  const own = dataDir ? null : tempDir();
  const directory = dataDir ?? join(own?.path ?? "", "data");
  const child = spawn(command, { DATA_DIR: directory, ...env });
  let text = "";
  const collect = async (stream: ReadableStream<Uint8Array>) => {
    const decoder = new TextDecoder();
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) text += decoder.decode(chunk, { stream: true });
  };
  void collect(child.stdout);
  void collect(child.stderr);
  const url = await until(
    () =>
      /Open {2}(http\S+)/.exec(text)?.[1] ??
      (child.exitCode === null ? null : Promise.reject(new Error(`the server ended: ${text}`))),
    {
      within: 20_000,
      what: `the server's first screen, got: ${text}`,
    },
  );
  const end = async (signal: NodeJS.Signals) => {
    if (child.exitCode === null) child.kill(signal);
    return child.exited;
  };
  return {
    url,
    pid: child.pid,
    dataDir: directory,
    admin: ADMIN,
    output: () => text,
    logLines: () =>
      text
        .split("\n")
        .filter((line) => line.startsWith("{"))
        .map((line) => JSON.parse(line) as Record<string, unknown>),
    stop: () => end("SIGTERM"),
    kill: async () => void (await end("SIGKILL")),
    async [Symbol.asyncDispose]() {
      await end("SIGTERM");
      own?.[Symbol.dispose]();
    },
  };
}

const fromSource = [process.execPath, join(root, "src/main.ts"), "serve"];

function spawn(command: string[], env: Record<string, string>): Subprocess<"ignore", "pipe", "pipe"> {
  return Bun.spawn(command, {
    cwd: root,
    env: {
      PATH: process.env.PATH ?? "",
      HOME: process.env.HOME ?? "",
      PORT: "0",
      RATE_LIMITS: "off",
      ADMIN_EMAIL: ADMIN.email,
      ADMIN_PASSWORD: ADMIN.password,
      ...env,
    },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
}
