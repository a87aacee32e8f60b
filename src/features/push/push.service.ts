/**
 * Tells agents on their devices what is for them: mentions, conversations they are given, new messages in what is theirs. Told at most
 * once, and only while they have no window open: a crash may lose a notification, never what it is about, which waits in the inbox.
 */
import type { Clock } from "../../core/clock";
import { describeError } from "../../core/errors";
import { sha256Hex as sha256 } from "../../core/id";
import type { Log } from "../../core/log";
import type { EventBus, PublishedEvent } from "../../events/bus";
import type { DurableData } from "../../events/catalog";
import type { NewDevice } from "./push.schema";
import type { PushDevice, PushDeviceModel, PushKey, PushKeyModel } from "./push-device.model";
import type { SendPush, VapidKeys } from "./push-send";
import { type NoticeFacts, noticeOf, type PushKind } from "./push-text";

export interface PushService {
  /** The application server key, made with the first question and kept. */
  publicKey(): Promise<string>;
  /** Adds or changes a browser. One that belonged to somebody else is theirs no more. */
  addDevice(device: NewDevice, agent: string, session: string): Promise<{ kinds: PushKind[] }>;
  /** False when there was none of theirs. */
  removeDevice(endpoint: string, agent: string): Promise<boolean>;
  /** Sends a test to all devices of somebody. */
  test(agent: string): Promise<{ sent: number; failed: number }>;
  start(): void;
  stop(): Promise<void>;
}

interface SecretBox {
  lock(value: object, owner: string): string;
  open(locked: string, owner: string): unknown;
}

export interface PushDeps {
  devices: PushDeviceModel;
  keys: PushKeyModel;
  box: SecretBox;
  send: SendPush;
  makeKeys: () => Promise<VapidKeys>;
  /** Whether they have a window open. */
  isHere: (agent: string) => boolean;
  /** What is said of a conversation. */
  findConversation: (id: string) => Promise<{ name: string; agents: string[] } | null>;
  findText: (message: string) => Promise<string>;
  bus: EventBus;
  clock: Clock;
  log: Log;
}

const KEY = "vapid";
export const KEY_OWNER = "push:vapid";
const MOST_DEVICES = 20;
const MOST_FAILURES = 10;

export function createPushService(deps: PushDeps): PushService {
  const { devices, keys, box, send, makeKeys, isHere, findConversation, findText, bus, clock, log } = deps;
  const running = new Set<Promise<void>>();
  let known: VapidKeys | null = null;
  let unsubscribe = () => {};
  const now = () => new Date(clock.now());

  async function vapid(): Promise<VapidKeys> {
    if (known) return known;
    const fresh = await makeKeys();
    const row: PushKey = { _id: KEY, publicKey: fresh.publicKey, sealed: box.lock({ privateKey: fresh.privateKey }, KEY_OWNER) };
    // Another process may make them at the same moment: the first ones stay.
    const { _id, ...fields } = row;
    const kept = (await keys.collection.findOneAndUpdate(
      { _id: _id as never },
      { $setOnInsert: fields as never },
      { upsert: true, returnDocument: "after" },
    )) as unknown as PushKey;
    known = opened(kept) ?? (await replaceKeys(row, fresh));
    return known;
  }

  /** Null when it was locked with an encryption key that is gone. */
  const opened = ({ publicKey, sealed }: PushKey): VapidKeys | null => {
    const kept = box.open(sealed, KEY_OWNER) as { privateKey: string } | null;
    return kept && { publicKey, privateKey: kept.privateKey };
  };

  /** Browsers believe only the key they have subscribed with: all of them subscribe anew. */
  async function replaceKeys({ _id, ...fields }: PushKey, fresh: VapidKeys): Promise<VapidKeys> {
    await devices.collection.deleteMany({});
    await keys.collection.updateOne({ _id: _id as never }, { $set: fields as never });
    log.warn("the key of notifications could not be opened and was made anew: every browser has to turn them on again");
    return fresh;
  }

  async function deliver(device: PushDevice, facts: Omit<NoticeFacts, "language">): Promise<boolean> {
    const outcome = await send(device, noticeOf({ ...facts, language: device.language }), await vapid());
    if (outcome === "gone" || (outcome === "failed" && device.failures + 1 >= MOST_FAILURES))
      await devices.collection.deleteOne({ _id: device._id as never });
    else if (outcome === "failed") await devices.collection.updateOne({ _id: device._id as never }, { $inc: { failures: 1 } });
    else if (device.failures > 0) await devices.collection.updateOne({ _id: device._id as never }, { $set: { failures: 0 } });
    return outcome === "sent";
  }

  async function tell(
    agents: readonly string[],
    seq: number,
    kind: PushKind,
    about: () => Promise<Pick<NoticeFacts, "name" | "text" | "conversation"> | null>,
  ) {
    const away = agents.filter((agent) => !isHere(agent));
    if (away.length === 0) return;
    const found = (await devices
      .find({ agent: { $in: away }, kinds: kind })
      .limit(500)
      .lean()) as PushDevice[];
    if (found.length === 0) return;
    const facts = await about();
    if (!facts) return;
    for (const device of found) {
      const { modifiedCount } = await devices.collection.updateOne(
        { _id: device._id as never, toldSeq: { $lt: seq } },
        { $set: { toldSeq: seq } },
      );
      if (modifiedCount === 1) await deliver(device, { kind, ...facts });
    }
  }

  async function take(event: PublishedEvent["event"], data: Record<string, unknown>, seq: number): Promise<void> {
    switch (event) {
      case "mention:new": {
        const { agent, conversation, message } = data as DurableData<"mention:new">;
        return tell([agent], seq, "mention", async () => {
          const about = await findConversation(conversation);
          return about && { name: about.name, text: await findText(message), conversation };
        });
      }
      case "assignment:new": {
        const { agent, by, conversation } = data as DurableData<"assignment:new">;
        if (agent === null || agent === by) return;
        return tell([agent], seq, "assignment", async () => {
          const about = await findConversation(conversation);
          return about && { name: about.name, text: "", conversation };
        });
      }
      case "message:new": {
        const { message } = data as DurableData<"message:new">;
        if (message.direction !== "inbound" || message.role !== "user") return;
        const about = await findConversation(message.conversation);
        if (!about) return;
        const { conversation, content } = message;
        return tell(about.agents, seq, "message", async () => ({ name: about.name, text: content, conversation }));
      }
      case "session:ended": {
        const { agent, sessions } = data as DurableData<"session:ended">;
        await devices.collection.deleteMany(sessions === null ? { agent } : { agent, session: { $in: sessions } });
      }
    }
  }

  function hear({ event, data, seq }: PublishedEvent): void {
    if (seq === null) return;
    const work = take(event, data, seq).catch((error: unknown) => {
      // Awaited: the store is away for a moment. What the notification was about waits in the inbox.
      log.warn("a notification was not sent", { event, reason: describeError(error) });
    });
    running.add(work);
    void work.finally(() => running.delete(work));
  }

  return {
    publicKey: async () => (await vapid()).publicKey,

    async addDevice({ endpoint, keys: given, kinds, language }, agent, session) {
      const _id = sha256(endpoint);
      const fields = { agent, session, endpoint, keys: given, kinds, language, failures: 0, updatedAt: now() };
      await devices.collection.updateOne(
        { _id: _id as never },
        { $set: fields as never, $setOnInsert: { toldSeq: 0, createdAt: now() } },
        { upsert: true },
      );
      const old = await devices.find({ agent }, { _id: 1 }).sort({ updatedAt: -1 }).skip(MOST_DEVICES).limit(100).lean();
      if (old.length > 0) await devices.collection.deleteMany({ _id: { $in: old.map((one) => one._id) as never[] } });
      return { kinds };
    },

    async removeDevice(endpoint, agent) {
      const { deletedCount } = await devices.collection.deleteOne({ _id: sha256(endpoint) as never, agent });
      return deletedCount === 1;
    },

    async test(agent) {
      const mine = (await devices.find({ agent }).limit(MOST_DEVICES).lean()) as PushDevice[];
      let sent = 0;
      for (const device of mine)
        if (await deliver(device, { kind: "test", name: "", text: "Chasqui", conversation: null })) sent++;
      return { sent, failed: mine.length - sent };
    },

    start() {
      unsubscribe = bus.subscribe(hear);
    },

    async stop() {
      unsubscribe();
      await Promise.all(running);
    },
  };
}
