/** Marks: every message of a customer carries one, and the reply repeats those it answers. So anybody can tell which answers what. */

import { readCustomerMessages } from "../../ai/prompt";
import type { Dialogue, SandboxAnswer } from "../../ai/sandbox/dialogue";

const MARK = /\bk(\d+)x(\d+)y\b/g;

export const markOf = (customer: number, message: number): string => `k${customer}x${message}y`;

/** The marks in a text, in their order. */
export const marksIn = (text: string): string[] => [...text.matchAll(MARK)].map(([mark]) => mark);

/** Whose mark it is; -1 when it is none. */
export const customerOf = (mark: string): number => Number(/^k(\d+)x/.exec(mark)?.[1] ?? -1);

/** Answers by repeating the marks of the messages to answer. Null for requests of another kind, such as summaries. */
export function echo({ items, format }: Dialogue): SandboxAnswer | null {
  const last = items.findLast((item) => item.kind === "text" && item.role === "user");
  const asked = format === null && last?.kind === "text" ? readCustomerMessages(last.text) : null;
  const marks = asked?.flatMap(marksIn) ?? [];
  return marks.length > 0 ? { text: `Anotado: ${marks.join(" ")}` } : null;
}
