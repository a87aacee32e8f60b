/** What happens in a run, decided by the seed alone: who says how much and when, what the upstreams do wrong, when the server dies. */
import type { FaultKind } from "../../ai/sandbox/faults";
import type { ChaosSettings } from "../../channels/whatsapp/sandbox/sandbox-graph";
import { between, createRandom, pick, type Random, shuffled } from "./random";

/** Log lines that a kill can follow at once, so that it falls between this stage and the next. */
export const TRIGGERS = ["webhook", "stored", "answering", "queued", "sending", "sent", "delivered"] as const;
export type Trigger = (typeof TRIGGERS)[number];

export type Kill =
  /** So long after the process was started: in the middle of its recovery. */
  | { at: "start"; afterMs: number }
  /** So long after it has told so many stages: counted in work, so that a slow machine gets something done in between. */
  | { at: "moment"; afterStages: number; afterMs: number }
  /** At this occurrence of a stage, counted from then. */
  | { at: "stage"; stage: Trigger; occurrence: number; afterStages: number; afterMs: number };

export interface Burst {
  customer: number;
  /** Pauses in milliseconds before each message of the burst; the first is the pause since the burst before. */
  pausesMs: number[];
}

export interface Trouble {
  /** Quiet time before it, in milliseconds. */
  afterMs: number;
  lastsMs: number;
  graph: Partial<ChaosSettings> | null;
  assistant: { kind: FaultKind; times: number; retryAfterMs?: number } | null;
}

const SHARE_AT_STAGES = 0.6;
const SHARE_AT_START = 0.05;

/** Half of the stages that a message causes from the webhook to its turn: the longest wait for a kill is half a second of load. */
const STAGES_A_MESSAGE = 2;

/** `rate`: messages a second, so that kills follow each other after about as much time whatever the load is. */
export function planKills(seed: number, count: number, rate: number): Kill[] {
  const random = createRandom(seed, "kills");
  const atStages = Math.round(count * SHARE_AT_STAGES);
  const atStart = Math.round(count * SHARE_AT_START);
  const mostStages = rate * STAGES_A_MESSAGE;
  const kills = Array.from({ length: count }, (_, index): Kill => {
    if (index < atStages) {
      const stage = TRIGGERS[index % TRIGGERS.length] as Trigger;
      return { at: "stage", stage, occurrence: between(random, 1, 30), afterStages: between(random, 0, mostStages), afterMs: 0 };
    }
    if (index < atStages + atStart) return { at: "start", afterMs: between(random, 5, 400) };
    return { at: "moment", afterStages: between(random, 0, mostStages), afterMs: between(random, 0, 300) };
  });
  return shuffled(random, kills);
}

const LONGEST_BURST = 5;

/** Endless bursts at `rate` messages a second on average. */
export function* planTalk(seed: number, customers: number, rate: number): Generator<Burst, never> {
  const random = createRandom(seed, "talk");
  for (;;) {
    const size = burstSize(random);
    // Exponential pauses: customers do not know of each other.
    const pause = (-Math.log(1 - random()) * size * 1_000) / rate;
    const gaps = Array.from({ length: size - 1 }, () => between(random, 5, 180));
    yield { customer: between(random, 0, customers - 1), pausesMs: [pause, ...gaps] };
  }
}

/** Most people send one message, some a handful. */
const burstSize = (random: Random): number => (random() < 0.45 ? 1 : between(random, 2, LONGEST_BURST));

const GRAPH_FAULTS: readonly ChaosSettings["fault"][] = ["429", "500", "503", "html", "reset-after-accept"];
const ASSISTANT_FAULTS: readonly FaultKind[] = ["server-error", "rate-limited", "reset", "malformed-json", "empty-output"];

/** Endless troubles of the upstreams, one after the other. */
export function* planTroubles(seed: number): Generator<Trouble, never> {
  const random = createRandom(seed, "troubles");
  for (;;) {
    const timing = { afterMs: between(random, 1_000, 6_000), lastsMs: between(random, 100, 700) };
    if (random() < 0.5)
      yield { ...timing, graph: { fault: pick(random, GRAPH_FAULTS), faultShare: 0.1 + random() * 0.5 }, assistant: null };
    else {
      const kind = pick(random, ASSISTANT_FAULTS);
      const wait = kind === "rate-limited" ? { retryAfterMs: between(random, 50, 800) } : {};
      yield { ...timing, graph: null, assistant: { kind, times: between(random, 1, 40), ...wait } };
    }
  }
}
