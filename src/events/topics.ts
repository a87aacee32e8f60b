/**
 * Which live topics an event is shown on. Pure. Clients know `inbox`; behind it the server keeps rooms: one for those who reach every
 * conversation, one for each agent, team and the queue for those who do not, and some that need a permission of their own.
 */
import type { Actor, Belonging } from "../core/actor";
import { can } from "../core/actor";
import type { DurableData, DurableEvent, PassingData, PassingEvent } from "./catalog";

export const INBOX = "inbox";
export const SANDBOX = "sandbox";
/** One's own numbers of every tab. */
export const COUNTS = "counts";
/** Those who see every conversation. */
export const ALL = "inbox:all";
/** Those who see every contact. */
const CONTACTS = "inbox:contacts";
const CHANNELS = "inbox:channels";
const TEMPLATES = "inbox:templates";
const AGENTS = "inbox:agents";
const QUEUE = "inbox:queue";

export const conversationTopic = (id: string): string => `conversation:${id}`;
export const agentTopic = (id: string): string => `agent:${id}`;
export const teamTopic = (id: string): string => `team:${id}`;

const NAMED_TOPIC = /^(conversation|agent|team):([0-9a-f]{24})$/;

/** A topic with an id, taken apart; null for any other text. */
export function namedTopic(topic: string): { kind: "conversation" | "agent" | "team"; id: string } | null {
  const [, kind, id] = NAMED_TOPIC.exec(topic) ?? [];
  return kind && id ? { kind: kind as "conversation" | "agent" | "team", id } : null;
}

/** Topics that many join and of which every event names at most one: Bun publishes them. */
export const isHall = (topic: string): boolean => HALLS.has(topic);
const HALLS: ReadonlySet<string> = new Set([INBOX, SANDBOX, ALL, CONTACTS, CHANNELS, TEMPLATES, AGENTS]);

/** The rooms of the inbox in which a conversation is seen by those who do not see all: the rule of `reaches`, as names. */
export function roomsOf({ assignedAgent, team = null, participants = [] }: Belonging): string[] {
  const rooms = [...(assignedAgent ? [assignedAgent] : []), ...participants].map((id) => `inbox:agent:${id}`);
  if (team !== null) rooms.push(`inbox:team:${team}`);
  else if (assignedAgent === null) rooms.push(QUEUE);
  return [...new Set(rooms)];
}

/** The rooms somebody is in who has asked for the inbox. */
export function inboxOf(actor: Actor): string[] {
  const rooms = [INBOX];
  if (can(actor, "channels.read")) rooms.push(CHANNELS);
  if (can(actor, "templates.read")) rooms.push(TEMPLATES);
  if (can(actor, "agents.read")) rooms.push(AGENTS);
  if (actor.reach === "all") {
    if (can(actor, "conversations.read")) rooms.push(ALL);
    if (can(actor, "contacts.read")) rooms.push(CONTACTS);
    return rooms;
  }
  rooms.push(`inbox:agent:${actor.id}`);
  if (actor.reach === "team") rooms.push(QUEUE, ...actor.teams.map((team) => `inbox:team:${team}`));
  return rooms;
}

/** What a person has to be allowed to hear this event in a room of the inbox. */
export const isHeardBy = (event: DurableEvent | PassingEvent, actor: Actor): boolean =>
  can(actor, event.startsWith("contact") ? "contacts.read" : "conversations.read");

/** What an event is about, as far as it decides who may see it. */
export type Subject = { conversation: string } | { contact: string } | null;

interface Shown<D> {
  hall: string | null;
  /** Topics of single people and teams. */
  also?: (data: D) => string[];
  subject?: (data: D) => Subject;
  /** Where the conversation belongs, when the event itself says so. */
  belonging?: (data: D) => Belonging;
}

const about = <D extends { conversation: string }>({ conversation }: D): Subject => ({ conversation });
const aboutContact = ({ contact }: { contact: string }): Subject => ({ contact });
const aboutMessage = ({ message }: { message: { conversation: string } }): Subject => ({ conversation: message.conversation });

/** Personal ones are shown to their owner alone. */
const repliesOf = ({ scope, owner }: { scope: string; owner: string }): string[] => [
  scope === "shared" ? INBOX : agentTopic(owner),
];

const durable: { [E in DurableEvent]: Shown<DurableData<E>> } = {
  "message:new": { hall: ALL, subject: aboutMessage },
  "message:updated": { hall: ALL, subject: aboutMessage },
  "message:removed": { hall: ALL, subject: about },
  "message:status": { hall: ALL, subject: about },
  "conversation:updated": {
    hall: ALL,
    subject: ({ conversation }) => ({ conversation: conversation.id }),
    belonging: ({ conversation }) => conversation,
  },
  "message:read": { hall: ALL, subject: about },
  "read-position:updated": { hall: null, also: ({ agent }) => [agentTopic(agent)] },
  "assignment:new": {
    hall: ALL,
    subject: about,
    also: ({ agent, team }) => [...(agent ? [agentTopic(agent)] : []), ...(team ? [teamTopic(team)] : [])],
  },
  "mention:new": { hall: null, also: ({ agent }) => [agentTopic(agent)] },
  "label:updated": { hall: INBOX },
  "label:removed": { hall: INBOX },
  "scheduled-message:updated": { hall: ALL, subject: ({ scheduled }) => ({ conversation: scheduled.conversation }) },
  "draft:updated": { hall: null, also: ({ agent }) => [agentTopic(agent)] },
  "canned-reply:updated": { hall: null, also: ({ reply }) => repliesOf(reply) },
  "canned-reply:removed": { hall: null, also: repliesOf },
  "job:updated": { hall: null, also: ({ job }) => [agentTopic(job.by)] },
  "contact:updated": { hall: CONTACTS, subject: ({ contact }) => ({ contact: contact.id }) },
  "contact:merged": { hall: CONTACTS, subject: aboutContact },
  "contact:unmerged": { hall: CONTACTS, subject: aboutContact },
  "contact:erased": { hall: CONTACTS, subject: aboutContact },
  "contact-note:updated": { hall: CONTACTS, subject: ({ note }) => ({ contact: note.contact }) },
  "contact-note:removed": { hall: CONTACTS, subject: aboutContact },
  "import:updated": { hall: null, also: (data) => [agentTopic(data.import.by)] },
  "attribute:updated": { hall: INBOX },
  "attribute:removed": { hall: INBOX },
  "channel:updated": { hall: CHANNELS },
  "channel:removed": { hall: CHANNELS },
  "template:updated": { hall: TEMPLATES },
  "template:removed": { hall: TEMPLATES },
  "agent:updated": { hall: AGENTS },
  "agent:removed": { hall: AGENTS },
  "team:updated": { hall: AGENTS },
  "team:removed": { hall: AGENTS },
  "role:updated": { hall: AGENTS },
  "role:removed": { hall: AGENTS },
  "sla:warned": { hall: ALL, subject: about },
  "sla:breached": { hall: ALL, subject: about },
  "sla:met": { hall: ALL, subject: about },
  "csat:received": { hall: ALL, subject: ({ csat }) => ({ conversation: csat.conversation }) },
  "automation:updated": { hall: INBOX },
  "knowledge:updated": { hall: INBOX },
  "assistant:budget": { hall: INBOX },
  "assistant-replay:updated": { hall: INBOX },
  "settings:updated": { hall: INBOX },
  "session:ended": { hall: null },
  "api-key:changed": { hall: null },
  "webhook-endpoint:changed": { hall: null },
};

/** What this event is about; null when that does not matter, or when the event says by itself where it belongs. */
export function lookedUp<E extends DurableEvent>(event: E, data: DurableData<E>): Subject {
  const { subject, belonging } = durable[event] as Shown<DurableData<E>>;
  return subject && !belonging ? subject(data) : null;
}

/** The conversation that this event is about and where it belongs, when the event itself says so. */
export function toldPlace<E extends DurableEvent>(event: E, data: DurableData<E>): [[string, Belonging]] | null {
  const { subject, belonging } = durable[event] as Shown<DurableData<E>>;
  const about = belonging && subject?.(data);
  return about && "conversation" in about ? [[about.conversation, belonging(data)]] : null;
}

/** The topics of a durable event. `found` is where its subject belongs. */
export function topicsOfDurable<E extends DurableEvent>(
  event: E,
  data: DurableData<E>,
  found: readonly Belonging[] = [],
): string[] {
  const { hall, subject, belonging, also } = durable[event] as Shown<DurableData<E>>;
  const about = subject?.(data) ?? null;
  const rooms = (belonging ? [belonging(data)] : found).flatMap(roomsOf);
  return [
    ...(hall ? [hall] : []),
    ...new Set(rooms),
    ...(about && "conversation" in about ? [conversationTopic(about.conversation)] : []),
    ...(also?.(data) ?? []),
  ];
}

interface PassingPlace {
  /** A hall, or one agent's own topic. */
  hall: string | null;
  conversation?: string;
}

const passing: { [E in PassingEvent]: (data: PassingData<E>) => PassingPlace } = {
  "flow:stage": () => ({ hall: SANDBOX }),
  "typing:indicator": ({ conversation }) => ({ hall: ALL, conversation }),
  // Only for those who look at the conversation themselves.
  "viewing:changed": ({ conversation }) => ({ hall: null, conversation }),
  "presence:changed": () => ({ hall: AGENTS }),
  "copilot:text": ({ agent }) => ({ hall: agentTopic(agent) }),
  "phone:changed": () => ({ hall: SANDBOX }),
};

/** The topics of a passing event. Where its conversation belongs is not known here: whoever shows it finds out. */
export function topicsOfPassing<E extends PassingEvent>(event: E, data: PassingData<E>): string[] {
  const { hall, conversation } = (passing[event] as (data: PassingData<E>) => PassingPlace)(data);
  return [...(hall ? [hall] : []), ...(conversation ? [conversationTopic(conversation)] : [])];
}
