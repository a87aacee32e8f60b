/** What a rule can look at, and how each of it is compared. Pure. */
import type { Contact } from "../contacts/contact.model";
import type { Conversation } from "../conversations/conversation.model";
import type { Operator } from "./condition.schema";

export interface MessageFacts {
  id: string;
  type: string;
  content: string;
  payload: Record<string, unknown>;
  attachments: readonly unknown[];
}

/** Everything there is to know when an event has happened. */
export interface Facts {
  conversation: Conversation;
  contact: Contact;
  message: MessageFacts | null;
  /** What the event itself says: what was before, added labels, a score, a promise. */
  event: {
    was?: Record<string, unknown>;
    labels?: readonly string[];
    score?: number | null;
    target?: string | null;
  };
  isOpen: boolean;
  now: number;
}

export type FieldKind = "text" | "number" | "boolean" | "choice" | "list" | "date";
export type FieldValue = string | number | boolean | readonly string[] | Date | null | undefined;

interface Field {
  kind: FieldKind;
  read(facts: Facts): FieldValue;
}

const field = (kind: FieldKind, read: (facts: Facts) => unknown): Field => ({ kind, read: read as Field["read"] });
const minutesSince = (at: Date | null | undefined, now: number) => (at ? Math.floor((now - at.getTime()) / 60_000) : null);

/** What a button or list row was named by whoever made it, or what it says. */
const buttonOf = (payload: Record<string, unknown> | undefined): unknown => payload?.id ?? payload?.payload ?? payload?.title;

const FIELDS: Readonly<Record<string, Field>> = {
  "conversation.status": field("choice", ({ conversation }) => conversation.status),
  "conversation.priority": field("choice", ({ conversation }) => conversation.priority),
  "conversation.channel": field("choice", ({ conversation }) => conversation.channel),
  "conversation.source": field("choice", ({ conversation }) => conversation.source),
  "conversation.team": field("choice", ({ conversation }) => conversation.team),
  "conversation.agent": field("choice", ({ conversation }) => conversation.assignedAgent),
  "conversation.labels": field("list", ({ conversation }) => conversation.labels),
  "conversation.assistant": field("boolean", ({ conversation }) => conversation.isAIEnabled),
  "conversation.muted": field("boolean", ({ conversation }) => conversation.isMuted ?? false),
  "conversation.unattended": field("boolean", ({ conversation }) => conversation.isUnattended ?? false),
  "conversation.unread": field("number", ({ conversation }) => conversation.unreadCount),
  "conversation.customerMessages": field("number", ({ conversation }) => conversation.inboundSeq),
  "conversation.ageMinutes": field("number", ({ conversation, now }) => minutesSince(conversation.createdAt, now)),
  "conversation.waitingMinutes": field("number", ({ conversation, now }) => minutesSince(conversation.waitingSince, now)),
  "conversation.windowOpen": field("boolean", ({ conversation, now }) => (conversation.windowExpiresAt?.getTime() ?? 0) > now),
  "contact.name": field("text", ({ contact }) => contact.name),
  "contact.phone": field("text", ({ contact }) => contact.phone),
  "contact.username": field("text", ({ contact }) => contact.username),
  "contact.language": field("text", ({ contact }) => contact.language),
  "contact.email": field("text", ({ contact }) => contact.email),
  "contact.company": field("text", ({ contact }) => contact.company),
  "contact.source": field("choice", ({ contact }) => contact.source ?? "whatsapp"),
  "contact.labels": field("list", ({ contact }) => contact.labels),
  "contact.optedOut": field("boolean", ({ contact }) => Boolean(contact.optedOutAt)),
  "contact.optedIn": field("boolean", ({ contact }) => Boolean(contact.optedInAt)),
  "contact.blocked": field("boolean", ({ contact }) => Boolean(contact.blockedAt)),
  "contact.createdAt": field("date", ({ contact }) => contact.createdAt),
  "message.text": field("text", ({ message }) => message?.content),
  "message.type": field("choice", ({ message }) => message?.type),
  "message.button": field("text", ({ message }) => buttonOf(message?.payload)),
  "message.hasAttachment": field("boolean", ({ message }) => (message?.attachments.length ?? 0) > 0),
  "hours.open": field("boolean", ({ isOpen }) => isOpen),
  "event.labels": field("list", ({ event }) => event.labels ?? []),
  "event.score": field("number", ({ event }) => event.score),
  "event.target": field("choice", ({ event }) => event.target),
  "before.status": field("choice", ({ event }) => event.was?.status),
  "before.priority": field("choice", ({ event }) => event.was?.priority),
  "before.agent": field("choice", ({ event }) => event.was?.assignedAgent),
  "before.team": field("choice", ({ event }) => event.was?.team),
};

const ATTRIBUTE = "contact.attributes.";
export const attributeKeyOf = (name: string): string | null => (name.startsWith(ATTRIBUTE) ? name.slice(ATTRIBUTE.length) : null);

export const FIELD_NAMES: readonly string[] = Object.keys(FIELDS);

/** How a field is compared; null: there is none of this name. Custom attributes are known by their definitions. */
export const kindOfField = (name: string): FieldKind | null =>
  Object.hasOwn(FIELDS, name) ? (FIELDS[name]?.kind ?? null) : null;

export function readField(name: string, facts: Facts): FieldValue {
  const key = attributeKeyOf(name);
  if (key !== null) return facts.contact.attributes?.[key];
  return Object.hasOwn(FIELDS, name) ? FIELDS[name]?.read(facts) : undefined;
}

/** Which operators make sense for a field. */
export const OPERATORS_OF: Readonly<Record<FieldKind, readonly Operator[]>> = {
  text: ["equals", "not-equals", "contains", "not-contains", "has-word", "starts-with", "set", "unset"],
  number: ["equals", "not-equals", "above", "below", "set", "unset"],
  boolean: ["equals", "not-equals"],
  choice: ["equals", "not-equals", "set", "unset"],
  list: ["has-any", "has-all", "has-none", "set", "unset"],
  date: ["before", "after", "within-days", "set", "unset"],
};
