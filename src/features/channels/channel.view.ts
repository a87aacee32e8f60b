/** A number as clients see it, without its credentials. */

import type { RetiredSecret } from "../../channels/whatsapp/channel";
import type { ChannelView } from "../../events/view";
import type { StoredChannel } from "./channel.model";
import { retiredUntil } from "./retired-secret";

export interface ChannelState {
  source: ChannelView["source"];
  isConnected: boolean;
  /** Replaced secrets of it. */
  retired: readonly RetiredSecret[];
  now: number;
}

export const toChannelView = (channel: StoredChannel, { source, isConnected, retired, now }: ChannelState): ChannelView => ({
  id: channel._id,
  phoneNumberId: channel.phoneNumberId,
  wabaId: channel.wabaId,
  displayNumber: channel.displayNumber,
  name: channel.name,
  source,
  isConnected,
  problem: isConnected ? channel.problem : "The credentials are missing or cannot be read. Enter them again.",
  readReceipts: channel.readReceipts,
  appId: channel.appId,
  token: {
    isValid: channel.tokenIsValid,
    expiresAt: channel.tokenExpiresAt?.toISOString() ?? null,
    missing: channel.tokenMissing,
  },
  replacedSecrets: {
    appSecretUntil: retiredUntil(retired, "appSecret", now)?.toISOString() ?? null,
    verifyTokenUntil: retiredUntil(retired, "verifyToken", now)?.toISOString() ?? null,
  },
  isSubscribed: channel.isSubscribed,
  checkedAt: channel.checkedAt?.toISOString() ?? null,
  quality: channel.quality,
  status: channel.status,
  nameStatus: channel.nameStatus,
  throughput: channel.throughput,
  messagingLimit: channel.messagingLimit,
  alerts: channel.alerts.map(({ at, kind, severity, text }) => ({ at: at.toISOString(), kind, severity, text })),
  createdAt: channel.createdAt.toISOString(),
  updatedAt: channel.updatedAt.toISOString(),
});
