/**
 * The business numbers of this installation: one may come from the environment, any number may be stored with locked credentials.
 * `find` answers from memory and always with what holds now; everything else reads and writes the store.
 */
import type { Channel } from "../../channels/whatsapp/channel";
import type { NoticeEvent } from "../../channels/whatsapp/inbound";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, shortHash } from "../../core/id";
import { decodeCursor, type Page, toPage } from "../../core/page";
import type { Change, EventLog } from "../../events/log";
import type { ChannelView } from "../../events/view";
import type { AuditActor, AuditPort } from "../audit/audit.service";
import type { ChannelModel, StoredChannel } from "./channel.model";
import type { ChannelPatch, ChannelQuery, NewChannel } from "./channel.schema";
import { toChannelView } from "./channel.view";
import type { ConnectedChannel } from "./channel-line";
import { effectOf, filterOf, withAlert } from "./channel-notice";
import { type ChannelRegistryDeps, type Credentials, createChannelRegistry } from "./channel-registry";
import { withRetired } from "./retired-secret";

export interface ChannelService {
  /** Connects what is stored and the number of the environment. Call once at start, before anything else. */
  load(): Promise<void>;
  /** Brings the memory in line with what another process has stored: of one number, or of all. */
  refresh(id: string | null): Promise<void>;
  /** The number with this phone number id, ready to use; null when it is not connected. From memory. */
  find(phoneNumberId: string): ConnectedChannel | null;
  /** All connected numbers. From memory. */
  listConnected(): readonly ConnectedChannel[];
  getChannel(id: string): Promise<ChannelView>;
  /** As stored, for the upkeep. */
  getStored(id: string): Promise<StoredChannel>;
  /** The connected number with our own id. Throws channel.not-found or channel.not-connected. */
  getConnected(id: string): Promise<ConnectedChannel>;
  listChannels(query: ChannelQuery): Promise<Page<ChannelView>>;
  /** Connects a number after Meta has confirmed that the token reaches it. The same `clientKey` gives the first answer again. */
  createChannel(channel: NewChannel, clientKey: string | null, by: AuditActor): Promise<ChannelView>;
  patchChannel(id: string, patch: ChannelPatch, by: AuditActor): Promise<ChannelView>;
  /** Forgets a stored number and its credentials. Conversations stay. */
  removeChannel(id: string, by: AuditActor): Promise<void>;
  /** What a webhook says about numbers and accounts. Does nothing for other news. In the caller's transaction. */
  applyNotice(event: NoticeEvent, change: Change): Promise<void>;
  /** Changes what is known about a number, and tells it. New credentials hold from the commit on. */
  update(id: string, fields: Partial<StoredChannel>, credentials?: NewCredentials, by?: AuditActor): Promise<StoredChannel>;
  /** Stored numbers whose last check is older than `before`, or never was. */
  listUnchecked(before: Date, limit: number): Promise<StoredChannel[]>;
}

/** Those that are replaced, and for how many hours the app secret and the verify token they replace are still believed. */
export type NewCredentials = Partial<Omit<Credentials, "retired">> & { keepPreviousHours?: number | undefined };

export interface ChannelDeps extends ChannelRegistryDeps {
  channels: ChannelModel;
  audit: AuditPort;
  log: EventLog;
  clock: Clock;
}

/** No installation has more numbers; all of them are in memory. */
const MOST_CHANNELS = 1_000;

export function createChannelService(deps: ChannelDeps): ChannelService {
  const { channels, own, box, audit, log, clock } = deps;
  const registry = createChannelRegistry(deps);
  const { isOwn, credentialsOf, register } = registry;
  const now = () => new Date(clock.now());

  const viewOf = (stored: StoredChannel): ChannelView =>
    toChannelView(stored, {
      source: isOwn(stored) && own ? own.source : "stored",
      isConnected: registry.find(stored.phoneNumberId) !== null,
      retired: registry.find(stored.phoneNumberId)?.channel.retired ?? [],
      now: clock.now(),
    });

  async function findStored(id: string): Promise<StoredChannel> {
    const stored = (await channels.findById(id).lean()) as StoredChannel | null;
    if (!stored) throw fail("channel.not-found");
    return stored;
  }

  async function save(id: string, fields: Partial<StoredChannel>, change: Change): Promise<StoredChannel> {
    const after = await channels.collection.findOneAndUpdate(
      { _id: id as never },
      { $set: { ...fields, updatedAt: now() } } as never,
      { session: change.session, returnDocument: "after" },
    );
    if (!after) throw fail("channel.not-found");
    return after as unknown as StoredChannel;
  }

  async function addOwn({ phoneNumberId, wabaId, displayNumber, name, source }: Channel): Promise<void> {
    const told = source === "sandbox" ? { displayNumber, name } : {};
    const known = (await channels.findOne({ phoneNumberId }).lean()) as StoredChannel | null;
    if (!known) await channels.collection.insertOne(fresh({ phoneNumberId, wabaId, ...told }, now()) as never);
    else if (known.wabaId !== wabaId) await channels.updateOne({ _id: known._id }, { $set: { wabaId, updatedAt: now() } });
  }

  const service: ChannelService = {
    async load() {
      if (own) await addOwn(own);
      for (const stored of (await channels.find({}).limit(MOST_CHANNELS).lean()) as StoredChannel[]) register(stored);
    },

    async refresh(id) {
      const stored = (await channels
        .find(id === null ? {} : { _id: id })
        .limit(MOST_CHANNELS)
        .lean()) as StoredChannel[];
      const known = new Set(stored.map(({ _id }) => _id));
      for (const line of registry.list())
        if (!known.has(line.id) && (id === null || line.id === id)) registry.forget(line.channel.phoneNumberId);
      for (const one of stored) register(one);
    },

    find: registry.find,
    listConnected: registry.list,

    getChannel: async (id) => viewOf(await findStored(id)),
    getStored: findStored,

    async getConnected(id) {
      const { phoneNumberId } = await findStored(id);
      const channel = registry.find(phoneNumberId);
      if (!channel) throw fail("channel.not-connected");
      return channel;
    },

    async listChannels({ limit, cursor, phoneNumberId }) {
      const [after] = cursor ? decodeCursor(cursor, ["string"]) : [];
      const rows = await channels
        .find({ ...(phoneNumberId ? { phoneNumberId } : {}), ...(after ? { _id: { $gt: after as string } } : {}) })
        .sort({ _id: 1 })
        .limit(limit + 1)
        .lean();
      return toPage(rows as StoredChannel[], limit, viewOf, ({ _id }) => [_id]);
    },

    async createChannel(
      { phoneNumberId, wabaId, accessToken, appSecret, verifyToken, appId, readReceipts = true },
      clientKey,
      by,
    ) {
      const originKey = clientKey === null ? null : shortHash(`channel:${clientKey}`);
      const known = (await channels.findOne({ phoneNumberId }).lean()) as StoredChannel | null;
      if (known && originKey !== null && known.originKey === originKey) return viewOf(known);
      if (known && isOwn(known)) throw fail("channel.from-environment");
      if (known?.credentials) throw fail("channel.exists");
      const stored = fresh({ phoneNumberId, wabaId, appId: appId ?? null, readReceipts, originKey }, now());
      if (known) stored._id = known._id;
      const credentials: Credentials = { accessToken, appSecret, verifyToken };
      Object.assign(stored, await introduce(stored, credentials));
      stored.credentials = box.lock(credentials, stored._id);
      await log.change(async (change) => {
        await channels.collection.replaceOne({ _id: stored._id as never }, stored as never, {
          upsert: true,
          session: change.session,
        });
        await audit.record(change, {
          actor: by,
          action: "channel.create",
          target: targetOf(stored),
          after: { phoneNumberId, wabaId, appId: stored.appId, readReceipts, ...credentials },
        });
        change.emit("channel:updated", {
          channel: toChannelView(stored, { source: "stored", isConnected: true, retired: [], now: clock.now() }),
        });
      });
      register(stored);
      return viewOf(stored);
    },

    async patchChannel(id, { appId, readReceipts, ...credentials }, by) {
      const stored = await findStored(id);
      if (isOwn(stored) && Object.keys(credentials).length > 0) throw fail("channel.from-environment");
      if (credentials.accessToken !== undefined)
        await introduce(stored, { ...emptyCredentials, ...credentialsOf(stored), ...credentials });
      const fields = {
        ...(appId === undefined ? {} : { appId }),
        ...(readReceipts === undefined ? {} : { readReceipts }),
      };
      return viewOf(await service.update(id, fields, credentials, by));
    },

    async removeChannel(id, by) {
      const stored = await findStored(id);
      if (isOwn(stored)) throw fail("channel.from-environment");
      await log.change(async (change) => {
        await channels.collection.deleteOne({ _id: id as never }, { session: change.session });
        await audit.record(change, { actor: by, action: "channel.remove", target: targetOf(stored) });
        change.emit("channel:removed", { channel: id });
      });
      registry.forget(stored.phoneNumberId);
    },

    async update(id, fields, { keepPreviousHours, ...credentials } = {}, by) {
      const after = await log.change(async (change) => {
        const stored = (await channels.findById(id, null, { session: change.session }).lean()) as StoredChannel | null;
        if (!stored) throw fail("channel.not-found");
        const isRenewed = Object.keys(credentials).length > 0 || keepPreviousHours !== undefined;
        const known = { ...emptyCredentials, ...credentialsOf(stored) };
        const merged = withRetired(pick(known), { ...pick(known), ...credentials }, keepPreviousHours, clock.now());
        const locked = isRenewed ? { credentials: box.lock(merged, id) } : {};
        const saved = await save(id, { ...fields, ...locked }, change);
        const isConnected = registry.find(saved.phoneNumberId) !== null || isRenewed;
        const source = isOwn(saved) && own ? own.source : "stored";
        if (by) {
          await audit.record(change, {
            actor: by,
            action: "channel.update",
            target: targetOf(saved),
            // Of a credential only that it was changed.
            before: { appId: stored.appId, readReceipts: stored.readReceipts },
            after: {
              appId: saved.appId,
              readReceipts: saved.readReceipts,
              ...credentials,
              ...(keepPreviousHours === undefined ? {} : { keepPreviousHours }),
            },
          });
        }
        change.emit("channel:updated", {
          channel: toChannelView(saved, { source, isConnected, retired: merged.retired ?? [], now: clock.now() }),
        });
        return saved;
      });
      register(after);
      return after;
    },

    async applyNotice(event, change) {
      const effect = effectOf(event);
      if (!effect) return;
      const filter = filterOf(event, effect.scope, effect.wabaId);
      if (!filter) return;
      const find = async (numbers: Record<string, unknown>) =>
        (await channels.find(numbers, null, { session: change.session }).limit(MOST_CHANNELS).lean()) as StoredChannel[];
      let found = await find(filter);
      // Until Meta has told which digits belong to a number, news about digits of its account are taken to be about it.
      if (found.length === 0 && filter.displayNumber && event.wabaId)
        found = await find({ wabaId: event.wabaId, displayNumber: "" });
      for (const stored of found) {
        const alerts = effect.alert
          ? { alerts: withAlert(stored.alerts, { at: new Date(Math.min(event.at, clock.now())), ...effect.alert }) }
          : {};
        const saved = await save(stored._id, { ...effect.fields, ...alerts }, change);
        change.emit("channel:updated", { channel: viewOf(saved) });
      }
    },

    async listUnchecked(before, limit) {
      return (await channels
        .find({ $or: [{ checkedAt: null }, { checkedAt: { $lt: before } }] })
        .limit(limit)
        .lean()) as StoredChannel[];
    },
  };

  /** Asks Meta whether the token reaches this number of this account. Throws Meta's reason, or channel.not-in-account. */
  async function introduce(stored: StoredChannel, credentials: Credentials): Promise<Partial<StoredChannel>> {
    const numbers = await registry.tryOut(stored, credentials).account.listNumbers();
    const number = numbers.find((one) => one.phoneNumberId === stored.phoneNumberId);
    if (!number) throw fail("channel.not-in-account");
    return numberFields(number);
  }

  return service;
}

/** A number nothing is known about but what is given. */
function fresh(fields: Pick<StoredChannel, "phoneNumberId" | "wabaId"> & Partial<StoredChannel>, at: Date): StoredChannel {
  return {
    _id: newId(at.getTime()),
    displayNumber: "",
    name: "",
    appId: null,
    credentials: null,
    readReceipts: true,
    tokenIsValid: null,
    tokenExpiresAt: null,
    tokenMissing: [],
    isSubscribed: null,
    checkedAt: null,
    problem: null,
    quality: null,
    status: null,
    nameStatus: null,
    throughput: null,
    messagingLimit: null,
    alerts: [],
    originKey: null,
    createdAt: at,
    updatedAt: at,
    ...fields,
  };
}

const targetOf = ({ _id, displayNumber, phoneNumberId }: StoredChannel) => ({
  kind: "channel",
  id: _id,
  name: displayNumber || phoneNumberId,
});

const emptyCredentials: Credentials = { accessToken: "", appSecret: "", verifyToken: "" };
const pick = ({ accessToken, appSecret, verifyToken, retired = [] }: Credentials): Credentials => ({
  accessToken,
  appSecret,
  verifyToken,
  retired,
});

/** What Meta tells about a number, as stored. Fields it leaves out keep their value. */
export function numberFields(number: {
  displayNumber: string;
  name?: string;
  quality?: string;
  status?: string;
  nameStatus?: string;
  throughput?: string;
  messagingLimit?: string;
}): Partial<StoredChannel> {
  const { displayNumber, name, quality, status, nameStatus, throughput, messagingLimit } = number;
  const told = { displayNumber: displayNumber || undefined, name, quality, status, nameStatus, throughput, messagingLimit };
  return Object.fromEntries(Object.entries(told).filter(([, value]) => value !== undefined));
}
