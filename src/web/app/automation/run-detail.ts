/** Why an action was left out or failed, in the reader's language where we have words for it; other servers' words stay theirs. Pure. */
import type { WordKey, Words } from "../i18n/words";

const KNOWN: readonly (readonly [pattern: RegExp, word: WordKey])[] = [
  [/^The conversation is muted\.$/, "runs.said.muted"],
  [/^The customer wants nothing they have not asked for\.$/, "runs.said.optedOut"],
  [/^No mail server is configured/, "runs.said.noMail"],
  [/^The mail server did not take it\.$/, "runs.said.mailRefused"],
  [/^It answered with (\d+)\.$/, "runs.said.answered"],
  [/^It has run (\d+) times in (\d+) minutes/, "runs.said.limit"],
  [/^Rules have run (\d+) times in 10 minutes/, "runs.said.allLimit"],
  [/may do nothing any more\.$/, "runs.said.noRights"],
  [/^The process ended while the mail was being sent/, "runs.said.mailUnknown"],
  [/^Something broke on our side\.$/, "runs.said.broke"],
];

export function runDetail(detail: string, { t }: Pick<Words, "t">): string {
  for (const [pattern, word] of KNOWN) {
    const match = pattern.exec(detail);
    if (match) return t(word, { count: match[1] ?? "", minutes: match[2] ?? "" });
  }
  return detail;
}
