/** The long version: 200 clients for a minute, three times, each time with other luck. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { createTestApp } from "../helpers/test-app";
import { faultsOf, runSwarm } from "./live-swarm";

setDefaultTimeout(300_000);

test.each([11, 23, 47])("200 clients come and go for a minute (seed %i)", async (seed) => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  const result = await runSwarm({ app, clients: 200, ms: 60_000, seed });
  const { heard, ...figures } = result;
  console.log(JSON.stringify({ seed, ...figures, deliveries: heard.reduce((sum, { seqs }) => sum + seqs.length, 0) }));
  expect(faultsOf(result).slice(0, 5)).toEqual([]);
  expect(result.resyncs).toBe(0);
});
