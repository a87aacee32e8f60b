/**
 * How far each agent has read each conversation. It is their own: what others have seen changes nothing of it, and only their other
 * windows hear of it. It moves forward only, except where they say themselves that they have not seen the last message.
 */
import type { ClientSession } from "mongoose";
import { type Actor, reaches } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import type { Change, EventLog } from "../../events/log";
import type { ReadPositionView } from "../../events/reading-view";
import type { ConversationReach } from "../conversations/conversation-reach";
import type { Message, MessageModel } from "../messages/message.model";
import type { ReadPosition, ReadPositionModel } from "./read-position.model";

export interface ReadPositionService {
  /** The actor's own. Throws `conversation.not-found`, and `auth.person-only` for a key. */
  get(conversation: string, actor: Actor): Promise<ReadPositionView>;
  /** The actor has read up to this message; an earlier one changes nothing. Throws `message.not-found` for one of another conversation. */
  move(conversation: string, message: string, actor: Actor): Promise<ReadPositionView>;
  /** Whether there is something that the actor, a person, has not read. */
  isBehind(conversation: string, actor: Actor): Promise<boolean>;
  /** The actor has read everything there is now. */
  toNewest(conversation: string, actor: Actor, change: Change): Promise<void>;
  /** The actor wants to have the customer's last message before them once more. */
  backBeforeLast(conversation: string, actor: Actor, change: Change): Promise<void>;
  /**
   * The messages of `source` are about to go into `target`. Call what it gives once they have: nothing that somebody has not read
   * counts as read then.
   */
  merging(source: string, target: string, change: Change): Promise<() => Promise<void>>;
  /** Whoever has left reads nothing. */
  forgetAgent(agent: string, change: Change): Promise<void>;
}

export interface ReadPositionDeps {
  positions: ReadPositionModel;
  messages: MessageModel;
  places: Pick<ConversationReach, "find">;
  log: EventLog;
  clock: Clock;
}

/** As in every list: whoever has more to read is told "a thousand or more". */
const MOST_COUNTED = 1_000;

type Place = Pick<ReadPosition, "message" | "at"> | null;

export function createReadPositionService({ positions, messages, places, log, clock }: ReadPositionDeps): ReadPositionService {
  const find = async (conversation: string, agent: string, session: ClientSession | null) =>
    (await positions.collection.findOne(
      { _id: keyOf(conversation, agent) as never },
      session ? { session } : {},
    )) as unknown as ReadPosition | null;

  /** The first or last message that meets a condition, by its id. */
  async function edge(filter: object, direction: 1 | -1, session: ClientSession | null): Promise<string | null> {
    const found = await messages.collection.findOne(filter as never, {
      projection: { _id: 1 },
      sort: { _id: direction },
      ...(session ? { session } : {}),
    });
    return (found?._id as unknown as string | undefined) ?? null;
  }

  async function viewOf(conversation: string, place: Place, session: ClientSession | null): Promise<ReadPositionView> {
    const filter = { conversation, ...(place ? { _id: { $gt: place.message } } : {}), ...OF_CUSTOMER };
    const unread = await messages.countDocuments(filter, { limit: MOST_COUNTED, ...(session ? { session } : {}) });
    return { conversation, message: place?.message ?? null, at: place?.at.toISOString() ?? null, unread };
  }

  /** Null: nothing has been read. */
  async function set(conversation: string, agent: string, message: string | null, change: Change): Promise<ReadPositionView> {
    const { session } = change;
    const _id = keyOf(conversation, agent) as never;
    const place = message === null ? null : { message, at: new Date(clock.now()) };
    if (place)
      await positions.collection.replaceOne({ _id }, { conversation, agent, ...place } as never, { session, upsert: true });
    else await positions.collection.deleteOne({ _id }, { session });
    const position = await viewOf(conversation, place, session);
    change.emit("read-position:updated", { agent, position });
    return position;
  }

  async function assertReaches(conversation: string, actor: Actor): Promise<void> {
    const place = await places.find(conversation);
    if (!place || !reaches(actor, place)) throw fail("conversation.not-found");
    // Another system reads nothing: it would be nobody's position.
    if (actor.kind !== "agent") throw fail("auth.person-only");
  }

  /** Where somebody stands once the messages of two conversations are one thread. */
  async function merged(talks: readonly (readonly [string, Place])[], session: ClientSession): Promise<string | null> {
    const unread: string[] = [];
    for (const [conversation, place] of talks) {
      const after = place ? { _id: { $gt: place.message } } : {};
      const first = await edge({ conversation, ...after, ...OF_CUSTOMER }, 1, session);
      if (first !== null) unread.push(first);
    }
    const read = talks.flatMap(([, place]) => place?.message ?? []);
    const first = unread.sort()[0];
    if (first === undefined) return read.sort().at(-1) ?? null;
    const before: string[] = [];
    for (const [conversation] of talks) {
      const last = await edge({ conversation, _id: { $lt: first } }, -1, session);
      if (last !== null) before.push(last);
    }
    return before.sort().at(-1) ?? null;
  }

  return {
    async get(conversation, actor) {
      await assertReaches(conversation, actor);
      return viewOf(conversation, await find(conversation, actor.id, null), null);
    },

    async move(conversation, message, actor) {
      await assertReaches(conversation, actor);
      return log.change(async (change) => {
        const { session } = change;
        const found = (await messages.findById(message, { conversation: 1 }, { session }).lean()) as Pick<
          Message,
          "conversation"
        > | null;
        if (found?.conversation !== conversation) throw fail("message.not-found");
        const before = await find(conversation, actor.id, session);
        if (before && before.message >= message) return viewOf(conversation, before, session);
        return set(conversation, actor.id, message, change);
      });
    },

    async isBehind(conversation, actor) {
      if (actor.kind !== "agent") return false;
      const newest = await edge({ conversation }, -1, null);
      return newest !== null && ((await find(conversation, actor.id, null))?.message ?? "") < newest;
    },

    async toNewest(conversation, actor, change) {
      if (actor.kind !== "agent") return;
      const newest = await edge({ conversation }, -1, change.session);
      const before = await find(conversation, actor.id, change.session);
      if (newest !== null && (before?.message ?? "") < newest) await set(conversation, actor.id, newest, change);
    },

    async backBeforeLast(conversation, actor, change) {
      if (actor.kind !== "agent") return;
      const { session } = change;
      const last = await edge({ conversation, ...OF_CUSTOMER }, -1, session);
      const before = await find(conversation, actor.id, session);
      if (last === null || before === null || before.message < last) return;
      await set(conversation, actor.id, await edge({ conversation, _id: { $lt: last } }, -1, session), change);
    },

    async merging(source, target, change) {
      const { session } = change;
      const rows = (await positions
        .find({ conversation: { $in: [source, target] } }, null, { session })
        .lean()) as ReadPosition[];
      const places: [string, string | null][] = [];
      for (const agent of new Set(rows.map((row) => row.agent))) {
        const of = (conversation: string) => rows.find((row) => row.conversation === conversation && row.agent === agent) ?? null;
        const talks = [source, target].map((conversation) => [conversation, of(conversation)] as const);
        places.push([agent, await merged(talks, session)]);
      }
      return async () => {
        for (const [agent, message] of places) {
          await positions.collection.deleteOne({ _id: keyOf(source, agent) as never }, { session });
          await set(target, agent, message, change);
        }
      };
    },

    async forgetAgent(agent, { session }) {
      await positions.collection.deleteMany({ agent }, { session });
    },
  };
}

/** What the customer has said; notes, replies and lines of activity are nothing that has to be read. */
const OF_CUSTOMER = { role: "user" } as const;

const keyOf = (conversation: string, agent: string): string => `${conversation}:${agent}`;
