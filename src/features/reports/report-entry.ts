/** What events and stored documents mean for the reports. Pure. */
import type { FollowedEvent } from "../../events/follower";
import type { ConversationView, MessageView } from "../../events/view";
import type { Conversation } from "../conversations/conversation.model";
import type { Message } from "../messages/message.model";
import type { ReportConversation, ReportMessage, ReportMoment, ReportOperation } from "./report-port";

/** Kinds of messages that say nothing to anybody, or belong to another one. */
const SILENT = new Set(["activity", "note", "reaction", "edit", "revoke", "system"]);
/** What was never said after all. */
const UNSAID = new Set(["failed", "cancelled"]);

/** WhatsApp tells whole seconds. Within them a message has its place by when it came, or it would stand before what it answers. */
const saidAt = (sent: number, created: number): number => Math.max(sent, Math.min(created, sent + 999));

type Sayable = Pick<Message, "conversation" | "role" | "direction" | "type" | "author" | "private">;

function messageOf(
  id: string,
  { conversation, role, direction, type, author, private: isPrivate }: Sayable,
  at: number,
): ReportMessage | null {
  if (isPrivate || SILENT.has(type)) return null;
  const kind = direction === "inbound" ? "in" : role === "operator" ? "person" : role === "assistant" ? "assistant" : "other";
  return { id, conversation, at, kind, author: kind === "person" ? author : null };
}

const unsaidOf = (id: string, state: string | undefined): ReportOperation[] =>
  state !== undefined && UNSAID.has(state) ? [{ message: id, isUnsaid: true }] : [];

export type StoredMessage = Sayable & Pick<Message, "_id" | "sentAt" | "createdAt" | "delivery">;

export function storedMessage(row: StoredMessage): ReportOperation[] {
  const message = messageOf(row._id, row, saidAt(row.sentAt.getTime(), row.createdAt.getTime()));
  return message ? [{ message }, ...unsaidOf(row._id, row.delivery?.state)] : [];
}

type Placed = Pick<Conversation, "status" | "waitingFor" | "isAIEnabled">;
const stateOf = ({ status, waitingFor, isAIEnabled }: Placed) => ({
  isOver: status === "resolved" || status === "closed",
  isAssisted: isAIEnabled && status === "waiting" && waitingFor === "assistant",
  isPeoples: !isAIEnabled && (status === "open" || status === "assigned"),
});

export const storedConversation = (row: Conversation): ReportConversation => ({
  id: row._id,
  contact: row.contact,
  channel: row.channel,
  team: row.team ?? null,
  agent: row.assignedAgent ?? null,
  labels: row.labels ?? [],
  created: row.createdAt.getTime(),
  ...stateOf(row),
  resolvedAt: row.resolvedAt?.getTime() ?? null,
  mergedInto: row.mergedInto ?? null,
  version: row.version ?? 0,
});

const shownConversation = (view: ConversationView): ReportConversation => ({
  id: view.id,
  contact: view.contact.id,
  channel: view.channel,
  team: view.team,
  agent: view.assignedAgent,
  labels: view.labels,
  created: Date.parse(view.createdAt),
  ...stateOf(view),
  resolvedAt: view.resolvedAt === null ? null : Date.parse(view.resolvedAt),
  mergedInto: view.mergedInto,
  version: view.version,
});

/** Also those of promises and surveys, whoever tells them. */
export const FOLLOWED: readonly string[] = [
  "message:new",
  "message:removed",
  "message:status",
  "conversation:updated",
  "contact:erased",
  "sla:met",
  "sla:breached",
  "csat:received",
];

export function operationsOf({ event, data, at }: Pick<FollowedEvent, "data" | "at"> & { event: string }): ReportOperation[] {
  switch (event) {
    case "message:new": {
      const view = data.message as MessageView;
      const message = messageOf(view.id, view, saidAt(Date.parse(view.sentAt), Date.parse(view.createdAt)));
      return message ? [{ message }, ...unsaidOf(view.id, view.delivery?.state)] : [];
    }
    case "message:removed":
      return [{ dropMessage: String(data.message) }];
    case "message:status": {
      const { state } = data.delivery as NonNullable<MessageView["delivery"]>;
      return [{ message: String(data.message), isUnsaid: UNSAID.has(state) }];
    }
    case "conversation:updated":
      return [{ conversation: shownConversation(data.conversation as ConversationView), at: at.getTime() }];
    case "contact:erased":
      return [{ dropContact: String(data.contact) }];
    case "sla:met":
      return data.inTime === false ? [] : promise(data, "sla-kept");
    case "sla:breached":
      return promise(data, "sla-broken");
    case "csat:received":
      return opinion(data.csat as Opinion);
    default:
      return [];
  }
}

function promise(data: Record<string, unknown>, kind: "sla-kept" | "sla-broken"): ReportOperation[] {
  const { conversation, target, startedAt, at, agent } = data as Record<string, string | null>;
  const moment: ReportMoment = {
    id: `${kind}:${conversation}:${target}:${startedAt}`,
    conversation: String(conversation),
    kind,
    at: Date.parse(String(at)),
    agent: agent ?? null,
    value: null,
  };
  return Number.isNaN(moment.at) ? [] : [{ moment }];
}

interface Opinion {
  id: string;
  conversation: string;
  agent: string | null;
  scale: number;
  score: number | null;
  answeredAt: string | null;
}

/** A scale of three as a part of one of five. */
const OF_THREE = [1, 3, 5];

function opinion({ id, conversation, agent, scale, score, answeredAt }: Opinion): ReportOperation[] {
  if (score === null || answeredAt === null) return [];
  const value = scale === 3 ? (OF_THREE[score - 1] ?? score) : score;
  return [{ moment: { id: `csat:${id}`, conversation, kind: "csat", at: Date.parse(answeredAt), agent, value } }];
}
