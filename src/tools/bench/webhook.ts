/** `npm run bench -- webhook`: signed messages against the real server, beside the least code that could do the job, in the same run. */
import { chasquiTarget } from "./chasqui-target";
import { profileDirectory, writeProfileTables } from "./profile";
import { referenceTarget } from "./reference-target";
import { writeJson } from "./report";
import { type Phase, runRounds } from "./rounds";
import type { Suite } from "./suite";
import { webhookTable } from "./webhook-table";

/** 1,000 a second is WhatsApp's ceiling for one business number. */
const RATES = [100, 300, 500, 1_000, 2_000, 4_000];

export const webhook: Suite = {
  summary: "webhook requests a second and their latency, beside three references",
  flags: { rounds: 3, requests: 20_000, connections: 64, customers: 500, seconds: 5, "max-rate": 4_000 },
  quick: { rounds: 1, requests: 60, connections: 4, customers: 5, seconds: 1, "max-rate": 100 },

  async run({ flags, binary, profile, out, tell }) {
    const { rounds = 0, requests = 0, connections = 0, customers = 0, seconds = 0, "max-rate": maxRate = 0 } = flags;
    const phases: Phase[] = [
      { name: "closed loop", requests, connections },
      ...RATES.filter((rate) => rate <= maxRate).map((rate) => ({
        name: `${rate}/s`,
        requests: rate * seconds,
        connections,
        rate,
      })),
    ];
    const measurements = await runRounds({
      targets: [
        referenceTarget("Bun.serve + HMAC", "hmac"),
        referenceTarget("Bun.serve + HMAC + insert", "sqlite"),
        referenceTarget("Express bot, in memory", "express"),
        chasquiTarget({ binary, profile: profile ? profileDirectory(out) : undefined }),
      ],
      phases,
      rounds,
      customers,
      tell,
    });
    tell(`\n${webhookTable(measurements)}\n\nEvery message was read back: none missing, none twice, none changed.`);
    tell(`All rounds: ${await writeJson(out, "webhook", { measurements })}`);
    if (profile) tell(`Where the time went: ${await writeProfileTables(profileDirectory(out))}`);
  },
};
