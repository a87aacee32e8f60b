/**
 * The durable event log. A change and its events are written in one transaction; the sequence comes from a counter in the
 * same transaction, so it has no gaps and follows the order of commits. Listeners hear of events only after the commit.
 */
import type { ClientSession } from "mongoose";
import type { Belonging } from "../core/actor";
import { activeCause, withCause } from "../core/cause";
import type { Clock } from "../core/clock";
import { activeClaim } from "../core/request-claim";
import type { CommittedEvent, EventBus } from "./bus";
import type { DurableData, DurableEvent } from "./catalog";
import { createChangeQueue } from "./change-queue";
import type { CounterModel, EventModel, StoredEvent } from "./event.model";
import { lookedUp, roomsOf, toldPlace, topicsOfDurable } from "./topics";

const COUNTER = "events";
/** More than a client can have missed during a working day; beyond it loading the page anew is cheaper. */
export const RESUME_LIMIT = 5_000;

export interface Change {
  session: ClientSession;
  /**
   * Tells an event of this change. It is stored with the change and published after the commit, or not at all. `before` is where a
   * conversation belonged until now, so that those who lose it are told.
   */
  emit<E extends DurableEvent>(event: E, data: DurableData<E>, correlationId?: string | null, before?: Belonging): void;
}

/** Where conversations belong, and those of contacts. */
export interface Belongings {
  ofConversations(ids: readonly string[], session: ClientSession): Promise<Map<string, Belonging>>;
  ofContacts(ids: readonly string[], session: ClientSession): Promise<Map<string, Belonging[]>>;
}

export type RunTransaction = <T>(fn: (session: ClientSession) => Promise<T>) => Promise<T>;

interface Pending extends Omit<CommittedEvent, "_id" | "topics" | "left"> {
  before: Belonging | undefined;
}

export interface EventLogDeps {
  events: EventModel;
  counters: CounterModel;
  transaction: RunTransaction;
  bus: EventBus;
  belongings: Belongings;
  clock: Clock;
  /** How many transactions may be open at once: one on the embedded store. */
  atOnce?: number;
  /** Told after each commit with events, for other processes. */
  onCommitted?: () => void;
}

export interface EventLog {
  /**
   * Runs `fn` in a transaction together with the events it emits. Rolls both back when `fn` throws. Changes of the same moment share
   * a transaction, so `fn` may be run more than once and must not wait for another change.
   */
  change<T>(fn: (change: Change) => Promise<T>): Promise<T>;
  /** Events after `seq` that have been handed out, oldest first, or null when they are no longer all there or too many. */
  since(seq: number): Promise<StoredEvent[] | null>;
  /** Tells the bus where the numbering stands. Call once at start. */
  start(): Promise<void>;
}

export function createEventLog(deps: EventLogDeps): EventLog {
  const { events, counters, transaction, bus, belongings, clock, atOnce = 1, onCommitted } = deps;

  /** Each event's topics, by what the store says in this very transaction about where it belongs. */
  async function placed(session: ClientSession, pending: readonly Pending[]): Promise<Pick<StoredEvent, "topics" | "left">[]> {
    const subjects = pending.map(({ event, value }) => lookedUp(event, value as never));
    // Whoever changes where a conversation belongs tells it, so what was told last is how it stands at the end of the transaction.
    const told = new Map(pending.flatMap(({ event, value }) => toldPlace(event, value as never) ?? []));
    const conversations = new Set(
      subjects.flatMap((one) => (one && "conversation" in one && !told.has(one.conversation) ? one.conversation : [])),
    );
    const contacts = new Set(subjects.flatMap((one) => (one && "contact" in one ? one.contact : [])));
    const byConversation = conversations.size > 0 ? await belongings.ofConversations([...conversations], session) : null;
    const byContact = contacts.size > 0 ? await belongings.ofContacts([...contacts], session) : null;
    return pending.map(({ event, value, before }, index) => {
      const subject = subjects[index];
      const found = !subject
        ? []
        : "contact" in subject
          ? byContact?.get(subject.contact)
          : [told.get(subject.conversation) ?? byConversation?.get(subject.conversation) ?? []].flat();
      const topics = topicsOfDurable(event, value as never, found);
      const left = before ? roomsOf(before).filter((room) => !topics.includes(room)) : [];
      return left.length > 0 ? { topics, left } : { topics };
    });
  }

  async function write(session: ClientSession, pending: readonly Pending[]): Promise<CommittedEvent[]> {
    if (pending.length === 0) return [];
    const counter = await counters.collection.findOneAndUpdate(
      { _id: COUNTER as never },
      { $inc: { value: pending.length } },
      { session, upsert: true, returnDocument: "after" },
    );
    const first = Number(counter?.value) - pending.length + 1;
    const places = await placed(session, pending);
    const stored = pending.map(({ value: _value, before: _before, ...event }, index) => ({
      _id: first + index,
      ...event,
      ...(places[index] as Pick<StoredEvent, "topics" | "left">),
    }));
    await events.collection.insertMany(stored as never[], { session, ordered: true });
    return stored.map((event, index) => ({ ...event, value: (pending[index] as Pending).value }));
  }

  const queue = createChangeQueue<Pending, CommittedEvent[]>({
    transaction,
    write,
    committed: (stored) => {
      bus.publish(stored);
      if (stored.length > 0) onCommitted?.();
    },
    atOnce,
  });

  return {
    change: (fn) => {
      const claim = activeClaim();
      const chain = activeCause();
      return queue.add(async (session, told) => {
        const at = new Date(clock.now());
        // Before the change: of one that is run alone again because of another member nothing is kept.
        await claim?.mark(session);
        const run = () => fn({ session, emit });
        // Whoever shares the transaction has another cause.
        return withCause(chain, run);

        function emit<E extends DurableEvent>(
          event: E,
          data: DurableData<E>,
          correlationId: string | null = null,
          before?: Belonging,
        ): void {
          const cause = activeCause();
          told.push({
            event,
            before,
            data: JSON.stringify(data),
            value: data as Record<string, unknown>,
            correlationId,
            ...(cause.length > 0 ? { cause: [...cause] } : {}),
            at,
          });
        }
      });
    },

    async since(seq) {
      // What is committed but not yet handed out is left to the bus, else it would come twice.
      const newest = bus.seq;
      if (newest - seq > RESUME_LIMIT) return null;
      const found = await events
        .find({ _id: { $gt: seq, $lte: newest } })
        .sort({ _id: 1 })
        .lean();
      const complete = found.length === 0 ? seq >= newest : found[0]?._id === seq + 1;
      return complete ? (found as StoredEvent[]) : null;
    },

    async start() {
      const counter = await counters.findById(COUNTER).lean();
      bus.startAfter(counter?.value ?? 0);
    },
  };
}
