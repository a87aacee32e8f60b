/** The server under torture: a process of its own on a data directory that stays, started, followed through its log, and killed. */
import type { Subprocess } from "bun";
import { fail } from "../../core/errors";
import type { StageLine } from "./stage-tracker";

export interface VictimOptions {
  /** What to run, without arguments of ours. */
  command: readonly string[];
  /** Where it runs: away from anybody's `.env`. */
  directory: string;
  environment: Record<string, string>;
  onStage: (line: StageLine) => void;
}

/** What the server must never say, whatever is done to it. */
const DEFECTS = [
  "a promise was left without a catch",
  "an exception was left without a catch",
  "an event cannot be processed and is set aside",
  "an event listener failed",
];
const LINES_KEPT = 40;
const READY = /Open {2}http/;

export class Victim {
  readonly #options: VictimOptions;
  #child: Subprocess<"ignore", "pipe", "pipe"> | null = null;
  #streams: Promise<void>[] = [];
  #ready: PromiseWithResolvers<void> = Promise.withResolvers();
  /** The newest lines that are no stages, for when something goes wrong. */
  readonly lastLines: string[] = [];
  /** Log lines that tell of a defect. */
  readonly defects: string[] = [];

  constructor(options: VictimOptions) {
    this.#options = options;
  }

  get pid(): number {
    return this.#child?.pid ?? 0;
  }

  /** Starts the process; `ready` tells when it serves. */
  start(): void {
    const { command, directory, environment } = this.#options;
    this.#ready = Promise.withResolvers();
    const child = Bun.spawn([...command], { cwd: directory, env: environment, stdin: "ignore", stdout: "pipe", stderr: "pipe" });
    this.#child = child;
    this.#streams = [this.#read(child.stdout), this.#read(child.stderr)];
    void child.exited.then((code) => {
      // A kill of ours ends it too; then nobody listens any more.
      this.#ready.reject(fail("internal", { message: `The server ended with ${code}:\n${this.lastLines.join("\n")}` }));
    });
    this.#ready.promise.catch(() => {});
  }

  /** Resolves when the server serves; rejects when the process ends before. */
  ready(): Promise<void> {
    return this.#ready.promise;
  }

  /** Leaves nothing running when this program itself is ended. */
  killWithParent(): void {
    process.once("exit", () => this.#child?.kill("SIGKILL"));
  }

  /** SIGKILL. Resolves when the process is gone and everything it wrote has been read. */
  async kill(): Promise<void> {
    this.#child?.kill("SIGKILL");
    await this.#ended();
  }

  /** SIGTERM; gives the exit code. */
  async stop(): Promise<number> {
    this.#child?.kill("SIGTERM");
    return this.#ended();
  }

  async #ended(): Promise<number> {
    const code = (await this.#child?.exited) ?? 0;
    await Promise.all(this.#streams);
    this.#child = null;
    return code;
  }

  async #read(stream: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    for await (const chunk of stream as unknown as AsyncIterable<Uint8Array>) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) this.#line(line);
    }
  }

  #line(line: string): void {
    if (line.startsWith("{")) {
      const parsed = parse(line);
      if (parsed && typeof parsed.stage === "string") {
        this.#options.onStage(parsed as unknown as StageLine);
        return;
      }
      if (DEFECTS.includes(String(parsed?.message))) this.defects.push(line);
    }
    if (line.trim() === "") return;
    this.lastLines.push(line);
    if (this.lastLines.length > LINES_KEPT) this.lastLines.shift();
    if (READY.test(line)) this.#ready.resolve();
  }
}

function parse(line: string): Record<string, unknown> | null {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    // SyntaxError: the kill cut the line.
    return null;
  }
}
