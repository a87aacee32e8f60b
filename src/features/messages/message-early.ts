/**
 * Reactions, edits and withdrawals that came before the message they are about. They are stored as messages of their own until that one
 * appears. The only process on its data remembers what they wait for, so that not every message has to ask the store.
 */
import type { ClientSession } from "mongoose";
import type { Message, MessageModel } from "./message.model";
import { inOrderWritten, wamidKey } from "./message-order";

/** More than can wait at once in earnest; beyond it every message asks the store. */
const MOST_REMEMBERED = 10_000;

export interface Named {
  channel: string;
  wamid: string;
}

export interface EarlyMessages {
  /** These are about to be stored. */
  note(messages: readonly Message[]): void;
  /** Those about the messages with these ids, by the `wamidKey` of those, oldest first. */
  find(pairs: readonly Named[], session?: ClientSession): Promise<Map<string, Message[]>>;
  /** What is waited for: a process that died after a send was answered has left some whose message is known by now. */
  listAwaited(): Promise<Named[]>;
}

export function createEarlyMessages(messages: MessageModel, isAlone: boolean): EarlyMessages {
  /** What is waited for, and perhaps some more; null: too many, or not ours alone. */
  let awaited: Set<string> | null = isAlone ? new Set() : null;
  /** What an earlier process left is remembered too. */
  let loaded: Promise<void> | null = null;

  async function listAwaited(): Promise<Named[]> {
    const found = (await messages.collection
      .find({ about: { $exists: true } }, { projection: { channel: 1, about: 1 } })
      .limit(MOST_REMEMBERED)
      .toArray()) as unknown as Message[];
    return found.map(({ channel, about }) => ({ channel, wamid: String(about) }));
  }

  async function load(): Promise<void> {
    const found = await listAwaited();
    if (found.length === MOST_REMEMBERED) awaited = null;
    for (const { channel, wamid } of found) awaited?.add(wamidKey(channel, wamid));
  }

  async function mayHave(pairs: readonly Named[]): Promise<readonly Named[]> {
    if (!awaited) return pairs;
    loaded ??= load().catch((error: unknown) => {
      // The store failed: whoever asks is told, and the next one tries again.
      loaded = null;
      throw error;
    });
    await loaded;
    return awaited ? pairs.filter(({ channel, wamid }) => awaited?.has(wamidKey(channel, wamid))) : pairs;
  }

  return {
    listAwaited,

    note(stored) {
      // Before the commit: remembering one too many costs a look, forgetting one would lose it.
      for (const { channel, about } of stored) if (about !== undefined) awaited?.add(wamidKey(channel, about));
      if (awaited && awaited.size > MOST_REMEMBERED) awaited = null;
    },

    async find(pairs, session) {
      const asked = await mayHave(pairs);
      if (asked.length === 0) return new Map();
      const channels = [...new Set(asked.map(({ channel }) => channel))];
      const about = asked.map(({ wamid }) => wamid);
      const found = (await messages.collection
        .find({ channel: { $in: channels }, about: { $exists: true, $in: about } } as never, session ? { session } : {})
        .toArray()) as unknown as Message[];
      return Map.groupBy(found.sort(inOrderWritten), (one) => wamidKey(one.channel, String(one.about)));
    },
  };
}
