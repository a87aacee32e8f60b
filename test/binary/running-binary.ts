/** The program as a child process, compiled or by npm: nothing of this environment, a port of its own, its output kept. */
import type { Subprocess } from "bun";
import { freePort } from "../../src/tools/free-port";

const START_WITHIN_MS = 60_000;
const STOP_WITHIN_MS = 35_000;
const UNTIL_MS = 20_000;

type Child = Subprocess<"ignore", "pipe", "pipe">;

export class RunningBinary {
  output = "";
  startedInMs = 0;

  private constructor(
    readonly directory: string,
    readonly port: number,
    readonly url: string,
    private readonly child: Child,
  ) {}

  get pid(): number {
    return this.child.pid;
  }

  /** Starts `serve` and returns after the first 200 of /health. */
  static async start(command: readonly string[], directory: string, env: Record<string, string>): Promise<RunningBinary> {
    const port = freePort();
    const startedAt = performance.now();
    const child = Bun.spawn([...command], {
      cwd: directory,
      env: { PORT: String(port), ...env },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      // A process group of its own, so that a signal reaches the server also when npm and a shell stand in front of it.
      detached: true,
    });
    const server = new RunningBinary(directory, port, `http://127.0.0.1:${port}`, child);
    void server.#collect(child.stdout);
    void server.#collect(child.stderr);
    await server.until(
      "the first 200",
      async () => {
        if (child.exitCode !== null) throw new Error(`The server ended with exit code ${child.exitCode}:\n${server.output}`);
        return (await server.fetch("/health").catch(() => null))?.ok ?? false;
      },
      START_WITHIN_MS,
    );
    server.startedInMs = performance.now() - startedAt;
    await server.until("the start banner", () => Promise.resolve(server.output.includes("Chasqui is running")));
    return server;
  }

  /** Runs a command to its end. */
  static async run(
    binary: string,
    directory: string,
    args: string[],
    env: Record<string, string>,
  ): Promise<{ code: number; output: string }> {
    const child = Bun.spawn([binary, ...args], {
      cwd: directory,
      env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
      timeout: START_WITHIN_MS,
    });
    const [stdout, stderr, code] = await Promise.all([child.stdout.text(), child.stderr.text(), child.exited]);
    return { code, output: stdout + stderr };
  }

  fetch(path: string, init?: BunFetchRequestInit): Promise<Response> {
    return fetch(this.url + path, init);
  }

  /** Waits for a condition; fails with what was waited for and all the program has printed. */
  async until(what: string, holds: () => Promise<boolean>, limitMs = UNTIL_MS): Promise<void> {
    const deadline = performance.now() + limitMs;
    while (!(await holds())) {
      if (performance.now() > deadline) throw new Error(`Waited ${limitMs / 1_000} s for: ${what}\n${this.output}`);
      await Bun.sleep(3);
    }
  }

  /** Asks it to stop, as a service manager or Ctrl-C does, and returns its exit code. */
  async stop(signal: "SIGTERM" | "SIGINT" = "SIGTERM"): Promise<number> {
    process.kill(-this.child.pid, signal);
    const code = await Promise.race([this.child.exited, Bun.sleep(STOP_WITHIN_MS).then(() => null)]);
    if (code === null) throw new Error(`It did not stop within ${STOP_WITHIN_MS / 1_000} s:\n${this.output}`);
    return code;
  }

  async kill(): Promise<void> {
    try {
      process.kill(-this.child.pid, "SIGKILL");
    } catch (error) {
      // ESRCH: it ended before.
      if ((error as { code?: unknown }).code !== "ESRCH") throw error;
    }
    await this.child.exited;
  }

  async #collect(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    for await (const chunk of stream) this.output += decoder.decode(chunk, { stream: true });
  }
}
