/** What a connected number can do: its lines to WhatsApp. Built by the composition root, because features know no channel. */
import type { AccountClient } from "../../channels/whatsapp/account";
import type { Channel } from "../../channels/whatsapp/channel";
import type { Graph } from "../../channels/whatsapp/graph";
import type { HandleClient } from "../../channels/whatsapp/handles";
import type { MediaClient } from "../../channels/whatsapp/media";
import type { TemplateClient } from "../../channels/whatsapp/templates";

export interface ChannelLines {
  graph: Graph;
  media: MediaClient;
  handles: HandleClient;
  account: AccountClient;
  templates: TemplateClient;
}

/** A number that is ready to use. */
export interface ConnectedChannel extends ChannelLines {
  /** Our own id of it. */
  id: string;
  channel: Channel;
  readReceipts: boolean;
  /** The Meta app of its token, where it was told. */
  appId: string | null;
  /** Meta's level of its throughput, STANDARD or HIGH, if it has told one. */
  throughput: string | null;
}

/** Opens the lines of a number. The token is asked for at every call, because tokens are renewed. */
export type ConnectChannel = (
  channel: Channel,
  live: { accessToken: () => string; readReceipts: () => boolean; appId: () => string | null },
) => ChannelLines;
