/** Everything that happened with a contact, the newest first: what people decided, and how its conversations went. */
import { type Actor, reachFilter } from "../../core/actor";
import { decodeCursor, encodeCursor, type Page, type PageRequest } from "../../core/page";
import type { ContactMergeModel } from "../contact-merges/contact-merge.model";
import type { ContactService } from "../contacts/contact.service";
import type { ContactHistory, ContactHistoryModel } from "../contacts/contact-history.model";
import type { ContactReach } from "../contacts/contact-reach";
import type { Conversation, ConversationModel } from "../conversations/conversation.model";
import type { Message, MessageModel } from "../messages/message.model";
import type { TimelineEntry } from "./contact-timeline.schema";

export interface ContactTimelineService {
  timeline(contact: string, page: PageRequest, actor: Actor): Promise<Page<TimelineEntry>>;
}

export interface ContactTimelineDeps {
  contacts: ContactService;
  history: ContactHistoryModel;
  conversations: ConversationModel;
  messages: MessageModel;
  merges: ContactMergeModel;
  reach: ContactReach;
}

/** A contact with more conversations than that has the rest of them in the list of conversations. */
const MOST_CONVERSATIONS = 500;
const END = Number.MAX_SAFE_INTEGER;

interface Placed extends TimelineEntry {
  time: number;
}

export function createContactTimeline(deps: ContactTimelineDeps): ContactTimelineService {
  const { contacts, history, conversations, messages, merges, reach } = deps;

  /** The contact, and those that are a part of it. */
  async function everybody(contact: string): Promise<string[]> {
    const rows = await merges.find({ target: contact, undoneAt: null }, { source: 1 }).limit(100).lean();
    return [contact, ...rows.map(({ source }) => source)];
  }

  return {
    async timeline(contact, { limit, cursor }, actor) {
      await reach.assertContact(contact, actor);
      await contacts.getContact(contact);
      const [before, lastId] = cursor ? (decodeCursor(cursor, ["number", "string"]) as [number, string]) : [END, ""];
      const older = (field: string) => {
        const at = new Date(before);
        return cursor ? { $or: [{ [field]: { $lt: at } }, { [field]: at, _id: { $lt: lastId } }] } : {};
      };
      const ids = await everybody(contact);
      const talks = (await conversations
        .find({ $and: [{ contact }, reachFilter(actor)] })
        .sort({ lastMessageAt: -1, _id: -1 })
        .limit(MOST_CONVERSATIONS)
        .lean()) as Conversation[];
      const reachable = new Set(talks.map(({ _id }) => _id));
      const [decided, lines] = await Promise.all([
        history
          .find({ contact: { $in: ids }, ...older("at") })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean() as Promise<ContactHistory[]>,
        messages
          .find({ contact, type: "activity", ...older("createdAt") })
          .sort({ _id: -1 })
          .limit(limit + 1)
          .lean() as Promise<Message[]>,
      ]);
      const all = [
        ...decided.map(ofHistory),
        ...lines.filter(({ conversation }) => reachable.has(conversation)).map(ofActivity),
        ...talks.flatMap(ofConversation),
      ]
        .filter(({ time, id }) => time < before || (time === before && id < lastId))
        .sort((a, b) => b.time - a.time || (a.id < b.id ? 1 : -1));
      const shown = all.slice(0, limit);
      const last = shown.at(-1);
      return {
        items: shown.map(({ time: _, ...entry }) => entry),
        next: all.length > limit && last ? encodeCursor([last.time, last.id]) : null,
      };
    },
  };
}

const placed = (time: Date, entry: Omit<Placed, "time" | "at">): Placed => ({
  ...entry,
  time: time.getTime(),
  at: time.toISOString(),
});

const ofHistory = ({ _id, kind, at, by, detail }: ContactHistory): Placed =>
  placed(at, { id: _id, kind, by, conversation: null, text: "", detail });

const ofActivity = ({ _id, createdAt, author, conversation, content }: Message): Placed =>
  placed(createdAt, { id: _id, kind: "activity", by: author, conversation, text: content, detail: {} });

function ofConversation({ _id, createdAt, resolvedAt, resolvedBy, channel }: Conversation): Placed[] {
  const common = { conversation: _id, text: "", detail: { channel } };
  return [
    placed(createdAt, { ...common, id: `${_id}:opened`, kind: "conversation-opened", by: null }),
    ...(resolvedAt
      ? [placed(resolvedAt, { ...common, id: `${_id}:resolved`, kind: "conversation-resolved", by: resolvedBy })]
      : []),
  ];
}
