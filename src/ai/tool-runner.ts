/**
 * Carries out the tool calls of one turn within its limits. A model never sees an exception: whatever goes wrong comes back
 * to it as `{ error: { code, hint } }`, so that it can change course.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError } from "./ai-error";
import type { ToolCall } from "./ai-port";
import { startDeadline } from "./deadline";
import { checkArguments } from "./tool-schema";
import { handOffTool, type Tool, ToolRefusal, type TurnEnd, turnEndOf } from "./tools";
import { LONGEST_KEPT, type RunRecorder, type ToolRecord } from "./turn-run";

export interface ToolRunnerDeps {
  tools: readonly Tool[];
  clock: Clock;
  log: Log;
  run: RunRecorder;
  maxCalls: number;
  maxIdentical: number;
  toolMs: number;
  /** Applied to what tools return before it goes to the provider. */
  redact: (text: string) => string;
  /** A tool has left something outside that cannot be taken back. */
  onCommitted?: (() => void) | undefined;
}

export interface ToolOutput {
  callId: string;
  output: string;
}

interface Done {
  record: ToolRecord;
  output: ToolOutput;
  /** How this call ends the turn, if it does. */
  end: TurnEnd | null;
}

/** Results are read by the model and paid for: about 3,000 tokens. */
const LONGEST_OUTPUT = 12_000;

export class ToolRunner {
  readonly #deps: ToolRunnerDeps;
  readonly #byName: ReadonlyMap<string, Tool>;
  readonly #seen = new Map<string, number>();
  #calls = 0;

  constructor(deps: ToolRunnerDeps) {
    this.#deps = deps;
    this.#byName = new Map(deps.tools.map((tool) => [tool.name, tool]));
  }

  /** True when the turn has no tool calls left. */
  get isSpent(): boolean {
    return this.#calls >= this.#deps.maxCalls;
  }

  /**
   * Carries out the calls of one answer: reads in parallel, everything else in the model's order, what ends the turn last.
   * `end` is set when a terminal tool was called properly; a hand-off wins over any other end.
   */
  async runAll(calls: readonly ToolCall[], signal: AbortSignal): Promise<{ outputs: ToolOutput[]; end: TurnEnd | null }> {
    const { run } = this.#deps;
    const outputs: ToolOutput[] = [];
    let end: TurnEnd | null = null;
    // Records follow the order of the model's calls, whichever of the parallel ones was done first.
    const keep = (done: Done) => {
      run.toolCalled(done.record);
      outputs.push(done.output);
      end ??= done.end;
    };
    const isTerminal = (call: ToolCall) => this.#byName.get(call.name)?.effect === "terminal";
    const plain = calls.filter((call) => !isTerminal(call));
    if (plain.every((call) => this.#byName.get(call.name)?.effect === "read")) {
      for (const done of await Promise.all(plain.map((call) => this.#runOne(call, signal)))) keep(done);
    } else {
      for (const call of plain) keep(await this.#runOne(call, signal));
    }
    const terminal = calls.filter(isTerminal);
    terminal.sort((a, b) => Number(b.name === handOffTool.name) - Number(a.name === handOffTool.name));
    for (const call of terminal) {
      if (end) break;
      keep(await this.#runOne(call, signal));
    }
    return { outputs, end };
  }

  async #runOne(call: ToolCall, signal: AbortSignal): Promise<Done> {
    const { clock, run } = this.#deps;
    const startedAt = clock.monotonic();
    const at = run.elapsed;
    const done = (args: unknown, ok: boolean, output: string, end: TurnEnd | null = null): Done => ({
      record: {
        callId: call.callId,
        name: call.name,
        args,
        result: output.slice(0, LONGEST_KEPT),
        at,
        ms: Math.round(clock.monotonic() - startedAt),
        ok,
      },
      output: { callId: call.callId, output },
      end,
    });
    const refused = this.#refuse(call);
    if (refused) return done(call.arguments, false, refused);
    const tool = this.#byName.get(call.name)!;
    const checked = checkArguments(tool.parameters, call.arguments);
    if (!checked.ok) return done(call.arguments, false, failure("invalid_arguments", checked.hint));
    // Told before it runs: whether it has arrived outside is not known once it has begun.
    if (tool.effect === "write") this.#deps.onCommitted?.();
    const { ok, output } = await this.#execute(tool, call.callId, checked.value, signal);
    return done(checked.value, ok, output, ok && tool.effect === "terminal" ? turnEndOf(tool, checked.value) : null);
  }

  #refuse(call: ToolCall): string | null {
    const { maxCalls, maxIdentical } = this.#deps;
    if (++this.#calls > maxCalls) return failure("too_many_calls", "No more tool calls in this turn. Answer with what you know.");
    const key = `${call.name} ${call.arguments}`;
    const times = (this.#seen.get(key) ?? 0) + 1;
    this.#seen.set(key, times);
    if (times > maxIdentical) return failure("repeated_call", "This very call was made before; its result does not change.");
    if (this.#byName.has(call.name)) return null;
    return failure("unknown_tool", `There is no such tool. Known: ${[...this.#byName.keys()].join(", ")}.`);
  }

  async #execute(tool: Tool, callId: string, args: unknown, signal: AbortSignal): Promise<{ ok: boolean; output: string }> {
    const { clock, log, toolMs, redact } = this.#deps;
    // Aborted between two calls: the second one must not leave anything behind.
    if (signal.aborted) throw new AiError("aborted");
    const deadline = startDeadline(clock, tool.timeoutMs ?? toolMs, signal);
    try {
      const value = await Promise.race([tool.execute(args, deadline.signal, callId), rejectWhenAborted(deadline.signal)]);
      const output = redact(JSON.stringify(value ?? null));
      return { ok: true, output: output.length > LONGEST_OUTPUT ? `${output.slice(0, LONGEST_OUTPUT)}… [cut]` : output };
    } catch (error) {
      // Awaited: anything, tools are open code; an abort of the turn ends the turn, the rest is told to the model.
      if (signal.aborted) throw new AiError("aborted", { cause: error });
      if (error instanceof ToolRefusal) return { ok: false, output: failure(error.code, error.message) };
      log.warn("a tool failed", { tool: tool.name, timedOut: deadline.expired, error });
      const hint = deadline.expired ? "The tool took too long." : "The tool did not work. Go on without it or hand off.";
      return { ok: false, output: failure(deadline.expired ? "timeout" : "tool_failed", hint) };
    } finally {
      deadline.done();
    }
  }
}

/** A tool that ignores its signal must not hold the turn. */
const rejectWhenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    else signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });

const failure = (code: string, hint: string): string => JSON.stringify({ error: { code, hint } });
