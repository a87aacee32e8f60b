/** The book of what the provider costs beside the turns: counted in nano-dollars, added up by day, kind and model. */
import type { ClientSession } from "mongoose";
import type { TurnRun } from "../../ai/assistant";
import type { Clock, Timer } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import type { Change } from "../../events/log";
import type { AiSpendModel, Spend, SpendKind } from "./ai-spend.model";

/** One thing that was asked of the provider. */
export interface NewSpend {
  kind: SpendKind;
  model: string;
  calls: number;
  /** Tokens, where the provider tells them. */
  input?: number;
  cached?: number;
  output?: number;
  /** Nano-dollars; null when the price or the usage is unknown. */
  nanos: number | null;
}

export interface AiSpendService {
  /** Books it at once, in the transaction of what it led to where there is one. */
  book(spend: NewSpend, change: Change | null): Promise<void>;
  /**
   * Books it a moment later, together with others: for what costs fractions of a micro-dollar while a customer waits. A crash loses at
   * most the last second of it.
   */
  note(spend: NewSpend): void;
  /** The sums of a day, what was only noted by this process included. */
  listDay(day: string): Promise<Spend[]>;
  /** Writes what is only noted. */
  stop(): Promise<void>;
}

export interface AiSpendDeps {
  spends: AiSpendModel;
  clock: Clock;
  log: Log;
}

type Sums = Pick<Spend, "runs" | "calls" | "input" | "cached" | "output" | "nanos" | "unpriced">;
const WRITE_AFTER_MS = 1_000;

export function createAiSpends({ spends, clock, log }: AiSpendDeps): AiSpendService {
  let noted = new Map<string, Omit<Spend, "_id">>();
  let timer: Timer | null = null;

  const rowOf = ({ kind, model, calls, input = 0, cached = 0, output = 0, nanos }: NewSpend): Spend => {
    const day = new Date(clock.now()).toISOString().slice(0, 10);
    const sums: Sums = { runs: 1, calls, input, cached, output, nanos: nanos ?? 0, unpriced: Number(nanos === null) };
    return { _id: `${day}:${kind}:${model}`, day, kind, model, ...sums };
  };

  async function add({ _id, day, kind, model, ...sums }: Spend, session?: ClientSession): Promise<void> {
    await spends.collection.updateOne(
      { _id: _id as never },
      { $inc: sums, $setOnInsert: { day, kind, model } } as never,
      session ? { upsert: true, session } : { upsert: true },
    );
  }

  async function write(): Promise<void> {
    timer?.cancel();
    timer = null;
    const all = noted;
    noted = new Map();
    for (const [_id, row] of all) {
      try {
        await add({ _id, ...row });
      } catch (error) {
        // The store fails for now: it is written with the next ones.
        keep({ _id, ...row });
        log.warn("what vectors and checks cost could not be written", { reason: describeError(error) });
      }
    }
  }

  function keep({ _id, ...row }: Spend): void {
    const before = noted.get(_id);
    if (!before) noted.set(_id, row);
    else for (const key of ["runs", "calls", "input", "cached", "output", "nanos", "unpriced"] as const) before[key] += row[key];
    timer ??= clock.timer(WRITE_AFTER_MS, () => void write());
  }

  return {
    book: (spend, change) => add(rowOf(spend), change?.session),
    note: (spend) => keep(rowOf(spend)),
    async listDay(day) {
      if (noted.size > 0) await write();
      return (await spends.find({ day }).lean()) as Spend[];
    },
    async stop() {
      await write();
      // What could not be written now never will be.
      timer?.cancel();
    },
  };
}

/** What a run of the model has used, as money of this kind. */
export const spendOf = (kind: SpendKind, { calls, model, usage, costMicros }: TurnRun): NewSpend => ({
  kind,
  model,
  calls,
  input: usage.input,
  cached: usage.cached,
  output: usage.output,
  nanos: costMicros === null ? null : costMicros * 1_000,
});
