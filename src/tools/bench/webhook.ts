/** `npm run bench -- webhook`: signed messages against the real server, beside the least code that could do the job, in the same run. */
import { join } from "node:path";
import { DIST } from "../checkout";
import { chasquiTarget } from "./chasqui-target";
import { referenceTarget } from "./reference-target";
import { toTable, writeJson } from "./report";
import { type Phase, runRounds } from "./rounds";

/** WhatsApp's ceiling for one business number. */
const CEILING_PER_SECOND = 1_000;

export interface WebhookBenchOptions {
  rounds: number;
  requests: number;
  connections: number;
  customers: number;
  binary: boolean;
  profile: boolean;
}

export async function benchWebhook({
  rounds,
  requests,
  connections,
  customers,
  binary,
  profile,
}: WebhookBenchOptions): Promise<void> {
  const phases: Phase[] = [
    { name: "closed loop", requests, connections },
    {
      name: `${CEILING_PER_SECOND}/s`,
      requests: Math.min(requests, 5 * CEILING_PER_SECOND),
      connections,
      rate: CEILING_PER_SECOND,
    },
  ];
  const measurements = await runRounds({
    targets: [
      referenceTarget("Bun.serve + HMAC", "hmac"),
      referenceTarget("Bun.serve + HMAC + insert", "sqlite"),
      chasquiTarget({ binary, profile: profile ? join(DIST, "bench") : undefined }),
    ],
    phases,
    rounds,
    customers,
    tell: (line) => console.log(line),
  });
  console.log(`\n${toTable(measurements)}\n\nEvery message was read back: none missing, none twice, none changed.`);
  await writeJson("webhook", measurements);
  console.log(`All rounds: dist/bench/webhook.json${profile ? "; processor profile: dist/bench/*.cpuprofile and *.md" : ""}`);
}
