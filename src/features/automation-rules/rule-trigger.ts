/** Which events of the catalog mean which event of a rule. Pure. */
import type { DurableData, DurableEvent } from "../../events/catalog";
import type { ConversationView, MessageView } from "../../events/view";
import type { FollowedEvent } from "../automation-feed/automation-feed.service";
import type { Facts, MessageFacts } from "./rule-facts";

export const TRIGGERS = [
  "message:received",
  "message:sent",
  "conversation:created",
  "conversation:updated",
  "conversation:assigned",
  "conversation:handed-over",
  "conversation:resolved",
  "conversation:reopened",
  "conversation:woken",
  "label:added",
  "sla:warned",
  "sla:breached",
  "sla:met",
  "contact:updated",
  "csat:received",
  "silence:customer",
  "silence:team",
] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** The events a rule of some kind may listen to. */
export const FOLLOWED: readonly DurableEvent[] = [
  "message:new",
  "conversation:updated",
  "contact:updated",
  "sla:warned",
  "sla:breached",
  "sla:met",
  "csat:received",
];

/** An event as rules see it. */
export interface Happening {
  triggers: readonly Trigger[];
  /** Which conversation it is about, or whose. */
  subject: { conversation: string } | { contact: string };
  message: MessageFacts | null;
  /** It counts only when the customer's message was counted: not one of the past, and not one that was an answer to a survey. */
  mustBeCounted: boolean;
  event: Facts["event"];
}

/** Kinds of messages that say nothing new. */
const NO_MESSAGE = new Set(["reaction", "edit", "revoke", "system", "activity", "note"]);

export function happeningOf({ event, data }: Pick<FollowedEvent, "event" | "data">): Happening | null {
  switch (event) {
    case "message:new":
      return ofMessage((data as DurableData<"message:new">).message);
    case "conversation:updated":
      return ofConversation(data as DurableData<"conversation:updated">);
    case "contact:updated":
      return plain(["contact:updated"], { contact: (data as DurableData<"contact:updated">).contact.id });
    case "sla:warned":
    case "sla:breached":
    case "sla:met": {
      const { conversation, target } = data as DurableData<"sla:warned">;
      return { ...plain([event], { conversation }), event: { target } };
    }
    case "csat:received": {
      const { conversation, score, comment } = (data as DurableData<"csat:received">).csat;
      // The comment comes later, as the same survey once more.
      if (comment !== null) return null;
      return { ...plain([event], { conversation }), event: { score } };
    }
    default:
      return null;
  }
}

const plain = (triggers: readonly Trigger[], subject: Happening["subject"]): Happening => ({
  triggers,
  subject,
  message: null,
  mustBeCounted: false,
  event: {},
});

function ofMessage(message: MessageView): Happening | null {
  if (message.private || NO_MESSAGE.has(message.type)) return null;
  const isTheirs = message.role === "user" && message.direction === "inbound";
  const isOurs = message.direction === "outbound" && (message.role === "operator" || message.role === "assistant");
  if (!isTheirs && !isOurs) return null;
  const { id, type, content, payload, attachments } = message;
  return {
    ...plain([isTheirs ? "message:received" : "message:sent"], { conversation: message.conversation }),
    message: { id, type, content, payload, attachments },
    mustBeCounted: isTheirs,
  };
}

function ofConversation({ conversation, was }: DurableData<"conversation:updated">): Happening | null {
  if (was === undefined) return null;
  const subject = { conversation: conversation.id };
  if (was === null) return plain(["conversation:created"], subject);
  const labels = was.labels ? conversation.labels.filter((name) => !was.labels?.includes(name)) : [];
  return { ...plain(triggersOf(conversation, was, labels), subject), event: { was, labels } };
}

function triggersOf(now: ConversationView, was: Partial<ConversationView>, labels: readonly string[]): Trigger[] {
  const wasOver = was.status === "resolved" || was.status === "closed";
  const isGiven =
    (was.assignedAgent !== undefined && now.assignedAgent !== null) || (was.team !== undefined && now.team !== null);
  return [
    "conversation:updated",
    ...(isGiven ? (["conversation:assigned"] as const) : []),
    ...(was.isAIEnabled === true && now.status === "open" ? (["conversation:handed-over"] as const) : []),
    ...(was.status !== undefined && now.status === "resolved" ? (["conversation:resolved"] as const) : []),
    ...(wasOver && now.status !== "resolved" && now.status !== "closed" ? (["conversation:reopened"] as const) : []),
    ...(was.waitingFor === "snooze" && now.status !== "resolved" && now.status !== "closed"
      ? (["conversation:woken"] as const)
      : []),
    ...(labels.length > 0 ? (["label:added"] as const) : []),
  ];
}
