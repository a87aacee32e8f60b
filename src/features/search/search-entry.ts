/** What of a message, a contact and a conversation can be found, as the search index keeps it. Pure. */
import { timeOfId } from "../../core/id";
import type { ContactView, ConversationView, MessageView } from "../../events/view";
import type { Conversation } from "../conversations/conversation.model";
import type { SearchConversation, SearchEntry, SearchOperation } from "./search-port";

export type SearchableMessage = Pick<
  MessageView,
  "id" | "conversation" | "contact" | "channel" | "direction" | "private" | "type" | "content" | "author"
> & {
  attachments: readonly { type: string; filename: string | null; fileDescription: string | null }[];
  isRevoked: boolean;
};

/** Lines the product itself writes into a thread: nobody said them. */
const UNSAID = new Set(["activity"]);
const HEARD = new Set(["audio", "voice"]);

export function messageOperations(message: SearchableMessage): SearchOperation[] {
  const { id, isRevoked, type, attachments, content } = message;
  const kind = message.private ? "note" : "message";
  if (isRevoked || UNSAID.has(type)) return dropMessage(id);
  const common = {
    id,
    conversation: message.conversation,
    contact: null,
    at: timeOfId(id),
    channel: message.channel,
    direction: message.direction,
    author: message.author,
    labels: [],
  };
  const described = attachments.filter(({ fileDescription }) => fileDescription && fileDescription !== content);
  const transcript = textOf(described.filter((one) => HEARD.has(one.type)).map((one) => one.fileDescription));
  const text = textOf([
    content,
    ...attachments.map(({ filename }) => filename),
    ...described.filter((one) => !HEARD.has(one.type)).map((one) => one.fileDescription),
  ]);
  return [
    text === "" ? { drop: { kind, id } } : { put: { ...common, kind, text } },
    transcript === "" ? { drop: { kind: "transcript", id } } : { put: { ...common, kind: "transcript", text: transcript } },
  ];
}

export const dropMessage = (id: string): SearchOperation[] =>
  (["message", "note", "transcript"] as const).map((kind) => ({ drop: { kind, id } }));

export function contactEntry(contact: ContactView): SearchEntry {
  const { id, name, phone, username, identities, labels } = contact;
  const seen = new Set([name, phone, username]);
  const others = identities.map(({ value }) => value).filter((value) => !seen.has(value) && !phone?.endsWith(value));
  return {
    kind: "contact",
    id,
    conversation: null,
    contact: id,
    at: timeOfId(id),
    channel: null,
    direction: null,
    author: null,
    labels,
    text: textOf([name, phone, username ? `@${username}` : null, ...others]),
  };
}

export const conversationPlace = (view: ConversationView): SearchConversation => ({
  id: view.id,
  contact: view.contact.id,
  name: view.contact.name,
  channel: view.channel,
  assignedAgent: view.assignedAgent,
  team: view.team,
  participants: view.participants,
  labels: view.labels,
});

export const storedPlace = (stored: Conversation): SearchConversation => ({
  id: stored._id,
  contact: stored.contact,
  name: stored.contactName,
  channel: stored.channel,
  assignedAgent: stored.assignedAgent,
  team: stored.team ?? null,
  participants: stored.participants ?? [],
  labels: stored.labels,
});

const textOf = (parts: readonly (string | null)[]): string => parts.filter((part) => part).join(" · ");
