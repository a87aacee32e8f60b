/** Processor and wall time of operations that run one after the other, side by side in rounds so that a disturbance hits all alike. */
import { systemClock } from "../../core/clock";

export interface Operation {
  /** The line of the table. */
  name: string;
  /** The column: who does it. */
  side: string;
  /** Done before each round, outside the measured time. */
  prepare?: () => void;
  /** Done once; `index` counts on through all rounds. Must check what it got. */
  run(index: number): unknown;
  /** Calls in one round. */
  count: number;
  /** Documents (or operations) that one call stands for. */
  per?: number;
}

export interface Sample {
  cpuMicroseconds: number;
  wallMicroseconds: number;
}

export interface Timing {
  name: string;
  side: string;
  samples: Sample[];
}

/** Times `work`, which does `units` of something. */
export async function timed(units: number, work: () => unknown): Promise<Sample> {
  const cpuBefore = process.cpuUsage();
  const from = systemClock.monotonic();
  await work();
  const wall = systemClock.monotonic() - from;
  // Time of all threads: the compilers and the garbage collector count too.
  const cpu = process.cpuUsage(cpuBefore);
  return { cpuMicroseconds: (cpu.user + cpu.system) / units, wallMicroseconds: (wall * 1_000) / units };
}

export interface Rounds {
  rounds: number;
  /** Rounds before the counted ones: a program that has run for a while is what is measured, not its compilers. */
  warmUp: number;
}

/** All operations once in each round. */
export async function runOperations(
  operations: readonly Operation[],
  { rounds, warmUp }: Rounds,
  tell: (line: string) => void,
): Promise<Timing[]> {
  const timings = operations.map(({ name, side }): Timing => ({ name, side, samples: [] }));
  for (let round = 1 - warmUp; round <= rounds; round++) {
    for (const [at, { run, count, per = 1, prepare }] of operations.entries()) {
      prepare?.();
      const first = (round + warmUp) * count;
      const sample = await timed(count * per, async () => {
        for (let i = 0; i < count; i++) await run(first + i);
      });
      if (round > 0) timings[at]!.samples.push(sample);
    }
    tell(round > 0 ? `round ${round} of ${rounds}` : "warming up");
  }
  return timings;
}
