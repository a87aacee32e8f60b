/** The provider's check for harmful content. Optional, and it fails open: a check that cannot be made never keeps a customer from an answer. */
import { type Static, Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import { AiError } from "./ai-error";
import type { AiConnection } from "./connection";
import { callProvider, openClient } from "./openai";

/** The categories a text was flagged for; empty when it is harmless or nobody could tell. */
export type Moderate = (text: string, signal: AbortSignal) => Promise<string[]>;

const MODEL = "omni-moderation-latest";
const TIMEOUT_MS = 5_000;
const Answer = Type.Object({
  results: Type.Array(Type.Object({ flagged: Type.Boolean(), categories: Type.Record(Type.String(), Type.Unknown()) }), {
    minItems: 1,
  }),
});

export function createModerate(connection: AiConnection, { clock, log }: { clock: Clock; log: Log }): Moderate {
  const client = openClient(connection);
  return async (text, signal) => {
    try {
      const answer: unknown = await callProvider(clock, TIMEOUT_MS, signal, async (call) =>
        (await client()).moderations.create({ model: MODEL, input: text }, call),
      );
      return Value.Check(Answer, answer) ? flaggedIn(answer) : [];
    } catch (error) {
      // Awaited: AiError. Only an abort is the caller's matter.
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
