/** Answers of the sandbox as server-sent events, word by word, as each wire writes them. */

const frame = (data: unknown, event?: string): string =>
  `${event ? `event: ${event}\n` : ""}data: ${typeof data === "string" ? data : JSON.stringify(data)}\n\n`;
const wordsOf = (text: string): string[] => text.match(/\s*\S+/g) ?? [];

interface Output {
  type: string;
  id?: string;
  content?: { type: string; text?: string }[];
}

export function responsesStream(answer: { output?: Output[]; status?: string }): string[] {
  let number = 0;
  const event = (type: string, more: object) => frame({ type, sequence_number: number++, ...more }, type);
  const frames = [event("response.created", { response: { ...answer, status: "in_progress", output: [] } })];
  for (const [index, item] of (answer.output ?? []).entries())
    for (const part of item.content ?? [])
      for (const delta of wordsOf(part.text ?? ""))
        frames.push(
          event("response.output_text.delta", { item_id: item.id, output_index: index, content_index: 0, delta, logprobs: [] }),
        );
  return [...frames, event(`response.${answer.status === "incomplete" ? "incomplete" : "completed"}`, { response: answer })];
}

interface Chat {
  id: string;
  created: number;
  model: string;
  choices: { message: { content: string | null }; finish_reason: string }[];
  usage?: object;
}

export function chatStream({ id, created, model, choices, usage }: Chat): string[] {
  const base = { id, object: "chat.completion.chunk", created, model };
  const [choice] = choices;
  const chunk = (delta: object, finish_reason: string | null = null) =>
    frame({ ...base, choices: [{ index: 0, delta, finish_reason }] });
  return [
    chunk({ role: "assistant", content: "" }),
    ...wordsOf(choice?.message.content ?? "").map((content) => chunk({ content })),
    chunk({}, choice?.finish_reason ?? "stop"),
    ...(usage ? [frame({ ...base, choices: [], usage })] : []),
    frame("[DONE]"),
  ];
}

export const streamed = (frames: readonly string[]): Response =>
  new Response(
    new ReadableStream({
      async start(controller) {
        for (const one of frames) {
          controller.enqueue(new TextEncoder().encode(one));
          await Promise.resolve();
        }
        controller.close();
      },
    }),
    { headers: { "content-type": "text/event-stream" } },
  );
