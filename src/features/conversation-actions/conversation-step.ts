/** What one action means for a conversation: the fields it changes and the line of activity it leaves. Pure. */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import type { Conversation } from "../conversations/conversation.model";
import type { ConversationAction } from "./conversation-action.schema";

export interface Step {
  fields: Partial<Conversation>;
  /** What agents read in the thread, and the same for programs. Absent when it is nobody's business. */
  line?: { text: string; payload: Record<string, unknown> };
  /** Whether a reply in the making is dropped. */
  stopsAssistant?: boolean;
}

/** Who is named in an action, looked up before. */
export interface Named {
  agent?: { id: string; name: string } | null;
  team?: { id: string; name: string } | null;
}

const isActive = ({ status, waitingFor }: Conversation) =>
  status === "open" || status === "assigned" || (status === "waiting" && waitingFor !== "snooze");
const hasQuestion = ({ inboundSeq, answeredSeq }: Conversation) => inboundSeq > answeredSeq;

/** Null when it is so already. Throws when it cannot be done to this conversation. */
export function stepOf(conversation: Conversation, action: ConversationAction, by: Actor, named: Named, now: Date): Step | null {
  const line = (text: string, payload: Record<string, unknown>) => ({
    text: `${by.name} ${text}`,
    payload: { kind: action.do, ...payload, by: by.id },
  });
  switch (action.do) {
    case "assign":
    case "take":
      return assign(conversation, action.do === "take" ? { id: by.id, name: by.name } : (named.agent ?? null), by, now);
    case "transfer": {
      const team = named.team ?? null;
      if (conversation.team === (team?.id ?? null)) return null;
      if (!team) return { fields: { team: null }, line: line("took it from its team", { team: null }) };
      return {
        fields: { team: team.id, assignedAgent: null, ...toPeople(conversation, now) },
        line: line(`passed it to the team ${team.name}`, { team: team.id }),
        stopsAssistant: conversation.isAIEnabled,
      };
    }
    case "priority":
      if (conversation.priority === action.priority) return null;
      return {
        fields: { priority: action.priority },
        line: line(`set the priority to ${action.priority}`, { to: action.priority }),
      };
    case "label": {
      const before = conversation.labels;
      const kept = (action.set ?? before).filter((name) => !action.remove?.includes(name));
      const labels = [...new Set([...kept, ...(action.add ?? [])])];
      const added = labels.filter((name) => !before.includes(name));
      const removed = before.filter((name) => !labels.includes(name));
      if (added.length + removed.length === 0) return null;
      const words = [
        ...(added.length > 0 ? [`added ${added.join(", ")}`] : []),
        ...(removed.length > 0 ? [`removed ${removed.join(", ")}`] : []),
      ];
      return { fields: { labels }, line: line(words.join(" and "), { added, removed }) };
    }
    case "status":
      return status(conversation, action.status, by, now, line);
    case "snooze":
      return snooze(conversation, action.until, now, line);
    case "assistant":
      return assistant(conversation, action.on, now, line);
    case "mute":
      if ((conversation.isMuted ?? false) === action.on) return null;
      return {
        fields: { isMuted: action.on, ...(action.on ? { batch: null, unreadCount: 0 } : {}) },
        line: line(action.on ? "muted it" : "unmuted it", { on: action.on }),
        stopsAssistant: action.on,
      };
    case "read":
      return conversation.unreadCount === 0 ? null : { fields: { unreadCount: 0 } };
    case "unread":
      return conversation.unreadCount > 0 ? null : { fields: { unreadCount: 1 } };
    case "follow":
    case "unfollow": {
      const agent = named.agent ?? { id: by.id, name: by.name };
      const others = conversation.participants.filter((id) => id !== agent.id);
      const participants = action.do === "follow" ? [...others, agent.id] : others;
      if (participants.length === conversation.participants.length) return null;
      return {
        fields: { participants },
        line: line(`${action.do === "follow" ? "added" : "removed"} ${agent.name}`, { agent: agent.id }),
      };
    }
  }
}

type Line = (text: string, payload: Record<string, unknown>) => { text: string; payload: Record<string, unknown> };

/** It is the people's from now on. */
function toPeople(conversation: Conversation, now: Date): Partial<Conversation> {
  if (!isActive(conversation)) return {};
  return {
    status: "open",
    waitingFor: null,
    isAIEnabled: false,
    batch: null,
    waitingSince: conversation.waitingSince ?? (hasQuestion(conversation) ? now : null),
    isUnattended: conversation.isAIEnabled ? true : (conversation.isUnattended ?? false),
  };
}

function assign(conversation: Conversation, agent: { id: string; name: string } | null, by: Actor, now: Date): Step | null {
  if (conversation.assignedAgent === (agent?.id ?? null)) return null;
  if (!conversation.isOpen) throw fail("conversation.closed");
  const isOwn = agent?.id === by.id;
  const payload = { kind: "assign", agent: agent?.id ?? null, by: by.id };
  if (!agent) {
    const fields = {
      assignedAgent: null,
      ...(conversation.status === "assigned" ? { status: "open" as const, waitingFor: null } : {}),
    };
    return { fields, line: { text: `${by.name} put it back into the queue`, payload } };
  }
  return {
    fields: {
      ...toPeople(conversation, now),
      assignedAgent: agent.id,
      ...(isActive(conversation) ? { status: "assigned" } : {}),
    },
    line: { text: isOwn ? `${by.name} took it` : `${by.name} assigned it to ${agent.name}`, payload },
    stopsAssistant: conversation.isAIEnabled && isActive(conversation),
  };
}

function status(conversation: Conversation, to: "open" | "resolved" | "closed", by: Actor, now: Date, line: Line): Step | null {
  if (to === "open") {
    const isOpen = conversation.status === "open" || conversation.status === "assigned";
    if (isOpen) return null;
    return {
      fields: { status: "open", waitingFor: null, isOpen: true, resolvedAt: null, resolvedBy: null },
      line: line("opened it", { to }),
      stopsAssistant: true,
    };
  }
  if (conversation.status === to) return null;
  return {
    fields: {
      status: to,
      waitingFor: null,
      isOpen: to !== "closed",
      resolvedAt: now,
      resolvedBy: by.id,
      batch: null,
      answeredSeq: conversation.inboundSeq,
      unreadCount: 0,
    },
    line: line(to === "closed" ? "closed it" : "resolved it", { to }),
    stopsAssistant: true,
  };
}

function snooze(conversation: Conversation, until: string | null, now: Date, line: Line): Step {
  if (!conversation.isOpen) throw fail("conversation.closed");
  const refuse = (message: string) => fail("request.invalid", { details: [{ path: "body.until", message }] });
  const at = until === null ? null : new Date(until);
  if (at && Number.isNaN(at.getTime())) throw refuse("is not a time");
  if (at && at <= now) throw refuse("must be in the future");
  return {
    fields: {
      status: "waiting",
      waitingFor: "snooze",
      snoozedUntil: at,
      waitingSince: null,
      isUnattended: false,
      unreadCount: 0,
      answeredSeq: conversation.inboundSeq,
      batch: null,
      resolvedAt: null,
      resolvedBy: null,
    },
    line: line(at ? `snoozed it until ${at.toISOString()}` : "snoozed it until the next reply", {
      until: at?.toISOString() ?? null,
    }),
    stopsAssistant: true,
  };
}

function assistant(conversation: Conversation, on: boolean, now: Date, line: Line): Step | null {
  if (conversation.isAIEnabled === on) return null;
  const fields: Partial<Conversation> = { isAIEnabled: on };
  if (!on) Object.assign(fields, toPeople(conversation, now), { batch: null });
  else {
    // Given back with a question still open: the assistant answers it at once.
    if (hasQuestion(conversation))
      fields.batch = { firstAt: now, dueAt: now, count: conversation.inboundSeq - conversation.answeredSeq, failures: 0 };
    if (isActive(conversation)) Object.assign(fields, { status: "waiting", waitingFor: "assistant" });
  }
  return { fields, line: line(on ? "gave it to the assistant" : "took it from the assistant", { on }), stopsAssistant: true };
}
