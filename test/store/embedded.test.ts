/** The contract on the embedded engine. */

import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { openStore } from "../../src/store/connect";
import { tempDir } from "../helpers/temp-dir";
import { storeContract } from "./contract";

storeContract("the embedded engine", async () => {
  const dir = tempDir();
  const store = await openStore({ dataDir: dir.path, log: silentLog, clock: systemClock });
  return {
    store,
    end: async () => {
      await store.close();
      dir[Symbol.dispose]();
    },
  };
});
