/** What is being looked for while somebody writes: a canned reply after `/`, a colleague after `@`, an emoji after `:`. Pure. */

export interface Trigger {
  kind: "canned" | "mention" | "emoji";
  /** Where the sign stands; what is chosen replaces the text from here to the caret. */
  from: number;
  query: string;
}

const CANNED = /(?:^|\s)\/([^\s/]{0,40})$/;
/** From two letters on: `:D` and `10:30` look for nothing. */
const EMOJI = /(?:^|\s):(\p{L}[\p{L}\p{N}_+-]{1,30})$/u;
const MENTION = /(?:^|\s)@([\p{L}\p{N}._-]{0,40})$/u;

/** The trigger that the caret stands behind. Colleagues are mentioned in notes only: customers would read the name. */
export function triggerAt(text: string, caret: number, mode: "reply" | "note"): Trigger | null {
  const before = text.slice(0, caret);
  const patterns = { mention: mode === "note" ? MENTION : null, canned: CANNED, emoji: EMOJI };
  for (const kind of ["mention", "canned", "emoji"] as const) {
    const query = patterns[kind]?.exec(before)?.[1];
    if (query !== undefined) return { kind, from: caret - query.length - 1, query };
  }
  return null;
}

/** Those whose `@Name` stands in the text. */
export const mentionedIn = (text: string, people: readonly { id: string; name: string }[]): string[] =>
  people
    .filter(({ name }) => {
      const at = text.indexOf(`@${name}`);
      return at >= 0 && !/[\p{L}\p{N}]/u.test(text.charAt(at + name.length + 1));
    })
    .map(({ id }) => id);
