/** `serve`: runs the product until it is told to stop, and prints what to open and what to type next. */
import { createApp, type Started } from "../app";
import { type Config, loadConfig } from "../config/env";
import { describeError, fail } from "../core/errors";
import { createLog } from "../core/log";
import { readChaos } from "./chaos-flags";
import type { Command } from "./command";

const STOP_WITHIN_MS = 30_000;

export const serve: Command = {
  summary: "run the server (the default)",
  async run(args) {
    const chaos = readChaos(args);
    // Customers' conversations and secrets: every file we make is for the owner alone.
    process.umask(0o077);
    const config = loadConfig();
    const log = createLog({ level: config.logLevel });
    process.on("unhandledRejection", (error) => log.error("a promise was left without a catch", { error }));
    process.on("uncaughtException", (error) => log.error("an exception was left without a catch", { error }));
    const app = await createApp(config, { log, chaos });
    const { promise: stopped, resolve } = Promise.withResolvers<number>();
    const stop = (signal: string) => {
      log.info("stopping", { signal });
      const deadline = setTimeout(() => resolve(1), STOP_WITHIN_MS);
      void app.stop().then(() => {
        clearTimeout(deadline);
        log.info("stopped");
        resolve(0);
      });
    };
    process.on("SIGTERM", () => stop("SIGTERM"));
    process.on("SIGINT", () => stop("SIGINT"));
    try {
      console.log(banner(config, await app.start()));
    } catch (error) {
      // A taken port, for one: close what is open, then let main tell it.
      log.debug("the start failed", { reason: describeError(error) });
      await app.stop();
      throw (error as { code?: unknown }).code === "EADDRNOTAVAIL" ? notOurAddress(config, error) : error;
    }
    return stopped;
  },
};

const notOurAddress = ({ host }: Config, cause: unknown) =>
  fail("config.invalid", {
    message: `HOST ${host} is not an address of this machine. Use 127.0.0.1 for this machine only, or 0.0.0.0 for every network.`,
    cause,
  });

/** The first screen. Plain lines, because logs of a server are often read in a file. */
function banner(config: Config, { url, firstAdmin, storeKind, sandbox, assistant }: Started): string {
  const open = config.publicUrl ?? url;
  return [
    "",
    `  Chasqui is running.  Open  ${open}`,
    "",
    ...(firstAdmin
      ? [
          `  Sign in as   ${firstAdmin.email}`,
          firstAdmin.password
            ? `  Password     ${firstAdmin.password}      (shown only now)`
            : "  Password     the one in ADMIN_PASSWORD",
          "",
        ]
      : []),
    `  Store        ${storeKind === "embedded" ? `${config.dataDir}/chasqui.db` : "MongoDB"}`,
    `  Assistant    ${assistant ?? "off: every conversation goes to the agents' queue"}`,
    `  WhatsApp     ${sandbox ? "sandbox phones, no real messages" : `number ${config.whatsapp.phoneNumberId}`}`,
    ...(sandbox && config.whatsapp.missing.length < 4
      ? [`               still to be set: ${config.whatsapp.missing.join(", ")}`]
      : []),
    ...(sandbox
      ? [
          "",
          '  Talk to it   npm run simulate -- "Hola, ¿tienen stock?"',
          `               or play the customer at ${open}/sandbox`,
        ]
      : []),
    "",
  ].join("\n");
}
