/** `npm run bench -- <name> [--rounds 3] [--requests 20000] [--connections 64] [--customers 500] [--binary | --profile]` */
import { parseArgs } from "node:util";
import { runTool } from "../run-tool";
import { storeSuite } from "./store-suite";
import { benchWebhook } from "./webhook";

const USAGE =
  "Usage: npm run bench -- webhook [--rounds 3] [--requests 20000] [--connections 64] [--customers 500] [--binary | --profile]";

runTool(async (args) => {
  if (args[0] === "store") return storeSuite(args.slice(1));
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "3" },
      requests: { type: "string", default: "20000" },
      connections: { type: "string", default: "64" },
      customers: { type: "string", default: "500" },
      binary: { type: "boolean", default: false },
      profile: { type: "boolean", default: false },
    },
  });
  const [rounds, requests, connections, customers] = [values.rounds, values.requests, values.connections, values.customers].map(
    Number,
  );
  const valid = [rounds, requests, connections, customers].every((value) => Number.isInteger(value) && value! > 0);
  if (positionals.join() !== "webhook" || !valid || (values.binary && values.profile)) {
    console.error(USAGE);
    return 2;
  }
  await benchWebhook({
    rounds: rounds!,
    requests: requests!,
    connections: connections!,
    customers: customers!,
    binary: values.binary,
    profile: values.profile,
  });
  return 0;
});
