/** What a phase of the pipeline benchmark has shown: reconciled with what was said, and how long the customers waited. Pure. */
import { customerOf, marksIn } from "../../commands/torture/mark";
import { type Findings, reconcile, type Said } from "../../commands/torture/reconcile";
import { customerOfNumber } from "./pipeline-plan";
import { type Percentiles, percentiles } from "./report";
import type { SentMessage } from "./upstream";

export interface SaidInPhase extends Said {
  /** When it should have been said: from here latency is measured, so a stall of the generator or the server is not hidden. */
  dueAt: number;
}

export type Verdict = Pick<Findings, "said" | "answered" | "replies"> &
  Record<"lost" | "twice" | "misrouted" | "outOfOrder", number>;

/** Counts what must not happen, from the phones: every reply as it appeared on the number it was sent to. */
export function judge(
  said: readonly Said[],
  heard: readonly SentMessage[],
  numberOfCustomer: (customer: number) => string,
): Verdict {
  const replies = heard.map(({ to, text }) => ({ customer: customerOfNumber(to), marks: marksIn(text) }));
  const found = reconcile(said, replies, new Set());
  const fromWrongNumber = heard.filter(
    ({ to, phoneNumberId }) => numberOfCustomer(customerOfNumber(to)) !== phoneNumberId,
  ).length;
  return {
    said: found.said,
    answered: found.answered,
    replies: found.replies,
    lost: found.lost.length,
    twice: found.twice.length,
    misrouted: found.misrouted.length + fromWrongNumber,
    outOfOrder: found.outOfOrder.length,
  };
}

/** Milliseconds from the moment the newest piece of a batch was due to its reply at WhatsApp, without the waits that are wanted. */
export function replyOverhead(said: readonly SaidInPhase[], heard: readonly SentMessage[], wantedMs: number): Percentiles {
  const due = new Map(said.map(({ mark, dueAt }) => [mark, dueAt]));
  return percentiles(
    heard.flatMap(({ text, at }) => {
      const marks = marksIn(text).filter((mark) => customerOf(mark) >= 0);
      return marks.length === 0 ? [] : [at - Math.max(...marks.map((mark) => due.get(mark) ?? at)) - wantedMs];
    }),
  );
}
