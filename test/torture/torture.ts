/** How the tests torture: the sources, in a process of their own, with the seed that the command uses too. */
import { expect } from "bun:test";
import { join } from "node:path";
import type { TortureOptions } from "../../src/commands/torture/options";
import { type Outcome, runTorture } from "../../src/commands/torture/run";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";

export async function tortureSource(
  asked: Pick<TortureOptions, "kills" | "rate" | "customers" | "seconds">,
): Promise<{ outcome: Outcome; options: TortureOptions }> {
  const options: TortureOptions = { seed: 7, binary: null, keep: false, ...asked };
  const outcome = await runTorture({
    ...options,
    command: [process.execPath, join(import.meta.dir, "../../src/main.ts"), "serve"],
    clock: systemClock,
    log: silentLog,
    onProgress: () => {},
    isStopped: () => false,
  });
  return { outcome, options };
}

export function expectGood({
  findings,
  storedWrong,
  unfinished,
  deadEvents,
  defects,
  exitCode,
  counts,
  unresolvedSends,
}: Outcome): void {
  const { lost, twice, misrouted, outOfOrder } = findings;
  expect({ lost, twice, misrouted, outOfOrder, storedWrong, unfinished, deadEvents, defects, exitCode }).toEqual({
    lost: [],
    twice: [],
    misrouted: [],
    outOfOrder: [],
    storedWrong: [],
    unfinished: 0,
    deadEvents: 0,
    defects: [],
    exitCode: 0,
  });
  expect(unresolvedSends).toBeLessThanOrEqual(counts.inFlight);
}
