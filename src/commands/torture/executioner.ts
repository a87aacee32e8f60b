/** Carries out the planned kills: waits for the moment or the stage, kills, counts what was caught in between, starts again. */
import { type Clock, type Timer, wait } from "../../core/clock";
import type { Kill, Trigger } from "./schedule";
import { BOUNDARIES, type Boundary, type StageTracker } from "./stage-tracker";
import type { Victim } from "./victim";

export interface KillCounts {
  kills: number;
  /** How many kills caught work at each boundary. */
  caught: Record<Boundary, number>;
  /** Calls in flight at the kills, summed: the bound of what may stay unresolved. */
  inFlight: number;
}

export interface ExecutionerOptions {
  victim: Victim;
  tracker: StageTracker;
  clock: Clock;
  onKill: (counts: KillCounts) => void;
}

export interface Executioner {
  /** To be called with every stage the server tells. */
  sawStage(stage: string): void;
  /** Carries out one kill and starts the server again; resolves once the new process has been started. */
  carryOut(kill: Kill): Promise<void>;
  readonly counts: KillCounts;
}

/** A stage that does not come for so long will not come: the server is killed all the same. */
const PATIENCE_MS = 2_000;

export function createExecutioner({ victim, tracker, clock, onKill }: ExecutionerOptions): Executioner {
  const counts: KillCounts = {
    kills: 0,
    caught: Object.fromEntries(BOUNDARIES.map((name) => [name, 0])) as Record<Boundary, number>,
    inFlight: 0,
  };
  let awaited: { stage: Trigger | null; left: number; reached: () => void } | null = null;

  /** Resolves at this occurrence of a stage; null stands for any. */
  const untilStage = (stage: Trigger | null, occurrence: number): Promise<void> =>
    new Promise((resolve) => {
      let patience: Timer | null = null;
      const reached = () => {
        awaited = null;
        patience?.cancel();
        resolve();
      };
      patience = clock.timer(PATIENCE_MS, reached);
      awaited = { stage, left: occurrence, reached };
    });

  return {
    counts,
    sawStage(stage) {
      if (awaited && (awaited.stage ?? stage) === stage && --awaited.left <= 0) awaited.reached();
    },
    async carryOut(kill) {
      if (kill.at !== "start") {
        await victim.ready();
        await untilStage(null, kill.afterStages);
      }
      await wait(clock, kill.afterMs);
      if (kill.at === "stage") await untilStage(kill.stage, kill.occurrence);
      await victim.kill();
      const standing = tracker.count();
      counts.kills++;
      for (const name of BOUNDARIES) if (standing[name] > 0) counts.caught[name]++;
      counts.inFlight += standing.sending;
      tracker.died();
      victim.start();
      onKill(counts);
    },
  };
}
