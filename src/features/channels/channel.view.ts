/** A number as clients see it, without its credentials. */
import type { ChannelView } from "../../events/view";
import type { StoredChannel } from "./channel.model";

export interface ChannelState {
  source: ChannelView["source"];
  isConnected: boolean;
}

export const toChannelView = (channel: StoredChannel, { source, isConnected }: ChannelState): ChannelView => ({
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
