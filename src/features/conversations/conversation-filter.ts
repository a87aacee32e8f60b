/** Which conversations a list, a saved view or a bulk action is about: words of the API in, conditions on stored conversations out. Pure. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type Actor, reachFilter } from "../../core/actor";
import { fail } from "../../core/errors";
import { CONVERSATION_STATUSES, Id, oneOf, PRIORITIES, Timestamp } from "../../events/view";
import { RANKS } from "./conversation-state";

export const TABS = ["mine", "unassigned", "all", "mentions", "waiting", "unattended"] as const;
export type Tab = (typeof TABS)[number];
export const SORTS = ["newest", "oldest", "waiting", "created", "priority", "sla"] as const;
const SLA_FILTERS = ["due", "warned", "breached"] as const;
export type Sort = (typeof SORTS)[number];

const list = <T extends Parameters<typeof t.Array>[0]>(item: T, description: string) =>
  t.Optional(t.Array(item, { minItems: 1, maxItems: 50, uniqueItems: true, description }));
const LabelName = t.String({ minLength: 1, maxLength: 60 });

export const ConversationFilter = t.Object(
  {
    tab: t.Optional(oneOf(TABS)),
    status: list(oneOf(CONVERSATION_STATUSES), "Any of these"),
    waitingFor: t.Optional(oneOf(["assistant", "snooze"])),
    priority: list(oneOf(PRIORITIES), "Any of these"),
    label: list(LabelName, "Any of these"),
    team: t.Optional(t.Union([Id, t.Literal("none")])),
    agent: t.Optional(t.Union([Id, t.Literal("none"), t.Literal("me")])),
    channel: list(t.String({ minLength: 1, maxLength: 40 }), "Any of these numbers, by WhatsApp phone number id"),
    contact: t.Optional(Id),
    attributes: t.Optional(
      t.Array(
        t.Object(
          {
            key: t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$" }),
            value: t.Union([t.String({ minLength: 1, maxLength: 200 }), t.Number(), t.Boolean()]),
          },
          { additionalProperties: false },
        ),
        { minItems: 1, maxItems: 3, description: "The contact has all of these attributes" },
      ),
    ),
    handledBy: t.Optional(oneOf(["bot", "person"])),
    windowOpen: t.Optional(t.Boolean({ description: "Whether WhatsApp still accepts free-form messages" })),
    unread: t.Optional(t.Boolean()),
    sla: t.Optional(oneOf(SLA_FILTERS)),
    since: t.Optional(t.String({ ...Timestamp, description: "Last message at or after this time" })),
    until: t.Optional(t.String({ ...Timestamp, description: "Last message before this time" })),
  },
  { additionalProperties: false, title: "ConversationFilter" },
);
export type ConversationFilter = Static<typeof ConversationFilter>;

/** Throws `request.invalid` unless it is a filter with times that exist. */
export function checkFilter(filter: unknown, at: string): ConversationFilter {
  const wrong = Value.Errors(ConversationFilter, filter).First();
  const refuse = (path: string, message: string) => fail("request.invalid", { details: [{ path: `${at}${path}`, message }] });
  // In a query string a list is one field.
  if (wrong) throw refuse(wrong.path.replace(at === "query" ? /\/\d+$/ : "", "").replaceAll("/", "."), wrong.message);
  const { since, until } = filter as ConversationFilter;
  for (const [name, time] of Object.entries({ since, until }))
    if (time !== undefined && Number.isNaN(Date.parse(time))) throw refuse(`.${name}`, "is not a time");
  return filter as ConversationFilter;
}

export type Condition = Record<string, unknown>;

/** What is not resolved, closed or snoozed. */
const ACTIVE: Condition = { status: { $in: ["open", "assigned", "waiting"] }, waitingFor: { $in: [null, "assistant"] } };
/** Every one: the indexes of people, teams, labels and priorities are in order within a status only. */
const ANY_STATUS: Condition = { status: { $in: [...CONVERSATION_STATUSES] }, waitingFor: { $in: [null, "assistant", "snooze"] } };
const WINDOW_MS = 24 * 3_600_000;

const tabs: Readonly<Record<Tab, (me: string) => Condition>> = {
  mine: (me) => ({ assignedAgent: me, ...ACTIVE }),
  unassigned: () => ({ status: "open", waitingFor: null, assignedAgent: null }),
  all: () => ACTIVE,
  mentions: (me) => ({ mentions: me, "mentions.0": { $exists: true } }),
  waiting: () => ({ waitingSince: { $type: "date" } }),
  unattended: () => ({ isUnattended: true }),
};

/** The conditions of a filter, all of which must hold. Without a tab a list shows every status. */
export function conditionsOf(filter: ConversationFilter, actor: Pick<Actor, "id" | "reach">, now: number): Condition[] {
  const { tab, status, waitingFor, priority, label, team, agent, channel, contact, handledBy, windowOpen, unread } = filter;
  const conditions: Condition[] = [];
  const add = (condition: Condition) => conditions.push(condition);
  if (tab) add(tabs[tab](actor.id));
  if (status || waitingFor)
    add({
      status: { $in: status ?? ["waiting"] },
      waitingFor: { $in: waitingFor ? [waitingFor] : [null, "assistant", "snooze"] },
    });
  const isAnyStatus = !status && !waitingFor && !handledBy && (!tab || !("status" in tabs[tab](actor.id)));
  if (isAnyStatus && (priority || label || team || agent || actor.reach !== "all")) add(ANY_STATUS);
  if (priority) add(priorityIn(priority));
  if (label) add({ labels: { $in: label }, "labels.0": { $exists: true } });
  if (team) add({ team: team === "none" ? null : team });
  if (agent) add({ assignedAgent: agent === "none" ? null : agent === "me" ? actor.id : agent });
  if (channel) add({ channel: { $in: channel } });
  if (contact) add({ contact });
  if (handledBy === "bot") add({ status: "waiting", waitingFor: "assistant" });
  if (handledBy === "person") add({ isAIEnabled: false, ...(tab || status || waitingFor ? {} : ANY_STATUS) });
  // What the customer wrote within a day is also the last message of the day: that bounds the search.
  if (windowOpen) add({ windowExpiresAt: { $gt: new Date(now) }, lastMessageAt: { $gte: new Date(now - WINDOW_MS - 60_000) } });
  if (windowOpen === false) add({ $or: [{ windowExpiresAt: null }, { windowExpiresAt: { $lte: new Date(now) } }] });
  if (unread !== undefined) add({ unreadCount: unread ? { $gt: 0 } : 0 });
  if (filter.sla) add({ "sla.dueAt": { $type: "date" }, ...(filter.sla === "due" ? {} : { "sla.state": filter.sla }) });
  if (filter.since) add({ lastMessageAt: { $gte: new Date(filter.since) } });
  if (filter.until) add({ lastMessageAt: { $lt: new Date(filter.until) } });
  return conditions;
}

function priorityIn(wanted: readonly (keyof typeof RANKS)[]): Condition {
  const ranks = wanted.map((name) => RANKS[name]);
  const named = ranks.filter((rank) => rank !== null);
  if (named.length === ranks.length) return { rank: { $in: named, $exists: true } };
  return named.length === 0 ? { rank: null } : { $or: [{ rank: null }, { rank: { $in: named } }] };
}

/** A part of what somebody may see, and the index that finds it. */
export interface ReachPart {
  condition: Condition;
  hint?: Hint | undefined;
}
export type Hint = Record<string, 1 | -1>;

/** The index of the talks of one contact. */
export const BY_CONTACT: Hint = { contact: 1, _id: -1 };

const within = (field: string): Hint => ({ [field]: 1, status: 1, waitingFor: 1, lastMessageAt: -1, _id: -1 });

/**
 * What somebody may see, as parts that no conversation is in twice. Each part is found by an index of its own; as one condition
 * with `$or` they would have to be sorted. Those of teams and of the queue are large: a rare mark is looked for first.
 */
export function reachParts(actor: Actor, filter: ConversationFilter): ReachPart[] {
  const reach = reachFilter(actor);
  const rare = rareMark(filter);
  // Whoever sees all needs no parts, and whoever asks for their own sees all of it.
  if (!Array.isArray(reach.$or) || filter.tab === "mine" || filter.agent === "me")
    return [{ condition: reach.$or ? {} : reach, hint: rare }];
  const parts = (reach.$or as Condition[]).map((part) =>
    "participants" in part ? { ...part, "participants.0": { $exists: true } } : part,
  );
  return parts.map((part, index) => ({
    condition: index === 0 ? part : { $and: [part, { $nor: parts.slice(0, index) }] },
    hint:
      (filter.contact ? rare : hintOf(part, filter.tab)) ??
      rare ??
      ("team" in part && part.team !== null ? within("team") : undefined),
  }));
}

/** The index that finds a part of the reach by itself. */
function hintOf(part: Condition, tab: Tab | undefined): Hint | undefined {
  if (tab === "mentions") return undefined;
  if ("participants" in part) return within("participants");
  const field = typeof part.assignedAgent === "string" ? "assignedAgent" : "team";
  return waitingWithin(field, tab) ?? (field === "assignedAgent" ? within(field) : undefined);
}

/** The index of those of one agent or one team that wait, or that nobody has answered yet. */
function waitingWithin(field: "assignedAgent" | "team", tab: Tab | undefined): Hint | undefined {
  if (tab === "waiting") return { [field]: 1, waitingSince: 1, _id: 1 };
  return tab === "unattended" ? { [field]: 1, isUnattended: 1, lastMessageAt: -1, _id: -1 } : undefined;
}

/** The index of what only few conversations have. */
function rareMark({ tab, label, priority, agent, team, sla, contact }: ConversationFilter): Hint | undefined {
  if (contact) return BY_CONTACT;
  if (tab === "mentions") return { mentions: 1, lastMessageAt: -1, _id: -1 };
  if (tab === "mine") return within("assignedAgent");
  if (agent && agent !== "none") return waitingWithin("assignedAgent", tab) ?? within("assignedAgent");
  if (team) {
    const waiting = waitingWithin("team", tab);
    if (waiting) return waiting;
  }
  if (tab === "waiting") return { waitingSince: 1, _id: 1 };
  if (sla) return { "sla.dueAt": 1, _id: 1 };
  if (tab === "unattended") return { isUnattended: 1, lastMessageAt: -1, _id: -1 };
  if (label) return within("labels");
  if (team && team !== "none") return within("team");
  return priority && !priority.includes("normal") ? within("rank") : undefined;
}
