/** How the sandbox helps agents: by rules, and saying so. What needs a language model is only marked, never made up. */
import type { Dialogue } from "./dialogue";
import { bestSentence } from "./retrieval";

interface Material {
  conversation?: { from: string; text: string }[];
  knowledge?: { source: string; title: string; text: string }[];
  language?: string;
  tone?: string;
  text?: string;
}

const MOST_LINES = 6;

/** The answer to a request of the copilot, or null when it is another kind of request. */
export function copilotAnswer({ items }: Dialogue): string | null {
  const system = items.find((item) => item.kind === "text" && item.role === "system");
  const user = items.findLast((item) => item.kind === "text" && item.role === "user");
  if (system?.kind !== "text" || user?.kind !== "text" || !system.text.startsWith("You help an employee of a business"))
    return null;
  const { conversation = [], knowledge = [], language, tone, text = "" } = JSON.parse(user.text) as Material;
  const said = conversation.filter(({ from }) => from === "customer").map((one) => one.text);
  const last = said.at(-1) ?? "";
  const has = (words: string) => system.text.includes(words);
  if (has("Summarise the conversation"))
    return (
      said
        .slice(-MOST_LINES)
        .map((line) => `- ${line}`)
        .join("\n") || "- (nothing was said)"
    );
  if (has("Translate")) return `[${language}] ${text}`;
  if (has("Rewrite")) return `[${tone}] ${text}`;
  const found = bestSentence(text || last, knowledge);
  if (has("Answer the employee's question")) return found ?? "Nothing in the knowledge answers this.";
  return `${found ?? "Lo reviso y le confirmo en un momento."}\n---\nGracias por escribirnos. ¿Me da un poco más de detalle?`;
}
