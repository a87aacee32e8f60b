/** Texts as vectors, by the connection's own model of meaning. Always asked for as plain numbers: compatible servers know nothing else. */
import { Type } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import type { Clock } from "../core/clock";
import { AiError } from "./ai-error";
import { type AiConnection, DEFAULT_MODEL } from "./connection";
import { callProvider, openClient } from "./openai";
import { profileFor } from "./provider-profile";

export interface EmbedOptions {
  model: string;
  timeoutMs: number;
}

export interface Embedded {
  /** One vector of length 1 for each text, in order. */
  vectors: Float32Array[];
  /** Null when the provider does not tell. */
  tokens: number | null;
  /** Nano-dollars; null when the price or the tokens are unknown. */
  costNanos: number | null;
}

/** Throws AiError. */
export type Embed = (texts: readonly string[], options: EmbedOptions, signal: AbortSignal) => Promise<Embedded>;

/** USD per million tokens, as of 2026-11-20: the small one second hand, the large one official. */
const PRICES: Readonly<Record<string, number>> = {
  "text-embedding-3-small": 0.02,
  "text-embedding-3-large": 0.13,
  "chasqui-sandbox": 0,
};

/** Enough to tell passages apart, and a third of the memory. */
const DIMENSIONS = 512;
const Answer = Type.Object({
  data: Type.Array(Type.Object({ index: Type.Integer({ minimum: 0 }), embedding: Type.Array(Type.Number(), { minItems: 8 }) })),
  usage: Type.Optional(Type.Union([Type.Null(), Type.Object({ prompt_tokens: Type.Optional(Type.Number({ minimum: 0 })) })])),
});

export function createEmbed(connection: AiConnection, clock: Clock): Embed {
  const client = openClient(connection);
  const { embeddingDimensions } = profileFor({ ...connection, model: connection.model ?? DEFAULT_MODEL });
  return async (texts, { model, timeoutMs }, signal) => {
    const answer: unknown = await callProvider(clock, timeoutMs, signal, async (call) =>
      (await client()).embeddings.create(
        {
          model,
          input: [...texts],
          encoding_format: "float",
          ...(embeddingDimensions && model.startsWith("text-embedding-3") && { dimensions: DIMENSIONS }),
        },
        call,
      ),
    );
    if (!Value.Check(Answer, answer) || answer.data.length !== texts.length)
      throw new AiError("invalid-output", { detail: "Not one vector for each text came." });
    const vectors: Float32Array[] = [];
    for (const { index, embedding } of answer.data) vectors[index] = unitVector(embedding);
    if (texts.some((_, index) => !vectors[index])) throw new AiError("invalid-output", { detail: "A vector is missing." });
    const tokens = answer.usage?.prompt_tokens ?? null;
    const price = PRICES[model];
    // USD per million tokens are thousands of nano-dollars per token.
    const costNanos = tokens === null || price === undefined ? null : Math.round(tokens * price * 1_000);
    return { vectors, tokens, costNanos };
  };
}

function unitVector(numbers: readonly number[]): Float32Array {
  const length = Math.hypot(...numbers) || 1;
  return Float32Array.from(numbers, (number) => number / length);
}
