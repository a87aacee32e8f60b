/** The knowledge in a turn: what is found for the customer's messages beforehand, and the tool that finds more. */
import { Type as t } from "@sinclair/typebox";
import type { TurnInput } from "../ai/assistant";
import { PassageBook } from "../ai/passages";
import { defineTool } from "../ai/tools";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { Change } from "../events/log";

export interface TurnKnowledge {
  search(
    question: string,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ chunk: string; article: string; title: string; heading: string; text: string }[]>;
  isEmpty(): Promise<boolean>;
  /** Counts a question nothing answered. */
  note(question: string, conversation: string, change: Change): Promise<void>;
  /** How many passages a question is given along. */
  passages(): number;
}

const FOUND_BY_TOOL = 4;
const Search = t.Object(
  { query: t.String({ minLength: 2, maxLength: 300, description: "What to look for, in the customer's words or better ones" }) },
  { additionalProperties: false },
);

/** The part of a turn that the knowledge gives; nothing while there is none. A store that fails leaves the turn without it. */
export async function knowledgeFor(
  texts: readonly string[],
  knowledge: TurnKnowledge,
  signal: AbortSignal,
  log: Log,
): Promise<Pick<TurnInput, "book" | "passages" | "hasKnowledge" | "tools">> {
  try {
    if (await knowledge.isEmpty()) return {};
    const book = new PassageBook();
    const find = async (question: string, limit: number, aborted: AbortSignal) =>
      (await knowledge.search(question, limit, aborted)).map(({ chunk, title, heading, text }) => {
        const passage = { id: chunk, title: heading && heading !== title ? `${title} › ${heading}` : title, text };
        return { source: book.add(passage), title: passage.title, text };
      });
    await find(texts.join("\n"), knowledge.passages(), signal);
    const tool = defineTool({
      name: "search_knowledge",
      description:
        "Search the business's own articles: prices, hours, policies, instructions. Use it when <knowledge> does not answer the " +
        "question. Gives passages with their sources, or none.",
      parameters: Search,
      effect: "read",
      execute: async ({ query }, aborted) => ({ passages: await find(query, FOUND_BY_TOOL, aborted) }),
    });
    return { book, passages: book.all.length, hasKnowledge: true, tools: [tool] };
  } catch (error) {
    if (signal.aborted) throw error;
    log.warn("the knowledge could not be asked", { reason: describeError(error) });
    return {};
  }
}
