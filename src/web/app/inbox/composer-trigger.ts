/** What is being looked for while somebody writes: a canned reply after `/`, a colleague after `@`. Pure. */

export interface Trigger {
  kind: "canned" | "mention";
  /** Where the sign stands; what is chosen replaces the text from here to the caret. */
  from: number;
  query: string;
}

const CANNED = /(?:^|\s)\/([^\s/]{0,40})$/;
const MENTION = /(?:^|\s)@([\p{L}\p{N}._-]{0,40})$/u;

/** The trigger that the caret stands behind. Colleagues are mentioned in notes only: customers would read the name. */
export function triggerAt(text: string, caret: number, mode: "reply" | "note"): Trigger | null {
  const before = text.slice(0, caret);
  const mention = mode === "note" ? MENTION.exec(before) : null;
  const found = mention ?? CANNED.exec(before);
  if (!found) return null;
  const query = found[1] ?? "";
  return { kind: mention ? "mention" : "canned", from: caret - query.length - 1, query };
}

/** Those whose `@Name` stands in the text. */
export const mentionedIn = (text: string, people: readonly { id: string; name: string }[]): string[] =>
  people
    .filter(({ name }) => {
      const at = text.indexOf(`@${name}`);
      return at >= 0 && !/[\p{L}\p{N}]/u.test(text.charAt(at + name.length + 1));
    })
    .map(({ id }) => id);
