/** The provider's check for harmful content. Optional, and it fails open: a check that cannot be made never keeps a customer from an answer. */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError, isBilledUnknown } from "./ai-error";
import type { AiConnection } from "./connection";
import { findPrice } from "./cost";
import { callProvider, openClient } from "./openai";
import type { PriceRow } from "./price-table";

/** The categories a text was flagged for; empty when it is harmless or nobody could tell. */
export type Moderate = (text: string, signal: AbortSignal) => Promise<string[]>;

const MODEL = "omni-moderation-latest";
const TIMEOUT_MS = 5_000;
const Answer = Type.Object({
  results: Type.Array(Type.Object({ flagged: Type.Boolean(), categories: Type.Record(Type.String(), Type.Unknown()) }), {
    minItems: 1,
  }),
});

export interface ModerateDeps {
  clock: Clock;
  log: Log;
  prices: () => readonly PriceRow[];
  /** Told of every text that was checked. Nano-dollars; null when the price is unknown: this endpoint tells no tokens. */
  onSpent: (spent: { model: string; calls: number; nanos: number | null }) => void;
}

export function createModerate(connection: AiConnection, { clock, log, prices, onSpent }: ModerateDeps): Moderate {
  const client = openClient(connection);
  return async (text, signal) => {
    try {
      const answer: unknown = await callProvider(clock, TIMEOUT_MS, signal, async (call) =>
        (await client()).moderations.create({ model: MODEL, input: text }, call),
      );
      onSpent({ model: MODEL, calls: 1, nanos: findPrice(MODEL, clock.now(), prices())?.input === 0 ? 0 : null });
      return Value.Check(Answer, answer) ? flaggedIn(answer) : [];
    } catch (error) {
      // Awaited: AiError. Only an abort is the caller's matter.
      if (error instanceof AiError && isBilledUnknown(error)) onSpent({ model: MODEL, calls: 1, nanos: null });
      if (!(error instanceof AiError) || error.kind === "aborted") throw error;
      log.warn("a text could not be moderated", { kind: error.kind, status: error.status });
      return [];
    }
  };
}

const flaggedIn = ({ results }: Static<typeof Answer>): string[] =>
  results.flatMap(({ flagged, categories }) =>
    flagged ? Object.keys(categories).filter((name) => categories[name] === true) : [],
  );
