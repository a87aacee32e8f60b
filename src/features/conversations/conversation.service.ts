/** The rules of conversations: which one a message belongs to, who answers it, and what a person's deed changes. */
import type { ClientSession } from "mongoose";
import { type Actor, reaches, reachFilter } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change, EventLog } from "../../events/log";
import type { ConversationView } from "../../events/view";
import type { Contact } from "../contacts/contact.model";
import type { Conversation, ConversationModel, LastMessage } from "./conversation.model";
import type { ConversationPatch, ConversationQuery } from "./conversation.schema";
import { toConversationView } from "./conversation.view";

const PREVIEW_LENGTH = 160;

export interface OpenRequest {
  contact: Contact;
  channel: string;
  /** Where it came from: `whatsapp`, `sandbox` ... */
  source: string;
}

export interface ConversationService {
  /** The open conversation of each contact and number, made where there is none. */
  openConversations(requests: readonly OpenRequest[], session: ClientSession): Promise<Conversation[]>;
  /** Writes conversations changed in memory back, and tells it. */
  saveAll(conversations: Iterable<Conversation>, change: Change, correlationId?: string | null): Promise<void>;
  findConversation(id: string, session?: ClientSession): Promise<Conversation | null>;
  getConversation(id: string): Promise<Conversation>;
  /** Throws `conversation.not-found` also for one that is out of the actor's reach. */
  getReachable(id: string, actor: Actor): Promise<Conversation>;
  /** Those within the actor's reach. */
  listConversations(query: ConversationQuery, actor: Actor): Promise<Page<ConversationView>>;
  /** Applies what somebody decided about a conversation within their reach. */
  patchConversation(id: string, patch: ConversationPatch, actor: Actor): Promise<Conversation>;
  /** A person has seen it. */
  markRead(id: string, actor: Actor): Promise<Conversation>;
  /** Whoever goes leaves what is open to the queue of its team, or of everybody. */
  releaseOfAgent(agent: string, change: Change): Promise<void>;
  /** The conversations of a team that goes belong to nobody in particular. */
  releaseOfTeam(team: string, change: Change): Promise<void>;
  /** The assistant passes the conversation to the agents' queue. True unless a person or a newer message came first. */
  handOver(id: string, expected: Expected, change: Change): Promise<Conversation | null>;
  /**
   * Changes a conversation if `inboundSeq`, `epoch` and the assistant's permission are still as expected, and tells it.
   * Null when they are not: somebody or something newer came first.
   */
  compareAndSet(id: string, expected: Expected, fields: Partial<Conversation>, change: Change): Promise<Conversation | null>;
  /** Changes fields without a condition, and tells it. */
  update(id: string, fields: Partial<Conversation>, change: Change, increments?: { epoch?: number }): Promise<Conversation>;
  /** Moves conversations to another contact. Those that would be a second open one on the same number are closed. */
  moveToContact(conversations: readonly Conversation[], contact: Contact, change: Change): Promise<{ closed: string[] }>;
  /** All conversations of a contact. */
  findByContact(contact: string, session: ClientSession): Promise<Conversation[]>;
  /** Nothing is left to answer up to this fragment. Newer fragments keep their batch. */
  clearBatch(id: string, inboundSeq: number, change: Change): Promise<void>;
  /** Open conversations with fragments to answer, the soonest first. */
  listBatched(limit: number, after?: Date): Promise<Pick<Conversation, "_id" | "batch">[]>;
  /** Replaces the summary, unless another one was written meanwhile. */
  saveSummary(before: Conversation, summary: string, upTo: string): Promise<void>;
  /** Moves the time at which the waiting fragments are answered. */
  postpone(id: string, dueAt: Date, failures: number): Promise<void>;
}

export interface Expected {
  epoch: number;
  /** Absent when newer fragments do not matter. */
  inboundSeq?: number;
}

export interface ConversationDeps {
  conversations: ConversationModel;
  log: EventLog;
  clock: Clock;
  /** Whether new conversations start with the assistant. */
  assistantEnabled: boolean;
  /** Tells the customer that a person has seen this message, where the number does so. */
  readReceipt?: (channel: string, wamid: string) => void;
}

export function createConversationService({
  conversations,
  log,
  clock,
  assistantEnabled,
  readReceipt,
}: ConversationDeps): ConversationService {
  const now = () => new Date(clock.now());

  async function findOpen(requests: readonly OpenRequest[], session: ClientSession): Promise<Map<string, Conversation>> {
    const contactIds = [...new Set(requests.map(({ contact }) => contact._id))];
    const found = await conversations.find({ contact: { $in: contactIds }, isOpen: true }, null, { session }).lean();
    return new Map((found as Conversation[]).map((one) => [keyOf(one.contact, one.channel), one]));
  }

  function fresh({ contact, channel, source }: OpenRequest): Conversation {
    const at = now();
    return {
      _id: newId(at.getTime()),
      contact: contact._id,
      contactName: contact.name,
      contactPhone: contact.phone,
      contactUsername: contact.username,
      channel,
      source,
      status: assistantEnabled ? "waiting" : "open",
      waitingFor: assistantEnabled ? "assistant" : null,
      priority: "normal",
      isOpen: true,
      isAIEnabled: assistantEnabled,
      assignedAgent: null,
      team: null,
      participants: [],
      labels: [],
      windowExpiresAt: null,
      lastMessageAt: at,
      lastMessage: null,
      lastInboundWamid: null,
      unreadCount: 0,
      inboundSeq: 0,
      answeredSeq: 0,
      epoch: 0,
      batch: null,
      summary: null,
      summaryUpTo: null,
      createdAt: at,
      updatedAt: at,
      resolvedAt: null,
      resolvedBy: null,
    };
  }

  async function setFields(
    filter: Record<string, unknown>,
    update: Record<string, unknown>,
    change: Change,
  ): Promise<Conversation | null> {
    // Those who lose it with this change are told.
    const before = movesIt(update) ? await conversations.collection.findOne(filter as never, { session: change.session }) : null;
    const after = await conversations.collection.findOneAndUpdate(filter as never, update as never, {
      session: change.session,
      returnDocument: "after",
    });
    if (!after) return null;
    const conversation = after as unknown as Conversation;
    const was = (before as unknown as Conversation | null) ?? undefined;
    change.emit("conversation:updated", { conversation: toConversationView(conversation) }, null, was);
    return conversation;
  }

  const service: ConversationService = {
    async openConversations(requests, session) {
      const open = await findOpen(requests, session);
      const created: Conversation[] = [];
      const result = requests.map((request) => {
        const key = keyOf(request.contact._id, request.channel);
        let conversation = open.get(key);
        if (!conversation) {
          conversation = fresh(request);
          open.set(key, conversation);
          created.push(conversation);
        }
        // The list shows names without a join, so a new name is taken over with the next message.
        conversation.contactName = request.contact.name;
        conversation.contactPhone = request.contact.phone;
        conversation.contactUsername = request.contact.username;
        return conversation;
      });
      if (created.length > 0) await conversations.collection.insertMany(created as never[], { session });
      return result;
    },

    async saveAll(changed, change, correlationId = null) {
      const all = [...new Set(changed)];
      if (all.length === 0) return;
      const at = now();
      await conversations.collection.bulkWrite(
        all.map((conversation) => {
          const { _id, ...fields } = Object.assign(conversation, { updatedAt: at });
          return { replaceOne: { filter: { _id: _id as never }, replacement: fields as never } };
        }),
        { session: change.session, ordered: false },
      );
      for (const conversation of all)
        change.emit("conversation:updated", { conversation: toConversationView(conversation) }, correlationId);
    },

    async findConversation(id, session) {
      const found = await conversations.collection.findOne({ _id: id as never }, session ? { session } : {});
      return found as unknown as Conversation | null;
    },

    async getConversation(id) {
      const conversation = await service.findConversation(id);
      if (!conversation) throw fail("conversation.not-found");
      return conversation;
    },

    async getReachable(id, actor) {
      const conversation = await service.getConversation(id);
      if (!reaches(actor, conversation)) throw fail("conversation.not-found");
      return conversation;
    },

    async listConversations({ limit, cursor, status, contact }, actor) {
      const [at, id] = cursor ? decodeCursor(cursor, ["number", "string"]) : [];
      const after = cursor
        ? {
            $or: [
              { lastMessageAt: { $lt: new Date(at as number) } },
              { lastMessageAt: new Date(at as number), _id: { $lt: id as string } },
            ],
          }
        : {};
      const rows = await conversations
        .find({ $and: [reachFilter(actor), { ...(status ? { status } : {}), ...(contact ? { contact } : {}), ...after }] })
        .sort({ lastMessageAt: -1, _id: -1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as Conversation[], limit, toConversationView, (row) => [row.lastMessageAt.getTime(), row._id]);
    },

    async patchConversation(id, patch, actor) {
      return log.change(async (change) => {
        const conversation = await service.findConversation(id, change.session);
        if (!conversation || !reaches(actor, conversation)) throw fail("conversation.not-found");
        return service.update(id, fieldsOf(patch, conversation, actor.id, now()), change, { epoch: 1 });
      });
    },

    async releaseOfAgent(agent, change) {
      const open = { assignedAgent: agent, isOpen: true };
      const held = (await conversations.find(open, null, { session: change.session }).lean()) as Conversation[];
      for (const { _id, status } of held)
        await service.update(_id, { assignedAgent: null, ...(status === "assigned" ? { status: "open" } : {}) }, change);
    },

    async releaseOfTeam(team, change) {
      const held = (await conversations.find({ team, isOpen: true }, null, { session: change.session }).lean()) as Conversation[];
      for (const { _id } of held) await service.update(_id, { team: null }, change);
      // Nobody looks at the others at this moment: they are moved without telling each of them.
      await conversations.collection.updateMany({ team }, { $set: { team: null } }, { session: change.session });
    },

    async markRead(id, actor) {
      const conversation = await service.getReachable(id, actor);
      if (conversation.unreadCount === 0) return conversation;
      const { channel, lastInboundWamid } = conversation;
      if (lastInboundWamid) readReceipt?.(channel, lastInboundWamid);
      return log.change((change) => service.update(id, { unreadCount: 0 }, change));
    },

    async handOver(id, expected, change) {
      return service.compareAndSet(id, expected, { isAIEnabled: false, status: "open", waitingFor: null, batch: null }, change);
    },

    async compareAndSet(id, { epoch, inboundSeq }, fields, change) {
      const filter = { _id: id, epoch, isAIEnabled: true, ...(inboundSeq === undefined ? {} : { inboundSeq }) };
      return setFields(filter, { $set: { ...fields, updatedAt: now() } }, change);
    },

    async update(id, fields, change, increments) {
      const update = { $set: { ...fields, updatedAt: now() }, ...(increments ? { $inc: increments } : {}) };
      const conversation = await setFields({ _id: id }, update, change);
      if (!conversation) throw fail("conversation.not-found");
      return conversation;
    },

    async findByContact(contact, session) {
      return (await conversations.find({ contact }, null, { session }).lean()) as Conversation[];
    },

    async moveToContact(moved, contact, change) {
      const open = new Set(
        (await service.findByContact(contact._id, change.session)).filter(({ isOpen }) => isOpen).map(({ channel }) => channel),
      );
      const closed: string[] = [];
      for (const conversation of moved) {
        const isSecond = conversation.isOpen && open.has(conversation.channel);
        if (isSecond) closed.push(conversation._id);
        if (conversation.isOpen) open.add(conversation.channel);
        const people = {
          contact: contact._id,
          contactName: contact.name,
          contactPhone: contact.phone,
          contactUsername: contact.username,
        };
        await service.update(
          conversation._id,
          { ...people, ...(isSecond ? { isOpen: false, status: "closed", waitingFor: null, batch: null } : {}) },
          change,
        );
      }
      return { closed };
    },

    async clearBatch(id, inboundSeq, change) {
      await setFields({ _id: id, inboundSeq }, { $set: { batch: null, updatedAt: now() } }, change);
    },

    async listBatched(limit, after) {
      return (await conversations
        .find({ "batch.dueAt": after ? { $exists: true, $gt: after } : { $exists: true } }, { batch: 1 })
        .sort({ "batch.dueAt": 1 })
        .limit(limit)
        .lean()) as Pick<Conversation, "_id" | "batch">[];
    },

    async saveSummary({ _id, summaryUpTo }, summary, upTo) {
      await conversations.updateOne({ _id, summaryUpTo }, { $set: { summary, summaryUpTo: upTo } });
    },

    async postpone(id, dueAt, failures) {
      await conversations.updateOne(
        { _id: id, "batch.dueAt": { $exists: true } },
        { $set: { "batch.dueAt": dueAt, "batch.failures": failures } },
      );
    },
  };
  return service;
}

const PLACE = ["assignedAgent", "team", "participants"] as const;

/** Whether this update may take a conversation out of somebody's reach. */
const movesIt = (update: Record<string, unknown>): boolean =>
  Object.values(update).some((fields) => PLACE.some((name) => Object.hasOwn(fields as object, name)));

const keyOf = (contact: string, channel: string) => `${contact}:${channel}`;

/** The one-line preview of a message in the conversation list. */
export const previewOf = (message: LastMessage): LastMessage => ({ ...message, text: message.text.slice(0, PREVIEW_LENGTH) });

function fieldsOf(patch: ConversationPatch, conversation: Conversation, agentId: string, at: Date): Partial<Conversation> {
  const fields: Partial<Conversation> = {};
  if (patch.isAIEnabled !== undefined) {
    fields.isAIEnabled = patch.isAIEnabled;
    if (!patch.isAIEnabled) fields.batch = null;
    // Given back with a question still open: the assistant answers it at once.
    else if (conversation.inboundSeq > conversation.answeredSeq)
      fields.batch = { firstAt: at, dueAt: at, count: conversation.inboundSeq - conversation.answeredSeq, failures: 0 };
    if (conversation.status === "open" || conversation.status === "waiting")
      Object.assign(
        fields,
        patch.isAIEnabled ? { status: "waiting", waitingFor: "assistant" } : { status: "open", waitingFor: null },
      );
  }
  if (patch.status) {
    fields.status = patch.status;
    fields.waitingFor = null;
    fields.isOpen = patch.status !== "closed";
    if (patch.status === "open") Object.assign(fields, { resolvedAt: null, resolvedBy: null });
    else
      Object.assign(fields, {
        resolvedAt: at,
        resolvedBy: agentId,
        batch: null,
        answeredSeq: conversation.inboundSeq,
        unreadCount: 0,
      });
  }
  return fields;
}
