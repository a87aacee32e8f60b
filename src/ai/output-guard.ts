/** Keeps the assistant's own rules from reaching a customer. Pure; deliberately blind to the persona, whose facts are meant to be told. */
import { type Business, staticText } from "./prompt";

/** So many words in a row are no accident. */
const WORDS_IN_A_ROW = 9;
/** Names that only our requests use. */
const INNER_NAMES =
  /<\/?(?:facts|knowledge|customer_messages|conversation_notes)>|\b(?:hand_off|no_reply|close_conversation|search_knowledge|update_contact|get_contact|label_conversation|set_priority|schedule_follow_up)\b/;

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];

let runs: ReadonlySet<string> | null = null;

/** Every run of words of the rules, made once: they are the same for every business but for its name and language. */
function ruleRuns(): ReadonlySet<string> {
  runs ??= new Set(runsOf(wordsOf(staticText(ANY_BUSINESS))));
  return runs;
}

const ANY_BUSINESS: Business = { name: "…" };

function* runsOf(words: readonly string[]): Generator<string> {
  for (let start = 0; start + WORDS_IN_A_ROW <= words.length; start++) yield words.slice(start, start + WORDS_IN_A_ROW).join(" ");
}

/** Whether a reply repeats the rules word for word or names what only the rules name. */
export function leaksInstructions(reply: string): boolean {
  if (INNER_NAMES.test(reply)) return true;
  const known = ruleRuns();
  for (const run of runsOf(wordsOf(reply))) if (known.has(run)) return true;
  return false;
}
