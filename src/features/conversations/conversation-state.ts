/** What follows from a change of a conversation: its version, who waits, and the marks its lists are found by. Pure. */
import type { PRIORITIES } from "../../events/view";
import type { Conversation, LastMessage } from "./conversation.model";

const PREVIEW_LENGTH = 160;

/** The one-line preview of a message in the conversation list. */
export const previewOf = (message: LastMessage): LastMessage => ({ ...message, text: message.text.slice(0, PREVIEW_LENGTH) });

/** With whoever is blocked: what they write is kept, nothing is counted, nobody is asked for an answer. */
export const SILENCED = { isMuted: true, isAIEnabled: false, status: "resolved", waitingFor: null } as const;

/** What people and rules decide about. What only happens to a conversation, such as a new message, is no reason for a conflict. */
const DECIDED = [
  "status",
  "waitingFor",
  "priority",
  "isOpen",
  "isAIEnabled",
  "assignedAgent",
  "team",
  "participants",
  "labels",
  "snoozedUntil",
  "isMuted",
  "mergedInto",
] as const satisfies readonly (keyof Conversation)[];

/** A normal one has none, so that the index of the others stays small. */
export const RANKS: Readonly<Record<(typeof PRIORITIES)[number], number | null>> = { low: -1, normal: null, high: 1, urgent: 2 };

export interface Derived {
  $set: Partial<Conversation>;
  $unset: Partial<Record<keyof Conversation, "">>;
  /** By how much the version grows. */
  version: number;
}

/** Nobody waits, nothing is snoozed. */
export const SETTLED = { waitingSince: null, snoozedUntil: null } satisfies Partial<Conversation>;

/** The fields to write for a change of these fields. */
export function derivedFrom(fields: Partial<Conversation>, now: Date): Derived {
  const { isUnattended: given, ...$set } = fields;
  const $unset: Derived["$unset"] = {};
  const { status, waitingFor, priority } = fields;
  let isUnattended = given;
  const isOver = status === "resolved" || status === "closed";
  const isAnswered = status === "assigned" && fields.answeredSeq !== undefined;
  if (status !== undefined && waitingFor !== "snooze") $set.snoozedUntil = null;
  if (isOver || isAnswered || (status === "waiting" && waitingFor === "assistant")) {
    Object.assign($set, SETTLED);
    isUnattended ??= false;
  }
  // Passed from the assistant to the people.
  if (status === "open" && fields.isAIEnabled === false) {
    if (!("waitingSince" in fields)) $set.waitingSince = now;
    isUnattended ??= true;
  }
  const marks = {
    isUnattended: isUnattended === undefined ? undefined : isUnattended || null,
    rank: priority && RANKS[priority],
  };
  if (marks.isUnattended) Object.assign($set, { isUnattended: true });
  if (marks.isUnattended === null) $unset.isUnattended = "";
  if (marks.rank) $set.rank = marks.rank;
  if (marks.rank === null) $unset.rank = "";
  return { $set, $unset, version: DECIDED.some((field) => field in fields) ? 1 : 0 };
}

/** The customer has written in one that rested: it is looked at again. Changes it in memory. */
export function reopen(conversation: Conversation): void {
  const { isAIEnabled, assignedAgent } = conversation;
  const status = isAIEnabled ? "waiting" : assignedAgent ? "assigned" : "open";
  Object.assign(conversation, {
    status,
    waitingFor: isAIEnabled ? "assistant" : null,
    resolvedAt: null,
    resolvedBy: null,
    snoozedUntil: null,
    version: (conversation.version ?? 0) + 1,
  });
  if (!isAIEnabled) conversation.isUnattended = true;
}

/** A person has answered from the phone: they beat the machine. Changes it in memory. */
export function takeOverFromPhone(conversation: Conversation): void {
  Object.assign(conversation, {
    epoch: conversation.epoch + 1,
    isAIEnabled: false,
    status: conversation.assignedAgent ? "assigned" : "open",
    waitingFor: null,
    batch: null,
    answeredSeq: conversation.inboundSeq,
    version: (conversation.version ?? 0) + 1,
    ...SETTLED,
  });
  delete conversation.isUnattended;
}

/** What a customer's message changes besides the thread. Changes it in memory. */
export function countInbound(conversation: Conversation, at: number): void {
  conversation.inboundSeq++;
  if (conversation.isMuted) {
    conversation.answeredSeq = conversation.inboundSeq;
    return;
  }
  if (conversation.status === "resolved" || conversation.waitingFor === "snooze") reopen(conversation);
  if (!conversation.isAIEnabled) conversation.waitingSince ??= new Date(at);
}
