/** Answers that come piece by piece: both wires as server-sent events, gathered into the same answer a plain call gives. */
import { AiError, translateAnswerError } from "./ai-error";

type Event = Record<string, unknown>;
const asText = (value: unknown): string => (typeof value === "string" ? value : "");
const partOf = (value: unknown): Event => (typeof value === "object" && value !== null ? (value as Event) : {});

/** The answer of a stream of /responses. Throws AiError when it breaks off or tells a failure. */
export async function gatherResponses(events: AsyncIterable<unknown>, onText: (piece: string) => void): Promise<unknown> {
  for await (const one of events) {
    const event = partOf(one);
    if (event.type === "response.output_text.delta") onText(asText(event.delta));
    else if (event.type === "response.completed" || event.type === "response.incomplete") return event.response;
    else if (event.type === "response.failed" || event.type === "error") {
      const failure = partOf(partOf(event.response).error ?? event);
      throw translateAnswerError(asText(failure.code), asText(failure.message));
    }
  }
  throw new AiError("invalid-output", { detail: "The stream ended before its answer." });
}

/** The same of /chat/completions. Tools are not used in streams. */
export async function gatherChat(chunks: AsyncIterable<unknown>, onText: (piece: string) => void): Promise<unknown> {
  let [content, refusal, model, finish] = ["", "", "", ""];
  let usage: unknown = null;
  for await (const one of chunks) {
    const chunk = partOf(one);
    if (chunk.error) throw translateAnswerError(asText(partOf(chunk.error).code), asText(partOf(chunk.error).message));
    model = asText(chunk.model) || model;
    usage = chunk.usage ?? usage;
    const choice = partOf(Array.isArray(chunk.choices) ? chunk.choices[0] : null);
    const piece = asText(partOf(choice.delta).content);
    refusal += asText(partOf(choice.delta).refusal);
    finish = asText(choice.finish_reason) || finish;
    if (piece === "") continue;
    content += piece;
    onText(piece);
  }
  if (finish === "") throw new AiError("invalid-output", { detail: "The stream ended before its answer." });
  const message = { role: "assistant", content, ...(refusal && { refusal }) };
  return { choices: [{ index: 0, message, finish_reason: finish }], ...(model && { model }), ...(usage ? { usage } : {}) };
}
