/**
 * How the sandbox assistant answers: by rules, without a model, the same for the same request. It never poses as a model.
 */

import { wantsPerson } from "../person-signs";
import { readCustomerMessages, readKnowledge } from "../prompt";
import { handOffTool } from "../tools";
import { copilotAnswer } from "./copilot-brain";
import type { Dialogue, DialogueTool, SandboxAnswer } from "./dialogue";
import { instanceOf } from "./instance";
import { detectLanguage, isThanksOnly, type Language, PHRASES, topicOf } from "./phrases";
import { bestSentence } from "./retrieval";

const LONGEST_QUOTE = 80;
const MOST_FRAGMENTS = 12;

/** The answer to a request that no script and no fault has taken. */
export function answerOf(dialogue: Dialogue): SandboxAnswer {
  if (dialogue.format) return { text: JSON.stringify(instanceOf(dialogue.format)) };
  const forced = forcedTool(dialogue);
  if (forced) return { calls: [{ name: forced.name, arguments: JSON.stringify(instanceOf(forced.schema)) }] };
  if (isPictureTask(dialogue)) return { text: "Una imagen (el asistente del sandbox no ve)." };
  const helped = copilotAnswer(dialogue);
  if (helped !== null) return { text: helped };
  const asked = lastUserText(dialogue);
  const notes = readNotes(asked);
  if (notes) return { text: summaryOf(notes) };
  const fragments = (readCustomerMessages(asked) ?? asked.split("\n")).map((line) => line.trim()).filter(Boolean);
  return replyTo(fragments, dialogue, languageIn(asked), readKnowledge(asked));
}

function replyTo(
  fragments: readonly string[],
  dialogue: Dialogue,
  fallback: Language,
  knowledge: ReturnType<typeof readKnowledge>,
): SandboxAnswer {
  const whole = fragments.join(" ");
  const phrases = PHRASES[detectLanguage(whole, fallback)];
  if (wantsPerson(whole)) {
    const handOff = dialogue.toolChoice === "none" ? undefined : dialogue.tools.find(({ name }) => name === handOffTool.name);
    if (!handOff) return { text: phrases.handOff };
    const args = {
      ...(instanceOf(handOff.schema) as object),
      reason: "customer-asked",
      summary: phrases.handOffSummary(quote(whole, 300)),
    };
    return { text: phrases.handOff, calls: [{ name: handOff.name, arguments: JSON.stringify(args) }] };
  }
  if (fragments.length > 0 && fragments.every(isThanksOnly)) return { text: phrases.thanksOnly };
  const lines = fragments
    .slice(0, MOST_FRAGMENTS)
    .map((fragment) => `«${quote(fragment)}»: ${bestSentence(fragment, knowledge) ?? phrases.topics[topicOf(fragment)]}`);
  const more = fragments.length - lines.length;
  const body =
    lines.length === 1
      ? lines[0]!
      : [phrases.together(fragments.length), ...lines.map((line) => `- ${line}`), ...(more > 0 ? [`- … +${more}`] : [])].join(
          "\n",
        );
  return { text: `${body}\n${phrases.footer}` };
}

function forcedTool({ toolChoice, tools }: Dialogue): DialogueTool | undefined {
  if (toolChoice === "required") return tools[0];
  return typeof toolChoice === "object" ? tools.find(({ name }) => name === toolChoice.name) : undefined;
}

const isPictureTask = ({ items }: Dialogue): boolean =>
  items.some((item) => item.kind === "text" && item.role === "system" && item.text.startsWith("Describe the picture"));

const lastUserText = ({ items }: Dialogue): string => {
  const last = items.findLast((item) => item.kind === "text" && item.role === "user");
  return last?.kind === "text" ? last.text : "";
};

/** The language of the contact in the facts of the request, for messages that show none. */
function languageIn(text: string): Language {
  const told = /"language":"(es|en|pt)/.exec(text)?.[1];
  return told === "en" || told === "pt" ? told : "es";
}

const quote = (text: string, longest = LONGEST_QUOTE): string => {
  const line = text.replace(/\s+/g, " ");
  return line.length > longest ? `${line.slice(0, longest - 1)}…` : line;
};

interface Notes {
  notes: string;
  messages: { from: string; text: string }[];
}

/** The material of a summary request, or null when the text is something else. */
function readNotes(text: string): Notes | null {
  if (!text.startsWith('{"notes":')) return null;
  try {
    const { notes, messages } = JSON.parse(text) as Partial<Notes>;
    return typeof notes === "string" && Array.isArray(messages) ? { notes, messages } : null;
  } catch {
    // Awaited: SyntaxError, a customer's text that only begins like ours.
    return null;
  }
}

const NOTES_KEPT = 8;

/** Notes by extraction: the newest lines of what customers said, questions apart from facts. */
function summaryOf({ notes, messages }: Notes): string {
  const said = messages.filter(({ from }) => from === "customer").map(({ text }) => `- ${quote(text, 70)}`);
  const earlier = notes.split("\n").filter((line) => line.startsWith("- "));
  return ["Facts:", ...[...earlier, ...said].slice(-NOTES_KEPT)].join("\n");
}
