/** Twenty kills under load, upstream troubles included: nothing lost, nothing twice, nothing misrouted, everything in order. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { report } from "../../src/commands/torture/report";
import { expectGood, tortureSource } from "./torture";

setDefaultTimeout(180_000);

test("twenty kills", async () => {
  const { outcome, options } = await tortureSource({ kills: 20, rate: 40, customers: 150, seconds: 5 });
  console.log(report(outcome, options));
  expectGood(outcome);
  expect(outcome.counts.kills).toBe(20);
  expect(outcome.findings.said).toBeGreaterThan(100);
  // A run that catches nothing proves nothing.
  const caught = Object.values(outcome.counts.caught).filter((count) => count > 0);
  expect(caught.length).toBeGreaterThanOrEqual(6);
});
