/** The business number of this installation: from the environment, with the sandbox filling in whatever is not set. */
import type { Channel } from "./channels/whatsapp/channel";
import { defaults } from "./config/defaults";
import type { Config } from "./config/env";
import type { Secrets } from "./config/secrets";

const SANDBOX = { phoneNumberId: "100000000000001", wabaId: "200000000000002", displayNumber: "5115550100", name: "Tienda Ayni" };

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
    source: whatsapp.configured ? "environment" : "sandbox",
  };
}
