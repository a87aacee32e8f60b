/** What the copilot writes, made readable while it is still coming. Pure. */
import type { CopilotBody } from "@server/features/copilot/copilot.schema";

/** `[k1]`, `[k1, k2]`: which passage a sentence rests on. The server takes them out of the whole answer, not out of its pieces. */
const MARKS = /[ \t]*[[【]\s*k\d{1,3}(?:\s*[,;]\s*k\d{1,3})*\s*[\]】]/gi;
/** The beginning of a mark whose end has not come yet. */
const BEGUN_MARK = /[ \t]*[[【](?:\s*k[\dk,;\s]*)?$/i;
const SEPARATOR = /^\s*---+\s*$/m;
const BEGUN_SEPARATOR = /\n\s*-{1,3}\s*$/;

/** The texts in what has come so far: one, of `suggest` as many as have begun. */
export function textsOf(task: CopilotBody["task"], come: string): string[] {
  const text = come.replace(MARKS, "").replace(BEGUN_MARK, "");
  const parts = task === "suggest" ? text.replace(BEGUN_SEPARATOR, "\n").split(SEPARATOR) : [text];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** What a customer can be answered in, besides any other the provider knows. */
const LANGUAGES = ["es", "en", "pt", "qu", "fr", "de", "it", "zh", "ja", "ko", "ar", "ru"] as const;

/** The languages to choose from, in the reader's words, theirs first. */
export function languagesFor(locale: string): { id: string; text: string }[] {
  const names = new Intl.DisplayNames([locale], { type: "language" });
  const own = locale.slice(0, 2).toLowerCase();
  const named = LANGUAGES.map((id) => ({ id, text: capitalised(names.of(id) ?? id, locale) }));
  return [...named.filter(({ id }) => id === own), ...named.filter(({ id }) => id !== own)];
}

/** Some languages write the names of languages small; a line of a menu begins large. */
const capitalised = (word: string, locale: string): string => word.charAt(0).toLocaleUpperCase(locale) + word.slice(1);
