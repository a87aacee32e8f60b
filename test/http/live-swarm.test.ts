/** 200 clients that sleep, drop and resume at random see every event exactly once and in order. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { createTestApp } from "../helpers/test-app";
import { faultsOf, runSwarm } from "./live-swarm";

setDefaultTimeout(120_000);

test("200 clients come and go: each hears every event once", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  const result = await runSwarm({ app, clients: 200, ms: 4_000, seed: 7 });
  expect(faultsOf(result).slice(0, 5)).toEqual([]);
  expect(result.resyncs).toBe(0);
  expect(result.drops).toBeGreaterThan(200);
  expect(result.sleeps).toBeGreaterThan(50);
  expect(result.written).toBeGreaterThan(20);
});

test("a lost, a doubled and a misplaced event are found", () => {
  const good = { first: 10, last: 13, written: 1, drops: 0, sleeps: 0, resyncs: 0 };
  const faults = (seqs: number[], wamids = ["a"]) => faultsOf({ ...good, heard: [{ seqs, wamids }] }).length;
  expect(faults([11, 12, 13])).toBe(0);
  expect(faults([11, 13])).toBeGreaterThan(0);
  expect(faults([11, 12, 12, 13])).toBeGreaterThan(0);
  expect(faults([11, 13, 12])).toBeGreaterThan(0);
  expect(faults([11, 12, 13], ["a", "a"])).toBeGreaterThan(0);
  expect(faults([11, 12, 13], [])).toBeGreaterThan(0);
});
