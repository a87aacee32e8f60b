/**
 * The rules of messages: what the customer wrote is stored once, and everything that leaves goes through `queueReply`.
 * How a queued message travels is in `message-delivery.service.ts`.
 */
import type { ClientSession } from "mongoose";
import type { RuleRef } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, shortHash } from "../../core/id";
import type { Change } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { Conversation } from "../conversations/conversation.model";
import type { MediaService } from "../media/media.service";
import type { AiRun, Attachment, Message, MessageModel } from "./message.model";
import { toMessageView } from "./message.view";
import type { SendableContent } from "./message-content";
import { createEarlyMessages } from "./message-early";
import { inOrderWritten, wamidKey } from "./message-order";

export { inOrderWritten, wamidKey } from "./message-order";

/** Builds what a channel sends. Given by the composition root, because features know no channel. */
export interface Composer {
  /** Cuts a text into parts the channel accepts. */
  split(text: string): string[];
  /** The JSON string of one text message. */
  text(message: Frame & { text: string; previewUrl?: boolean | undefined }): string;
  /** The JSON string of anything else. Throws compose.limit with the field WhatsApp would refuse. */
  content(message: Frame & { content: SendableContent }): string;
}

/** What every message carries besides its content. */
export interface Frame {
  to: Recipient;
  messageId: string;
  /** WhatsApp's id of the message that is quoted. */
  replyTo: string | null;
}

/** Anything but text on its way out. */
export interface Outgoing {
  type: string;
  /** What a person reads. */
  text: string;
  payload: Record<string, unknown>;
  attachments: Attachment[];
  content: SendableContent;
}

export interface Recipient {
  waId?: string | undefined;
  userId?: string | undefined;
}

export interface Reply {
  conversation: Conversation;
  contact: Contact;
  role: "assistant" | "operator" | "system";
  /** Sent as text, in several parts when it is long, unless there is other content. */
  text: string;
  content?: Outgoing;
  /** Whether the first link of a text shows a preview; it does when left out. */
  previewUrl?: boolean | undefined;
  /** WhatsApp's id of the message that is quoted; only the first part quotes it. */
  replyTo?: string | null;
  /** What this reply comes from, such as a turn: it can be queued once. */
  sourceId: string;
  author?: string | null;
  rule?: RuleRef | null;
  aiRun?: AiRun | null;
  correlationId?: string | null;
}

/** What happened, for programs, and which person did it. */
export interface ActivityDetail {
  payload?: Record<string, unknown>;
  author?: string | null;
}

export interface MessageService {
  /** Stores messages of customers, and of the owner's phone. The caller has left out what is known. */
  storeInbound(messages: readonly Message[], change: Change): Promise<void>;
  /** The stored messages with these ids of WhatsApp, by `wamidKey`. */
  findByWamids(pairs: readonly { channel: string; wamid: string }[], session: ClientSession): Promise<Map<string, Message>>;
  /** Those of these ids of WhatsApp, each as `wamidKey` gives it, that are stored. */
  whichAreKnown(keys: readonly string[]): Promise<Set<string>>;
  /** Reactions, edits and withdrawals that came before the messages with these ids, by the `wamidKey` of those, oldest first. */
  findAbout(pairs: readonly { channel: string; wamid: string }[], session?: ClientSession): Promise<Map<string, Message[]>>;
  /** The messages that such ones still wait for. */
  listAwaited(): Promise<{ channel: string; wamid: string }[]>;
  /** Takes a message out of its thread, because it is shown in another way. */
  remove(message: Message, change: Change): Promise<void>;
  /** Changes what a stored message says or carries, and tells it. */
  revise(message: Message, fields: Partial<Message>, change: Change): Promise<void>;
  /** The one door out: stores the reply as queued messages, in the caller's transaction. */
  queueReply(reply: Reply, change: Change): Promise<Message[]>;
  /** Stores a note of an agent. */
  storeNote(note: Message, change: Change): Promise<void>;
  /** A line of activity that only agents see. */
  addActivity(conversation: Conversation, text: string, sourceId: string, change: Change, more?: ActivityDetail): Promise<void>;
  /** The messages of one conversation belong to another one of the same contact now; nothing of them waits for an answer. */
  moveToConversation(from: string, to: string, change: Change): Promise<void>;
  /** The messages of these conversations belong to another contact now. */
  moveToContact(conversations: readonly Conversation[], contact: string, change: Change): Promise<void>;
  getMessage(id: string, session?: ClientSession): Promise<Message>;
  /** What the customer wrote after `afterSeq` up to `uptoSeq`, in the order of their clock, then of arrival. */
  listUnanswered(conversationId: string, afterSeq: number, uptoSeq: number): Promise<Message[]>;
  /** What customer and business said to each other after a message, oldest first, at most the newest `limit`. Notes and activity are left out. */
  listHistory(conversationId: string, limit: number, afterId: string | null, session?: ClientSession): Promise<Message[]>;
}

export interface MessageDeps {
  messages: MessageModel;
  /** Loads what customers attach. */
  files: Pick<MediaService, "expect">;
  compose: Composer;
  /** No other process stores messages. */
  isAlone: boolean;
  clock: Clock;
}

export const laneOf = (contact: string, channel: string): string => `${contact}:${channel}`;

export function createMessageService({ messages, files, compose, isAlone, clock }: MessageDeps): MessageService {
  const early = createEarlyMessages(messages, isAlone);
  const insert = async (docs: readonly Message[], change: Change) => {
    if (docs.length === 0) return;
    await messages.collection.insertMany(docs as unknown as never[], { session: change.session, ordered: true });
    for (const message of docs) change.emit("message:new", { message: toMessageView(message) }, message.correlationId);
  };

  function outbound(reply: Reply, text: string, index: number): Message {
    const { conversation, contact, content } = reply;
    const now = new Date(clock.now());
    const id = newId(clock.now());
    const replyTo = index === 0 ? (reply.replyTo ?? null) : null;
    const frame = { to: recipientOf(contact), messageId: id, replyTo };
    return {
      _id: id,
      conversation: conversation._id,
      contact: contact._id,
      channel: conversation.channel,
      lane: laneOf(contact._id, conversation.channel),
      role: reply.role,
      direction: "outbound",
      platform: "whatsapp",
      type: content?.type ?? "text",
      content: text,
      payload: content?.payload ?? {},
      attachments: content?.attachments ?? [],
      context: replyTo === null ? null : { wamid: replyTo, forwarded: false },
      ...UNCHANGED,
      wamid: null,
      inboundSeq: null,
      epoch: reply.role === "assistant" ? conversation.epoch : null,
      body: content
        ? compose.content({ ...frame, content: content.content })
        : compose.text({ ...frame, text, previewUrl: reply.previewUrl }),
      delivery: { state: "queued", attempts: 0, dueAt: now, isResend: false, needsDecision: false, error: null },
      pricing: null,
      author: reply.author ?? null,
      ...(reply.rule ? { rule: reply.rule } : {}),
      private: false,
      aiRun: index === 0 ? (reply.aiRun ?? null) : null,
      originKey: originOf(reply.sourceId, index),
      correlationId: reply.correlationId ?? null,
      sentAt: now,
      createdAt: now,
    };
  }

  const service: MessageService = {
    async findByWamids(pairs, session) {
      if (pairs.length === 0) return new Map();
      const found = (await messages.collection
        .find(
          {
            channel: { $in: [...new Set(pairs.map(({ channel }) => channel))] },
            wamid: { $in: pairs.map(({ wamid }) => wamid) },
          },
          { session },
        )
        .toArray()) as unknown as Message[];
      return new Map(found.map((one) => [wamidKey(one.channel, String(one.wamid)), one]));
    },

    async whichAreKnown(keys) {
      const pairs = keys.map((key) => [key.slice(0, key.indexOf(":")), key.slice(key.indexOf(":") + 1)] as const);
      const found = await messages.collection
        .find(
          { channel: { $in: [...new Set(pairs.map(([channel]) => channel))] }, wamid: { $in: pairs.map(([, wamid]) => wamid) } },
          { projection: { channel: 1, wamid: 1 } },
        )
        .toArray();
      return new Set(found.map(({ channel, wamid }) => wamidKey(channel, String(wamid))));
    },

    findAbout: early.find,
    listAwaited: early.listAwaited,

    async remove({ _id, conversation }, change) {
      await messages.collection.deleteOne({ _id: _id as never }, { session: change.session });
      change.emit("message:removed", { conversation, message: _id });
    },

    async storeInbound(incoming, change) {
      early.note(incoming);
      await insert(incoming, change);
      await files.expect(incoming, change);
    },

    async revise(message, fields, change) {
      Object.assign(message, fields);
      await messages.collection.updateOne({ _id: message._id as never }, { $set: fields } as never, { session: change.session });
      if (fields.attachments && message.direction === "inbound") await files.expect([message], change);
      change.emit("message:updated", { message: toMessageView(message) }, message.correlationId);
    },

    async queueReply(reply, change) {
      const parts = reply.content ? [reply.content.text] : compose.split(reply.text);
      const docs = parts.map((text, index) => outbound(reply, text, index));
      await insert(docs, change);
      return docs;
    },

    async moveToConversation(from, to, { session }) {
      await messages.updateMany({ conversation: from }, { $set: { conversation: to, inboundSeq: null } }, { session });
    },

    storeNote: (note, change) => insert([note], change),

    async addActivity(conversation, text, sourceId, change, { payload = {}, author = null } = {}) {
      const now = new Date(clock.now());
      const message: Message = {
        _id: newId(clock.now()),
        conversation: conversation._id,
        contact: conversation.contact,
        channel: conversation.channel,
        lane: laneOf(conversation.contact, conversation.channel),
        role: "system",
        direction: "outbound",
        platform: "whatsapp",
        type: "activity",
        content: text,
        payload,
        attachments: [],
        context: null,
        ...UNCHANGED,
        wamid: null,
        inboundSeq: null,
        epoch: null,
        body: null,
        delivery: null,
        pricing: null,
        author,
        private: true,
        aiRun: null,
        originKey: shortHash(`${sourceId}:activity`),
        correlationId: null,
        sentAt: now,
        createdAt: now,
      };
      await insert([message], change);
    },

    async moveToContact(moved, contact, { session }) {
      for (const { _id, channel } of moved)
        await messages.collection.updateMany(
          { conversation: _id },
          { $set: { contact, lane: laneOf(contact, channel) } },
          { session },
        );
    },

    async getMessage(id, session) {
      const message = await messages.findById(id, null, session ? { session } : {}).lean();
      if (!message) throw fail("message.not-found");
      return message as Message;
    },

    async listUnanswered(conversationId, afterSeq, uptoSeq) {
      const rows = (await messages.collection
        .find({ conversation: conversationId, inboundSeq: { $gt: afterSeq, $lte: uptoSeq } })
        .sort({ inboundSeq: 1 })
        .toArray()) as unknown as Message[];
      return rows.sort(inOrderWritten);
    },

    async listHistory(conversationId, limit, afterId, session) {
      const rows = await messages.collection
        .find(
          { conversation: conversationId, private: false, ...(afterId ? { _id: { $gt: afterId as never } } : {}) },
          session ? { session } : {},
        )
        .sort({ _id: -1 })
        .limit(limit)
        .toArray();
      return (rows as unknown as Message[]).reverse();
    },
  };
  return service;
}

/** Nobody has reacted to it, changed it or withdrawn it. */
export const UNCHANGED = { reactions: [], editedAt: null, revokedAt: null, previousContents: [] } satisfies Partial<Message>;

/** What makes a message of ours the only one of its origin. */
export const originOf = (sourceId: string, part: number): string => shortHash(`${sourceId}:reply:${part}`);

/** How a contact is addressed: by the number that is theirs now where there is one, else by business-scoped user id. */
export function recipientOf({ identities, identityKeys }: Contact): Recipient {
  const newest = (kind: "wa_id" | "bsuid", prefix: string) => {
    const held = identities.filter((one) => one.kind === kind && identityKeys.includes(`${prefix}:${one.value}`));
    return held.at(-1)?.value;
  };
  const waId = newest("wa_id", "wa");
  return waId ? { waId } : { userId: newest("bsuid", "bsuid") };
}
