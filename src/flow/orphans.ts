/**
 * Statuses that came before we knew the message they are about. They wait in the store until the call that sent it has been answered.
 * The only process on its data remembers whose statuses wait, so that not every send has to ask the store.
 */
import type { ClientSession } from "mongoose";
import type { InboundEventModel } from "./inbound-event.model";

/** More than can wait at once in earnest; beyond it every send asks the store. */
const MOST_REMEMBERED = 10_000;

/** In one command: a start after a crash must not wait for a sync of each. */
const AT_ONCE = 500;

export type KnownMessages = (keys: readonly string[]) => Promise<Set<string>>;

export interface Orphans {
  /** Sets these events aside; `orphaned` says which message each is about, as `channel:wamid`. */
  put(orphaned: ReadonlyMap<string, string>, session: ClientSession): Promise<void>;
  /** These messages are known now: their statuses are to be processed, in the order of `newOrder`. Says whether there were any. */
  release(messages: readonly string[], newOrder: () => string, session?: ClientSession): Promise<boolean>;
  /**
   * A process that died between the answer of a send and its `release` has left statuses of a message that is known by now: those that
   * came in since then are to be processed. `known` says which messages, as `channel:wamid`, are there.
   */
  releaseSince(time: Date, newOrder: () => string, known: KnownMessages): Promise<void>;
}

export function createOrphans({ events, isAlone }: { events: InboundEventModel; isAlone: boolean }): Orphans {
  /** Messages whose statuses wait, and perhaps some more; null: too many, or not ours alone. */
  let awaited: Set<string> | null = isAlone ? new Set() : null;
  /** What an earlier process left is remembered too. */
  let loaded: Promise<void> | null = null;

  async function load(): Promise<void> {
    const found = await events
      .find({ orphanOf: { $exists: true } }, { orphanOf: 1 })
      .limit(MOST_REMEMBERED)
      .lean();
    if (found.length === MOST_REMEMBERED) awaited = null;
    for (const { orphanOf } of found) awaited?.add(String(orphanOf));
  }

  async function stillAwaited(messages: readonly string[]): Promise<string[]> {
    if (awaited) {
      loaded ??= load().catch((error: unknown) => {
        // The store failed: whoever asks is told, and the next one tries again.
        loaded = null;
        throw error;
      });
      await loaded;
    }
    return awaited ? messages.filter((message) => awaited?.has(message)) : [...messages];
  }

  async function ready(rows: readonly { _id: unknown }[], newOrder: () => string, session?: ClientSession): Promise<void> {
    for (let at = 0; at < rows.length; at += AT_ONCE)
      await events.collection.bulkWrite(
        rows.slice(at, at + AT_ONCE).map(({ _id }) => ({
          updateOne: {
            filter: { _id: _id as never },
            update: { $set: { state: "ready", order: newOrder() }, $unset: { orphanOf: "" } } as never,
          },
        })),
        session ? { session } : {},
      );
  }

  return {
    async put(orphaned, session) {
      for (const [rowId, orphanOf] of orphaned) {
        // Before the commit: remembering one too many costs a look, forgetting one would lose it.
        awaited?.add(orphanOf);
        await events.collection.updateOne(
          { _id: rowId as never },
          { $set: { state: "orphan", orphanOf }, $unset: { order: "" } } as never,
          { session },
        );
      }
      if (awaited && awaited.size > MOST_REMEMBERED) awaited = null;
    },

    async release(messages, newOrder, session) {
      if (messages.length === 0) return false;
      const asked = await stillAwaited(messages);
      if (asked.length === 0) return false;
      const options = session ? { session } : {};
      const early = await events
        .find({ orphanOf: { $exists: true, $in: asked } }, { _id: 1 }, options)
        .sort({ receivedAt: 1 })
        .lean();
      await ready(early, newOrder, session);
      // In a transaction that may be taken back they stay remembered.
      if (!session) for (const message of asked) awaited?.delete(message);
      return early.length > 0;
    },

    async releaseSince(time, newOrder, known) {
      const rows = await events
        .find({ orphanOf: { $exists: true }, receivedAt: { $gte: time } }, { receivedAt: 1, orphanOf: 1 })
        .limit(MOST_REMEMBERED)
        .lean();
      const found = new Set<string>();
      for (let at = 0; at < rows.length; at += AT_ONCE) {
        const keys = rows.slice(at, at + AT_ONCE).map(({ orphanOf }) => String(orphanOf));
        for (const key of await known([...new Set(keys)])) found.add(key);
      }
      const adoptable = rows.filter(({ orphanOf }) => found.has(String(orphanOf)));
      await ready(
        adoptable.sort((a, b) => a.receivedAt.getTime() - b.receivedAt.getTime()),
        newOrder,
      );
    },
  };
}
