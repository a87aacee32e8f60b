/** The sandbox's Graph API and phones. Opened by app.ts. */
import { join } from "node:path";
import { channelOf } from "./app-channel";
import { startSandboxGraph } from "./channels/whatsapp/sandbox/sandbox-graph";
import type { Config } from "./config/env";
import type { Secrets } from "./config/secrets";
import type { Clock } from "./core/clock";
import type { Log } from "./core/log";

export interface SandboxDeps {
  config: Config;
  secrets: Secrets;
  /** Where our own door is, once it is open. */
  ownUrl: () => string;
  clock: Clock;
  log: Log;
}

export const openSandbox = ({ config, secrets, ownUrl, clock, log }: SandboxDeps) =>
  startSandboxGraph({
    channel: channelOf(config, secrets, ""),
    webhookUrl: () => `${ownUrl()}/api/v2/webhook`,
    statePath: join(config.dataDir, "sandbox.db"),
    log: log.child({ part: "sandbox" }),
    clock,
  });
