/** The numbers that are connected, in memory: `find` answers at once and always with what holds now. Holders go on with a number whose credentials change. */
import type { Channel, RetiredSecret } from "../../channels/whatsapp/channel";
import type { Log } from "../../core/log";
import type { StoredChannel } from "./channel.model";
import type { ConnectChannel, ConnectedChannel } from "./channel-line";
import type { CredentialBox } from "./credential-box";

export interface Credentials {
  accessToken: string;
  appSecret: string;
  verifyToken: string;
  /** What was replaced and is still believed. */
  retired?: readonly RetiredSecret[];
}

export interface ChannelRegistryDeps {
  /** The number of the environment or the sandbox, with its credentials. */
  own: Channel | null;
  /** Where stored numbers reach the Graph API. */
  graphUrl: string;
  graphVersion: string;
  box: CredentialBox;
  connect: ConnectChannel;
  logger: Log;
}

export interface ChannelRegistry {
  find(phoneNumberId: string): ConnectedChannel | null;
  /** The same list until something about a number changes. */
  list(): readonly ConnectedChannel[];
  isOwn(stored: Pick<StoredChannel, "phoneNumberId">): boolean;
  /** Null when there are none, or they cannot be read. */
  credentialsOf(stored: StoredChannel): Credentials | null;
  /** Brings the memory in line with a stored number. */
  register(stored: StoredChannel): void;
  forget(phoneNumberId: string): void;
  /** The lines of a number that is not connected yet, to ask Meta about it. */
  tryOut(number: Pick<StoredChannel, "phoneNumberId" | "wabaId">, credentials: Credentials): ReturnType<ConnectChannel>;
}

export function createChannelRegistry({
  own,
  graphUrl,
  graphVersion,
  box,
  connect,
  logger,
}: ChannelRegistryDeps): ChannelRegistry {
  const connected = new Map<string, ConnectedChannel>();
  let listed: readonly ConnectedChannel[] | null = null;
  const isOwn = ({ phoneNumberId }: Pick<StoredChannel, "phoneNumberId">) => phoneNumberId === own?.phoneNumberId;

  function credentialsOf(stored: StoredChannel): Credentials | null {
    if (isOwn(stored) && own) return own;
    return stored.credentials === null ? null : (box.open(stored.credentials, stored._id) as Credentials | null);
  }

  function channelOf(stored: StoredChannel, { accessToken, appSecret, verifyToken, retired = [] }: Credentials): Channel {
    const base = isOwn(stored) && own ? own : { graphUrl, graphVersion, source: "stored" as const };
    return {
      phoneNumberId: stored.phoneNumberId,
      wabaId: stored.wabaId,
      displayNumber: stored.displayNumber,
      name: stored.name || "WhatsApp",
      graphUrl: base.graphUrl,
      graphVersion: base.graphVersion,
      source: base.source,
      accessToken,
      appSecret,
      verifyToken,
      retired,
    };
  }

  return {
    find: (phoneNumberId) => connected.get(phoneNumberId) ?? null,
    list: () => (listed ??= [...connected.values()]),
    isOwn,
    credentialsOf,

    register(stored) {
      const { phoneNumberId, readReceipts, throughput, appId } = stored;
      listed = null;
      const credentials = credentialsOf(stored);
      if (!credentials) {
        if (stored.credentials !== null) logger.error("the credentials of a number cannot be read", { channel: phoneNumberId });
        connected.delete(phoneNumberId);
        return;
      }
      const channel = channelOf(stored, credentials);
      const known = connected.get(phoneNumberId);
      if (known) {
        Object.assign(known.channel, channel);
        Object.assign(known, { readReceipts, throughput, appId });
        return;
      }
      const entry = { id: stored._id, channel, readReceipts, throughput, appId } as ConnectedChannel;
      const live = {
        accessToken: () => entry.channel.accessToken,
        readReceipts: () => entry.readReceipts,
        appId: () => entry.appId,
      };
      connected.set(phoneNumberId, Object.assign(entry, connect(channel, live)));
    },

    forget(phoneNumberId) {
      listed = null;
      connected.delete(phoneNumberId);
    },

    tryOut({ phoneNumberId, wabaId }, credentials) {
      const channel: Channel = {
        phoneNumberId,
        wabaId,
        displayNumber: "",
        name: "",
        graphUrl,
        graphVersion,
        source: "stored",
        ...credentials,
      };
      return connect(channel, { accessToken: () => credentials.accessToken, readReceipts: () => false, appId: () => null });
    },
  };
}
