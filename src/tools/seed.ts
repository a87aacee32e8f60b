/** `bun src/tools/seed.ts --data-dir ./data [--messages 100000] [--conversations 10000] [--seed 1]`: fills an empty installation. */
import { resolve } from "node:path";
import { parseArgs } from "node:util";
import { runTool } from "./run-tool";
import { progressLine } from "./seed/progress";
import { seedDataDir } from "./seed/seed-store";
import { startWatch } from "./stopwatch";

const USAGE = "Usage: bun src/tools/seed.ts --data-dir ./data [--messages 100000] [--conversations 10000] [--seed 1]";

runTool(async (args) => {
  const { values } = parseArgs({
    args,
    options: {
      "data-dir": { type: "string" },
      messages: { type: "string", default: "100000" },
      conversations: { type: "string", default: "10000" },
      seed: { type: "string", default: "1" },
    },
  });
  const [messages = 0, conversations = 0, seed = 0] = [values.messages, values.conversations, values.seed].map(Number);
  const isValid = [messages, conversations, seed].every((value) => Number.isInteger(value) && value > 0);
  if (!values["data-dir"] || !isValid || messages < conversations) {
    console.error(`${USAGE}\nEvery conversation has a message, so there are at least as many messages.`);
    return 2;
  }
  const elapsed = startWatch();
  const dataDir = resolve(values["data-dir"]);
  await seedDataDir({ dataDir, messages, conversations, seed, onProgress: progressLine(process.stdout, elapsed) });
  console.log(`\n${messages} messages in ${conversations} conversations: ${elapsed()} -> ${dataDir}`);
  return 0;
});
