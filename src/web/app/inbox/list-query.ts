/** What a list shows and in which order: the words of the API, and the same rules for conversations that change while they are shown. */
import type { ConversationView } from "@server/events/view";
import type { ConversationQuery } from "@server/features/conversations/conversation.schema";
import type { ConversationFilter } from "@server/features/conversations/conversation-filter";

export type Filter = ConversationFilter;
export type Tab = NonNullable<Filter["tab"]>;
export type Sort = NonNullable<ConversationQuery["sort"]>;

export const TABS: readonly Tab[] = ["mine", "unassigned", "all", "mentions", "waiting", "unattended"];
export const SORTS: readonly Sort[] = ["newest", "oldest", "waiting", "sla", "priority", "created"];

/** The filter as a query string spells it. */
export function toQuery(filter: Filter, sort: Sort | null): ConversationQuery {
  const words = Object.entries(filter).map(([name, value]) => [
    name,
    Array.isArray(value) ? value.join(",") : typeof value === "boolean" ? String(value) : value,
  ]);
  return { ...Object.fromEntries(words), ...(sort ? { sort } : {}) };
}

const isActive = ({ status, waitingFor }: ConversationView): boolean =>
  ["open", "assigned", "waiting"].includes(status) && waitingFor !== "snooze";

const IN_TAB: Record<Tab, (one: ConversationView, me: string) => boolean> = {
  mine: (one, me) => one.assignedAgent === me && isActive(one),
  unassigned: (one) => one.status === "open" && one.waitingFor === null && one.assignedAgent === null,
  all: isActive,
  mentions: (one, me) => one.mentions.includes(me),
  waiting: (one) => one.waitingSince !== null,
  unattended: (one) => one.isUnattended,
};

/** Whether a conversation belongs into the list. */
export function isListed(one: ConversationView, filter: Filter, me: string, now: number): boolean {
  const { tab, status, waitingFor, priority, label, team, agent, channel, contact, handledBy, windowOpen, unread } = filter;
  const opened = one.windowExpiresAt !== null && Date.parse(one.windowExpiresAt) > now;
  const owner = agent === "me" ? me : agent === "none" ? null : agent;
  const checks: boolean[] = [
    !tab || IN_TAB[tab](one, me),
    !status || status.includes(one.status),
    !waitingFor || one.waitingFor === waitingFor,
    !priority || priority.includes(one.priority),
    !label || label.some((name) => one.labels.includes(name)),
    team === undefined || one.team === (team === "none" ? null : team),
    owner === undefined || one.assignedAgent === owner,
    !channel || channel.includes(one.channel),
    !contact || one.contact.id === contact,
    handledBy !== "bot" || one.waitingFor === "assistant",
    handledBy !== "person" || !one.isAIEnabled,
    windowOpen === undefined || opened === windowOpen,
    unread === undefined || one.unreadCount > 0 === unread,
    !filter.since || one.lastMessageAt >= filter.since,
    !filter.until || one.lastMessageAt < filter.until,
  ];
  return checks.every(Boolean);
}

const RANK: Record<ConversationView["priority"], number> = { urgent: 0, high: 1, normal: 2, low: 3 };
const descending = (a: string, b: string): number => (a < b ? 1 : a > b ? -1 : 0);

/** The order of the server's pages; ids decide between equals, so that every client shows the same. */
const ORDER: Record<Sort, (a: ConversationView, b: ConversationView) => number> = {
  newest: (a, b) => descending(a.lastMessageAt, b.lastMessageAt) || descending(a.id, b.id),
  oldest: (a, b) => descending(b.lastMessageAt, a.lastMessageAt) || descending(b.id, a.id),
  waiting: (a, b) => descending(b.waitingSince ?? "~", a.waitingSince ?? "~") || descending(b.id, a.id),
  created: (a, b) => descending(a.id, b.id),
  sla: (a, b) => descending(b.sla?.dueAt ?? "~", a.sla?.dueAt ?? "~") || descending(b.id, a.id),
  priority: (a, b) =>
    RANK[a.priority] - RANK[b.priority] || descending(a.lastMessageAt, b.lastMessageAt) || descending(a.id, b.id),
};

export const orderOf = (sort: Sort | null, tab: Tab | undefined) => ORDER[sort ?? (tab === "waiting" ? "waiting" : "newest")];

/** Where it belongs in an ordered list. */
export function placeOf(
  rows: readonly ConversationView[],
  one: ConversationView,
  order: (a: ConversationView, b: ConversationView) => number,
): number {
  let low = 0;
  let high = rows.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const at = rows[middle];
    if (at && order(at, one) < 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
