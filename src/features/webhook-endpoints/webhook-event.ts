/** Which events other systems may hear, and what somebody must be allowed to have them sent. Pure. */
import type { Actor } from "../../core/actor";
import { can } from "../../core/actor";
import type { Permission } from "../../core/permissions";
import { type DurableEvent, durableEvents } from "../../events/catalog";
import type { FollowedEvent } from "../../events/follower";
import { ALL, teamTopic } from "../../events/topics";

/** Personal matters of agents, and what only our own processes need. */
const INTERNAL: ReadonlySet<string> = new Set<DurableEvent>([
  "session:ended",
  "api-key:changed",
  "draft:updated",
  "read-position:updated",
  "job:updated",
  "import:updated",
  "canned-reply:updated",
  "canned-reply:removed",
  "webhook-endpoint:changed",
]);

export const SENT_EVENTS = (Object.keys(durableEvents) as DurableEvent[]).filter((event) => !INTERNAL.has(event));

const BY_NOUN: Readonly<Record<string, Permission>> = {
  contact: "contacts.read",
  "contact-note": "contacts.read",
  attribute: "contacts.read",
  channel: "channels.read",
  template: "templates.read",
  agent: "agents.read",
  team: "agents.read",
  role: "agents.read",
  settings: "settings.read",
};

/** What its data show is guarded by this permission everywhere else. */
export const permissionOf = (event: string): Permission => BY_NOUN[event.slice(0, event.indexOf(":"))] ?? "conversations.read";

/** Those of these events that somebody may not see, and so may not have sent. */
export const eventsBeyond = (events: readonly string[], actor: Actor): string[] =>
  events.filter((event) => !can(actor, permissionOf(event)));

const ROOMS_OF_PEOPLE: ReadonlySet<string> = new Set([ALL, "inbox:contacts"]);

/** Whether an endpoint that was given only some teams hears this. What belongs to no customer is everybody's. */
export function isWithin(teams: readonly string[] | null, { topics }: Pick<FollowedEvent, "topics">): boolean {
  if (teams === null) return true;
  const rooms = new Set(teams.flatMap((team) => [`inbox:${teamTopic(team)}`, teamTopic(team)]));
  if (topics.some((topic) => rooms.has(topic))) return true;
  return topics.length > 0 && !topics.some((topic) => ROOMS_OF_PEOPLE.has(topic) || topic.startsWith("agent:"));
}
