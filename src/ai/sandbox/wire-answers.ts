/** Answers of the sandbox as each wire writes them, with every field a client of that wire may read. */
import { shortHash } from "../../core/id";
import type { SimulatedUsage } from "./cache-simulation";
import type { Dialogue, SandboxAnswer } from "./dialogue";

/** The name under which the sandbox answers, whatever model was asked for: it never poses as a model. */
export const SANDBOX_MODEL = "chasqui-sandbox";

export interface AnswerContext {
  dialogue: Dialogue;
  answer: SandboxAnswer;
  /** Null when the provider is told to report none. */
  usage: SimulatedUsage | null;
  /** Seconds since 1970. */
  createdAt: number;
  /** Makes ids: the same for the same request. */
  seed: string;
}

const REASONING_TOKENS = 24;

/** The body of an answer on /responses. */
export function responsesAnswer(context: AnswerContext & { withReasoning: boolean }): object {
  const { answer, usage, dialogue, createdAt, seed, withReasoning } = context;
  const { text, refusal, calls = [], finish } = answer;
  const output: object[] = [];
  // Stateless clients must hand this back before the results of the calls.
  if (withReasoning && calls.length > 0) {
    output.push({ type: "reasoning", id: `rs_${seed}`, summary: [], encrypted_content: `sandbox-${seed}` });
  }
  if (text !== undefined || refusal !== undefined) {
    const content =
      refusal !== undefined ? { type: "refusal", refusal } : { type: "output_text", text, annotations: [], logprobs: [] };
    output.push({
      type: "message",
      id: `msg_${seed}`,
      role: "assistant",
      status: finish ? "incomplete" : "completed",
      content: [content],
    });
  }
  calls.forEach((call, index) => {
    output.push({ type: "function_call", id: `fc_${seed}${index}`, call_id: callId(seed, index), status: "completed", ...call });
  });
  const reasoning = withReasoning && calls.length > 0 ? REASONING_TOKENS : 0;
  return {
    id: `resp_${seed}`,
    object: "response",
    created_at: createdAt,
    status: finish ? "incomplete" : "completed",
    error: null,
    incomplete_details: finish ? { reason: finish === "length" ? "max_output_tokens" : "content_filter" } : null,
    instructions: null,
    max_output_tokens: dialogue.maxOutputTokens,
    metadata: {},
    model: SANDBOX_MODEL,
    output,
    parallel_tool_calls: true,
    previous_response_id: null,
    store: false,
    temperature: 1,
    text: { format: { type: "text" } },
    tool_choice: "auto",
    tools: [],
    top_p: 1,
    truncation: "disabled",
    ...(usage && {
      usage: {
        input_tokens: usage.input,
        input_tokens_details: {
          cached_tokens: usage.cached,
          cache_write_tokens: usage.write30m + usage.write12h,
          cache_write_tokens_details: { ttl_30m_tokens: usage.write30m, ttl_12h_tokens: usage.write12h },
        },
        output_tokens: usage.output + reasoning,
        output_tokens_details: { reasoning_tokens: reasoning },
        total_tokens: usage.input + usage.output + reasoning,
      },
    }),
  };
}

/** The body of an answer on /chat/completions. */
export function chatAnswer({ answer, usage, createdAt, seed }: AnswerContext): object {
  const { text, refusal, calls = [], finish } = answer;
  return {
    id: `chatcmpl-${seed}`,
    object: "chat.completion",
    created: createdAt,
    model: SANDBOX_MODEL,
    choices: [
      {
        index: 0,
        message: {
          role: "assistant",
          content: text ?? null,
          refusal: refusal ?? null,
          annotations: [],
          ...(calls.length > 0 && {
            tool_calls: calls.map((call, index) => ({ id: callId(seed, index), type: "function", function: call })),
          }),
        },
        logprobs: null,
        finish_reason: finish === "content-filter" ? "content_filter" : (finish ?? (calls.length > 0 ? "tool_calls" : "stop")),
      },
    ],
    ...(usage && {
      usage: {
        prompt_tokens: usage.input,
        completion_tokens: usage.output,
        total_tokens: usage.input + usage.output,
        prompt_tokens_details: {
          cached_tokens: usage.cached,
          cache_write_tokens: usage.write30m + usage.write12h,
          audio_tokens: 0,
        },
        completion_tokens_details: {
          reasoning_tokens: 0,
          audio_tokens: 0,
          accepted_prediction_tokens: 0,
          rejected_prediction_tokens: 0,
        },
      },
    }),
  };
}

const callId = (seed: string, index: number): string => `call_${shortHash(`${seed}:${index}`)}`;

const DEFAULT_DIMENSIONS = 1_536;

/** Vectors that depend on the words alone: texts that share words are near each other. */
/** What the sandbox takes for harmful: enough to see a check at work. */
const HARMFUL: Readonly<Record<string, RegExp>> = {
  violence: /te voy a matar|i will kill you|vou te matar/i,
  "self-harm": /quiero morir|kill myself|quero morrer/i,
};

export const moderationAnswer = (model: string, inputs: readonly string[], seed: string): object => ({
  id: `modr-${seed}`,
  model,
  results: inputs.map((text) => {
    const categories = Object.fromEntries(Object.entries(HARMFUL).map(([name, sign]) => [name, sign.test(text)]));
    const scores = Object.fromEntries(Object.entries(categories).map(([name, found]) => [name, found ? 0.99 : 0.001]));
    return { flagged: Object.values(categories).includes(true), categories, category_scores: scores };
  }),
});

export function embeddingAnswer(
  model: string,
  inputs: readonly string[],
  dimensions = DEFAULT_DIMENSIONS,
  asBase64 = false,
): object {
  let tokens = 0;
  const data = inputs.map((text, index) => {
    const words =
      text
        .toLowerCase()
        .normalize("NFD")
        .match(/[\p{L}\p{N}]+/gu) ?? [];
    tokens += words.length;
    const vector = hashVector(words, dimensions);
    const embedding = asBase64 ? Buffer.from(vector.buffer).toString("base64") : Array.from(vector);
    return { object: "embedding", index, embedding };
  });
  return {
    object: "list",
    data,
    model: model === "" ? SANDBOX_MODEL : model,
    usage: { prompt_tokens: tokens, total_tokens: tokens },
  };
}

function hashVector(words: readonly string[], dimensions: number): Float32Array {
  const vector = new Float32Array(dimensions);
  for (const word of words) {
    const hash = Bun.hash.xxHash32(word);
    vector[hash % dimensions]! += hash & 0x80000000 ? 1 : -1;
  }
  const length = Math.hypot(...vector) || 1;
  return vector.map((value) => value / length);
}
