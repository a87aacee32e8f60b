/** The people of a data directory whose server does not run: what the administrator of the machine needs of them, and nothing else. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { openModels } from "./app-models";
import { openPeople, type People } from "./app-people";
import { openProtection } from "./app-protection";
import { loadKeyRing } from "./config/encryption-key";
import type { Config } from "./config/env";
import { loadSecrets } from "./config/secrets";
import { systemClock } from "./core/clock";
import { fail } from "./core/errors";
import { createLog } from "./core/log";
import { EventBus } from "./events/bus";
import { createEventLog } from "./events/log";
import { createCredentialBox } from "./features/channels/credential-box";
import { createConversationService } from "./features/conversations/conversation.service";
import { createConversationReach } from "./features/conversations/conversation-reach";
import { createReadPositionService } from "./features/read-positions/read-position.service";
import { securitySettings } from "./features/settings/security-settings";
import { FILE, openStore } from "./store/connect";
import { lockDataDir } from "./store/data-dir-lock";

export interface StoppedPeople extends AsyncDisposable {
  people: People["control"];
}

/** Throws `store.no-database` where no server has ever run, and `data-dir.in-use` while one starts or ends. */
export async function openStoppedPeople(config: Config): Promise<StoppedPeople> {
  const { dataDir, mongodbUri } = config;
  if (!mongodbUri && !existsSync(join(dataDir, FILE)))
    throw fail("store.no-database", { message: `There is no database in ${dataDir}. Start the server once: it makes one.` });
  const closers: (() => unknown)[] = [];
  const close = async () => {
    for (const one of closers.splice(0).reverse()) await one();
  };
  try {
    const lock = lockDataDir(dataDir);
    closers.push(() => lock.release());
    const clock = systemClock;
    const log = createLog({ level: "warn", write: (line) => void process.stderr.write(line) });
    const store = await openStore({ dataDir, log, clock, ...(mongodbUri ? { mongodbUri } : {}) });
    closers.push(() => store.close());
    const models = openModels(store.connection);
    const isAlone = store.kind === "embedded";
    const bus = new EventBus(log);
    const belongings = createConversationReach(models.conversations);
    const eventLog = createEventLog({ ...models, transaction: store.transaction, bus, belongings, clock });
    await eventLog.start();
    const { audit, settings } = await openProtection({ config, models, eventLog, bus, isAlone, clock, log });
    closers.push(() => settings.stop());
    const people = await openPeople({
      config,
      accessSecret: loadSecrets(dataDir).accessSecret,
      models,
      conversations: createConversationService({
        conversations: models.conversations,
        log: eventLog,
        clock,
        assistantEnabled: () => false,
      }),
      positions: createReadPositionService({
        positions: models.readPositions,
        messages: models.messages,
        places: belongings,
        log: eventLog,
        clock,
      }),
      box: createCredentialBox(loadKeyRing(dataDir, config)),
      appUrl: () => (config.publicUrl ?? `http://127.0.0.1:${config.port}`).replace(/\/$/, ""),
      policy: () => settings.get(securitySettings),
      audit,
      eventLog,
      bus,
      isAlone,
      clock,
      log,
    });
    closers.push(() => people.stop());
    return { people: people.control, [Symbol.asyncDispose]: close };
  } catch (error) {
    await close();
    throw error;
  }
}
