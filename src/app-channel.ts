/** The business numbers of this installation: the one of the environment or the sandbox, and how any number reaches WhatsApp. */
import { createAccountClient } from "./channels/whatsapp/account";
import type { Channel } from "./channels/whatsapp/channel";
import { createGraph } from "./channels/whatsapp/graph";
import { createHandleClient } from "./channels/whatsapp/handles";
import { createMediaClient } from "./channels/whatsapp/media";
import type { MediaStorage } from "./channels/whatsapp/media-storage";
import { createTemplateClient } from "./channels/whatsapp/templates";
import { defaults } from "./config/defaults";
import type { Config } from "./config/env";
import type { Secrets } from "./config/secrets";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";
import type { ConnectChannel } from "./features/channels/channel-line";

const SANDBOX = { phoneNumberId: "100000000000001", wabaId: "200000000000002", displayNumber: "5115550100", name: "Tienda Ayni" };

/** The environment's number, with the sandbox filling in whatever is not set. */
export function channelOf({ whatsapp }: Config, secrets: Secrets, sandboxUrl: string): Channel {
  return {
    phoneNumberId: whatsapp.phoneNumberId ?? SANDBOX.phoneNumberId,
    wabaId: whatsapp.businessAccountId ?? SANDBOX.wabaId,
    displayNumber: SANDBOX.displayNumber,
    name: SANDBOX.name,
    graphUrl: whatsapp.graphUrl ?? (sandboxUrl || defaults.WHATSAPP_GRAPH_URL),
    graphVersion: whatsapp.graphVersion,
    accessToken: whatsapp.accessToken ?? secrets.sandboxAccessToken,
    appSecret: whatsapp.appSecret ?? secrets.sandboxAppSecret,
    verifyToken: whatsapp.verifyToken ?? secrets.sandboxVerifyToken,
    retired: [
      ...(whatsapp.previousAppSecret ? [{ kind: "appSecret" as const, value: whatsapp.previousAppSecret, until: null }] : []),
      ...(whatsapp.previousVerifyToken
        ? [{ kind: "verifyToken" as const, value: whatsapp.previousVerifyToken, until: null }]
        : []),
    ],
    source: whatsapp.configured ? "environment" : "sandbox",
  };
}

/** Opens the lines of a number. Read receipts that are off keep "typing..." silent too: WhatsApp has only one call for both. */
export const connectChannel =
  ({ storage, clock, log }: { storage: MediaStorage; clock: Clock; log: Log }): ConnectChannel =>
  ({ graphUrl: baseUrl, graphVersion: version, phoneNumberId, wabaId }, { accessToken, readReceipts, appId }) => {
    const options = { baseUrl, version, accessToken, clock };
    const graph = createGraph({ ...options, phoneNumberId, log });
    const account = createAccountClient({ ...options, wabaId });
    return {
      graph: {
        send: graph.send,
        markRead: async (wamid, how) => {
          if (readReceipts() && wamid !== "") await graph.markRead(wamid, how);
        },
      },
      media: createMediaClient({ ...options, phoneNumberId, storage }),
      // A number whose app nobody typed in: Meta knows it by the token.
      handles: createHandleClient({ ...options, appId: async () => appId() ?? (await account.checkToken()).appId }),
      account,
      templates: createTemplateClient({ ...options, wabaId }),
    };
  };
