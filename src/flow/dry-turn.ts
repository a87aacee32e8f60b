/**
 * A turn that changes and sends nothing: the same rules, limits and tools as a real one, but what a tool would do outside is only
 * noted. For replays and golden conversations.
 */

import { Type as t } from "@sinclair/typebox";
import type { Assistant, TurnInput, TurnResult } from "../ai/assistant";
import { PassageBook } from "../ai/passages";
import { defineTool, type Tool, ToolRefusal } from "../ai/tools";
import type { DryAnswer, DryTask, DryTurn } from "../features/ai-replays/dry-turn";
import type { Contact } from "../features/contacts/contact.model";
import type { Conversation } from "../features/conversations/conversation.model";
import type { TurnKnowledge } from "./turn-knowledge";
import type { Toolkit } from "./turn-toolkit";

export interface DryTurnDeps {
  assistant: Assistant;
  toolkit: Pick<Toolkit, "open">;
  knowledge: Pick<TurnKnowledge, "search" | "passages">;
  /** The conversation as it is now with its customer; null when it is gone. */
  find: (conversation: string) => Promise<{ conversation: Conversation; contact: Contact } | null>;
  /** A text about the business with its values filled in. */
  render: (
    text: string,
    about: { conversation: Conversation; contact: Contact } | null,
  ) => Promise<{ text: string; variables: Record<string, string> }>;
}

export function createDryTurn({ assistant, toolkit, knowledge, find, render }: DryTurnDeps): DryTurn {
  return async (task, signal) => {
    const about = task.conversation === null ? null : await find(task.conversation);
    const { passages = [], ...kept } = task.input;
    const book = new PassageBook();
    if (task.searchKnowledge) {
      const question = kept.incoming.map(({ text }) => text).join("\n");
      for (const { chunk, title, text } of await knowledge.search(question, knowledge.passages(), signal))
        book.add({ id: chunk, title, text });
    } else for (const passage of passages) book.add(passage);
    const filled = task.prompt === null ? null : await render(task.prompt, about);
    const said: string[] = [];
    const found: string[] = [];
    const kit = about ? await toolkit.open({ turn: `dry:${kept.turnId}`, ...about }) : null;
    const tools = (kit?.tools ?? []).map((tool) => dry(tool, said));
    if (kept.hasKnowledge || book.all.length > 0) tools.push(searchTool(knowledge, book));
    const input: TurnInput = {
      ...kept,
      turnId: `dry:${kept.turnId}`,
      ...(filled && {
        business: { ...kept.business, persona: filled.text },
        variables: { ...kept.variables, ...filled.variables },
      }),
      ...(task.model !== null && { model: task.model }),
      book,
      passages: book.all.length,
      ...(book.all.length > 0 && { hasKnowledge: true }),
      tools,
      teams: kit?.teams ?? kept.teams ?? [],
    };
    const result = await assistant.reply(input, signal);
    found.push(...result.run.toolCalls.map(({ result: text }) => text));
    return answerOf(result, said, book, [
      input.business.persona ?? "",
      input.summary ?? "",
      ...input.history.map(({ text }) => text),
      ...book.all.map(({ text }) => text),
      ...Object.values(input.variables ?? {}),
      ...found,
    ]);
  };
}

function answerOf(result: TurnResult, said: readonly string[], book: PassageBook, known: string[]): DryAnswer {
  const { run } = result;
  const cited = new Set(result.kind === "reply" ? result.citations.flatMap(({ chunks }) => chunks) : []);
  const text = "text" in result ? result.text : undefined;
  const isSpoken = result.kind === "silent" && said.length > 0;
  return {
    outcome: isSpoken ? "reply" : result.kind,
    reason: "reason" in result ? result.reason : null,
    answer: [...(text ? [text] : []), ...said].join("\n") || null,
    tools: run.toolCalls.filter(({ ok }) => ok).map(({ name, args }) => ({ name, args })),
    citations: result.kind === "reply" ? result.citations.length : 0,
    sources: book.all.map(({ id, title }) => ({ title, isCited: cited.has(id) })),
    model: run.model,
    provider: run.provider,
    costMicros: run.costMicros,
    run,
    known,
  };
}

/** Looks the same to the model. Reading our own customer file harms nobody; everything else is only noted. */
function dry(tool: Tool, said: string[]): Tool {
  if (tool.name === "get_contact") return tool;
  return {
    ...tool,
    // Nothing is left outside, so nothing has to be finished.
    effect: tool.effect === "write" ? "stage" : tool.effect,
    async execute(args) {
      if (tool.effect === "read") throw new ToolRefusal("not_in_a_replay", "Not available now. Go on without it.");
      const { text } = args as { text?: unknown };
      if (tool.effect === "terminal" && typeof text === "string") said.push(text);
      return { status: "noted" };
    },
  };
}

const searchTool = (knowledge: Pick<TurnKnowledge, "search">, book: PassageBook): Tool =>
  defineTool({
    name: "search_knowledge",
    description: "Search the business's own articles. Gives passages with their sources, or none.",
    parameters: t.Object({ query: t.String({ minLength: 2, maxLength: 300 }) }, { additionalProperties: false }),
    effect: "read",
    execute: async ({ query }, signal) => ({
      passages: (await knowledge.search(query, 4, signal)).map(({ chunk, title, text }) => ({
        source: book.add({ id: chunk, title, text }),
        title,
        text,
      })),
    }),
  });

export type { DryTask };
