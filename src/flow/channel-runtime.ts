/** A business number that is ready to use: what it is, and its line to the Graph API. */
import type { Channel } from "../channels/whatsapp/channel";
import type { Graph } from "../channels/whatsapp/graph";

export interface ChannelRuntime {
  channel: Channel;
  graph: Graph;
  /** Meta's level of the number's throughput, if it has told one. */
  throughput: string | null;
}
