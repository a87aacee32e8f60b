/** The long proof: a thousand kills, every boundary hit at least twenty times. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { report } from "../../src/commands/torture/report";
import { expectGood, tortureSource } from "./torture";

setDefaultTimeout(3 * 3_600_000);

test("a thousand kills", async () => {
  const { outcome, options } = await tortureSource({ kills: 1_000, rate: 200, customers: 400, seconds: 10 });
  console.log(report(outcome, options));
  expectGood(outcome);
  expect(outcome.counts.kills).toBe(1_000);
  for (const [boundary, count] of Object.entries(outcome.counts.caught))
    expect([boundary, count >= 20]).toEqual([boundary, true]);
});
