/** The rules of conversations: which one a message belongs to, who answers it, and what a person's deed changes. */
import type { ClientSession } from "mongoose";
import { type Actor, reaches } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import type { Change, EventLog } from "../../events/log";
import type { Contact } from "../contacts/contact.model";
import type { ReadPositionService } from "../read-positions/read-position.service";
import type { Conversation, ConversationModel } from "./conversation.model";
import { toConversationView } from "./conversation.view";
import { beforeOf, isTold, snapshotOf, type Told } from "./conversation-before";
import { beginConversation, type OpenRequest } from "./conversation-begin";
import { derivedFrom, reopen } from "./conversation-state";

export { toConversationView } from "./conversation.view";
export { countInbound, previewOf, SILENCED, takeOverFromPhone } from "./conversation-state";

export interface ConversationService {
  /** The open conversation of each contact and number, made where there is none. */
  openConversations(requests: readonly OpenRequest[], session: ClientSession): Promise<Conversation[]>;
  /** Writes conversations changed in memory back, and tells it. */
  saveAll(conversations: Iterable<Conversation>, change: Change, correlationId?: string | null): Promise<void>;
  findConversation(id: string, session?: ClientSession): Promise<Conversation | null>;
  getConversation(id: string): Promise<Conversation>;
  /** Throws `conversation.not-found` also for one that is out of the actor's reach. */
  getReachable(id: string, actor: Actor): Promise<Conversation>;
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
  /** Open conversations with fragments to answer, the soonest first: those due after and up to these times. */
  listBatched(limit: number, range?: { after?: Date | undefined; upTo?: Date }): Promise<Pick<Conversation, "_id" | "batch">[]>;
  /** Replaces the summary, unless another one was written meanwhile. */
  saveSummary(before: Conversation, summary: string, upTo: string): Promise<void>;
  /** These agents were mentioned: it is in their list, and they follow it from now on. */
  addMentions(id: string, agents: readonly string[], change: Change): Promise<Conversation>;
  /** When the first snooze ends, or null. */
  soonestSnooze(): Promise<Date | null>;
  /** Those whose snooze has ended by `at`. */
  listSnoozed(at: Date, limit: number): Promise<string[]>;
  /** Its snooze is over: it goes back to whoever had it. */
  wake(conversation: Conversation, change: Change): Promise<Conversation>;
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
  assistantEnabled: () => boolean;
  /** Tells the customer that a person has seen this message, where the number does so. */
  readReceipt?: (channel: string, wamid: string) => void;
  /** How far each person has read themselves. */
  positions?: Pick<ReadPositionService, "isBehind" | "toNewest">;
}

export function createConversationService({
  conversations,
  log,
  clock,
  assistantEnabled,
  readReceipt,
  positions,
}: ConversationDeps): ConversationService {
  const now = () => new Date(clock.now());
  /** Of those that are being changed in memory: what they were; null for new ones. */
  const loaded = new WeakMap<Conversation, Told | null>();

  async function findOpen(requests: readonly OpenRequest[], session: ClientSession): Promise<Map<string, Conversation>> {
    const contactIds = [...new Set(requests.map(({ contact }) => contact._id))];
    const found = (await conversations.collection
      .find({ contact: { $in: contactIds }, isOpen: true }, { session })
      .toArray()) as unknown as Conversation[];
    for (const one of found) loaded.set(one, snapshotOf(one));
    return new Map(found.map((one) => [keyOf(one.contact, one.channel), one]));
  }

  async function setFields(
    filter: Record<string, unknown>,
    fields: Partial<Conversation>,
    change: Change,
    increments: { epoch?: number } = {},
  ): Promise<Conversation | null> {
    const { session } = change;
    const { $set, $unset, version } = derivedFrom(fields, now());
    const $inc = { ...increments, ...(version > 0 ? { version } : {}) };
    const update = {
      $set: { ...$set, updatedAt: now() },
      ...(Object.keys($unset).length > 0 ? { $unset } : {}),
      ...(Object.keys($inc).length > 0 ? { $inc } : {}),
    };
    const options = { session, returnDocument: "after" } as const;
    // Those who lose it with this change are told, and everybody what was different.
    const before =
      isTold(fields) || PLACE.some((name) => name in fields)
        ? await conversations.collection.findOne(filter as never, { session })
        : null;
    let after = await conversations.collection.findOneAndUpdate(filter as never, update as never, options);
    // Given back to the people: somebody's own stays theirs.
    if (fields.status === "open" && after?.assignedAgent)
      after = await conversations.collection.findOneAndUpdate(
        { _id: after._id },
        { $set: { status: "assigned" } } as never,
        options,
      );
    if (!after) return null;
    const conversation = after as unknown as Conversation;
    const was = (before as unknown as Conversation | null) ?? undefined;
    const different = was && beforeOf(was, conversation);
    const data = { conversation: toConversationView(conversation), ...(different ? { was: different } : {}) };
    change.emit("conversation:updated", data, null, was && PLACE.some((name) => name in fields) ? was : undefined);
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
          conversation = beginConversation(request, now(), assistantEnabled());
          loaded.set(conversation, null);
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
      for (const conversation of all) {
        const before = loaded.get(conversation);
        const was = before ? beforeOf(before, conversation) : before;
        const data = { conversation: toConversationView(conversation), ...(was === undefined ? {} : { was }) };
        change.emit("conversation:updated", data, correlationId);
      }
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
      return reachable(await service.findConversation(id), actor);
    },

    async releaseOfAgent(agent, change) {
      const held = (await conversations
        .find({ assignedAgent: agent, isOpen: true }, null, { session: change.session })
        .lean()) as Conversation[];
      for (const { _id, status } of held)
        await service.update(
          _id,
          { assignedAgent: null, ...(status === "assigned" ? { status: "open", isUnattended: true } : {}) },
          change,
        );
    },

    async releaseOfTeam(team, change) {
      const held = (await conversations.find({ team, isOpen: true }, null, { session: change.session }).lean()) as Conversation[];
      for (const { _id } of held) await service.update(_id, { team: null }, change);
      // Nobody looks at the others at this moment: they are moved without telling each of them.
      await conversations.collection.updateMany({ team }, { $set: { team: null } }, { session: change.session });
    },

    async markRead(id, actor) {
      const agent = actor.id;
      const conversation = await service.getReachable(id, actor);
      const { channel, lastInboundWamid, unreadCount, unseenMentions = [] } = conversation;
      const isMentioned = unseenMentions.includes(agent);
      const isNews = unreadCount > 0 || isMentioned;
      if (!isNews && !(await positions?.isBehind(id, actor))) return conversation;
      if (unreadCount > 0 && lastInboundWamid) readReceipt?.(channel, lastInboundWamid);
      return log.change(async (change) => {
        await positions?.toNewest(id, actor, change);
        if (!isNews) return conversation;
        if (isMentioned)
          await conversations.collection.updateOne({ _id: id as never }, { $pull: { unseenMentions: agent } } as never, {
            session: change.session,
          });
        const after = await service.update(id, { unreadCount: 0 }, change);
        change.emit("message:read", {
          conversation: id,
          by: agent,
          wamid: after.lastInboundWamid,
          at: now().toISOString(),
        });
        return after;
      });
    },

    async handOver(id, expected, change) {
      return service.compareAndSet(id, expected, { isAIEnabled: false, status: "open", waitingFor: null, batch: null }, change);
    },

    async compareAndSet(id, { epoch, inboundSeq }, fields, change) {
      const filter = { _id: id, epoch, isAIEnabled: true, ...(inboundSeq === undefined ? {} : { inboundSeq }) };
      return setFields(filter, fields, change);
    },

    async update(id, fields, change, increments) {
      const conversation = await setFields({ _id: id }, fields, change, increments);
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
      await setFields({ _id: id, inboundSeq }, { batch: null }, change);
    },

    async listBatched(limit, { after, upTo } = {}) {
      const dueAt = { $exists: true, ...(after ? { $gt: after } : {}), ...(upTo ? { $lte: upTo } : {}) };
      return (await conversations
        .find({ "batch.dueAt": dueAt }, { batch: 1 })
        .sort({ "batch.dueAt": 1 })
        .limit(limit)
        .lean()) as Pick<Conversation, "_id" | "batch">[];
    },

    async saveSummary({ _id, summaryUpTo }, summary, upTo) {
      await conversations.updateOne({ _id, summaryUpTo }, { $set: { summary, summaryUpTo: upTo } });
    },

    async addMentions(id, agents, change) {
      const add = { $each: [...agents] };
      await conversations.collection.updateOne(
        { _id: id as never },
        { $addToSet: { mentions: add, unseenMentions: add, participants: add } } as never,
        { session: change.session },
      );
      return service.update(id, {}, change);
    },

    async soonestSnooze() {
      const first = (await conversations
        .findOne({ snoozedUntil: { $type: "date" } }, { snoozedUntil: 1 })
        .sort({ snoozedUntil: 1 })
        .lean()) as Pick<Conversation, "snoozedUntil"> | null;
      return first?.snoozedUntil ?? null;
    },

    async listSnoozed(at, limit) {
      const found = await conversations
        .find({ snoozedUntil: { $lte: at, $type: "date" } }, { _id: 1 })
        .sort({ snoozedUntil: 1 })
        .limit(limit)
        .lean();
      return found.map(({ _id }) => _id as string);
    },

    wake(conversation, change) {
      const woken = { ...conversation };
      reopen(woken);
      const { status, waitingFor, isUnattended = false } = woken;
      return service.update(
        conversation._id,
        { status, waitingFor, isUnattended, unreadCount: Math.max(1, woken.unreadCount) },
        change,
      );
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

/** The conversation, unless there is none or the actor must not know of it. */
export function reachable(conversation: Conversation | null, actor: Actor): Conversation {
  if (!conversation || !reaches(actor, conversation)) throw fail("conversation.not-found");
  return conversation;
}

/** What decides who may see it. */
const PLACE = ["assignedAgent", "team", "participants"] as const satisfies readonly (keyof Conversation)[];

const keyOf = (contact: string, channel: string) => `${contact}:${channel}`;
