/** Plays the upstreams' troubles of the schedule, one after the other. */
import { type Clock, wait } from "../../core/clock";
import { planTroubles } from "./schedule";
import type { World } from "./world";

export interface Troubles {
  /** Ends the trouble that is on; gives how many there were. */
  stop(): Promise<number>;
}

export function startTroubles({ world, seed, clock }: { world: World; seed: number; clock: Clock }): Troubles {
  const { promise: end, resolve: stop } = Promise.withResolvers<void>();
  let count = 0;
  let stopped = false;
  const pause = (ms: number) => Promise.race([wait(clock, ms), end]);

  async function play(): Promise<void> {
    for (const { afterMs, lastsMs, graph, assistant } of planTroubles(seed)) {
      await pause(afterMs);
      if (stopped) break;
      count++;
      if (graph) world.graph.chaos.set(graph);
      if (assistant) world.assistant.faults = assistant;
      await pause(lastsMs);
      world.graph.chaos.set({ fault: "none" });
      world.assistant.faults = { kind: "none" };
      if (stopped) break;
    }
  }

  const finished = play();
  return {
    async stop() {
      stopped = true;
      stop();
      await finished;
      return count;
    },
  };
}
