/** What a turn used, kept while it runs: calls, tools, tokens and money. */
import type { Clock } from "../core/clock";
import type { GenerateResult, Usage, Wire } from "./ai-port";
import { CostMeter } from "./cost";
import type { PriceRow } from "./price-table";

export interface ToolRecord {
  /** The model's own id of the call. */
  callId: string;
  name: string;
  /** Parsed when it was JSON, else the text the model wrote. */
  args: unknown;
  /** What went back to the model, cut after LONGEST_KEPT characters. */
  result: string;
  /** When it began, in milliseconds since the turn did. */
  at: number;
  ms: number;
  ok: boolean;
}

/** One request to the model. */
export interface ModelCallRecord {
  model: string;
  /** When it was sent, in milliseconds since the turn began. */
  at: number;
  ms: number;
  ok: boolean;
  input: number;
  cached: number;
  output: number;
}

export const LONGEST_KEPT = 2_000;

/** What one turn (or one summary) used. */
export interface TurnRun {
  provider: string;
  model: string;
  wire: Wire | null;
  /** Requests sent to the provider, retries included. */
  calls: number;
  toolCalls: ToolRecord[];
  modelCalls: ModelCallRecord[];
  usage: Usage;
  /** Micro-dollars; null when a price or the usage of a call is unknown. */
  costMicros: number | null;
  ms: number;
}

export class RunRecorder {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #meter: CostMeter;
  readonly #usage: Usage = { input: 0, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 0, reasoning: 0 };
  readonly #toolCalls: ToolRecord[] = [];
  readonly #modelCalls: ModelCallRecord[] = [];
  #calledAt = 0;
  #calls = 0;
  #provider: string;
  #model: string;
  #wire: Wire | null;

  constructor(clock: Clock, port: { provider: string; model: string; wire: Wire | null }, prices?: () => readonly PriceRow[]) {
    this.#clock = clock;
    this.#meter = new CostMeter(prices);
    this.#startedAt = clock.monotonic();
    this.#provider = port.provider;
    this.#model = port.model;
    this.#wire = port.wire;
  }

  get calls(): number {
    return this.#calls;
  }

  /** Milliseconds since the turn began. */
  get elapsed(): number {
    return Math.round(this.#clock.monotonic() - this.#startedAt);
  }

  callStarted(): void {
    this.#calls++;
    this.#calledAt = this.elapsed;
  }

  answered({ usage, model, provider, wire }: GenerateResult): void {
    this.#model = model;
    this.#provider = provider;
    this.#wire = wire;
    this.#meter.add(usage, model, this.#clock.now());
    this.#keepCall(true, usage);
    if (!usage) return;
    for (const key of Object.keys(this.#usage) as (keyof Usage)[]) this.#usage[key] += usage[key];
  }

  /** The call reached the provider but was cut off: nobody knows what it cost. */
  cutOff(): void {
    this.#meter.addUnknown();
  }

  /** The request that was begun last brought no answer. */
  callFailed(): void {
    this.#keepCall(false, null);
  }

  toolCalled(record: ToolRecord): void {
    this.#toolCalls.push(record);
  }

  /** The record so far. */
  read(): TurnRun {
    return {
      provider: this.#provider,
      model: this.#model,
      wire: this.#wire,
      calls: this.#calls,
      toolCalls: [...this.#toolCalls],
      modelCalls: [...this.#modelCalls],
      usage: { ...this.#usage },
      costMicros: this.#meter.micros,
      ms: this.elapsed,
    };
  }

  #keepCall(ok: boolean, usage: Usage | null): void {
    const { input, cached, output } = usage ?? { input: 0, cached: 0, output: 0 };
    const at = this.#calledAt;
    this.#modelCalls.push({ model: this.#model, at, ms: this.elapsed - at, ok, input, cached, output });
  }
}
