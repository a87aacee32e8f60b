/** The customers: they write what the schedule says, in bursts, and remember what they said and when it was taken. */
import { type Clock, wait } from "../../core/clock";
import { markOf } from "./mark";
import type { Said } from "./reconcile";
import { planTalk } from "./schedule";
import type { StageTracker } from "./stage-tracker";
import type { World } from "./world";

export interface CustomersOptions {
  world: World;
  seed: number;
  customers: number;
  rate: number;
  tracker: StageTracker;
  clock: Clock;
}

export interface Customers {
  readonly said: readonly Said[];
  /** Milliseconds in which nobody could write because too much was unanswered. */
  readonly heldBackMs: number;
  /** Waits until the last burst is said. */
  stop(): Promise<void>;
}

const SENTENCES = [
  "Hola, buenas tardes",
  "¿tienen stock de la manta azul?",
  "¿cuánto cuesta el envío a Puno?",
  "quiero dos, por favor",
  "¿abren el sábado?",
  "gracias por la ayuda",
];
/** More messages than this many seconds of load that wait for their 200, or for their answer: the machine cannot keep up. */
const WAITING_SECONDS = 1;
const UNANSWERED_SECONDS = 10;
/** What was said so long before the messages that are answered now no longer counts: its lane waits for a proof, or for a person. */
const LEFT_BEHIND_MS = 30_000;
/** The answers that say how far the server has come: one that overtakes the others says nothing. */
const LATEST_ANSWERS = 101;
const LOOK_AGAIN_MS = 50;

export function startCustomers({ world, seed, customers, rate, tracker, clock }: CustomersOptions): Customers {
  const said: Said[] = [];
  const saidAtOf = new Map<string, number>();
  const latest: number[] = [];
  const counts = new Uint32Array(customers);
  let heard = 0;
  let waiting = 0;
  let heldBackMs = 0;
  let stopped = false;

  function say(customer: number): void {
    const message = (counts[customer] ?? 0) + 1;
    counts[customer] = message;
    const one: Said = { mark: markOf(customer, message), customer, saidAt: clock.monotonic(), takenAt: null };
    said.push(one);
    saidAtOf.set(one.mark, one.saidAt);
    const text = `${SENTENCES[message % SENTENCES.length]} ${one.mark}`;
    tracker.posted(one.mark);
    waiting++;
    void world.graph.phones.send(world.phoneOf(customer), { type: "text", text }).then(({ httpStatus, wamid }) => {
      waiting--;
      // After 15 s the sender loses patience although the tries go on; such a message has no known moment of being taken.
      if (httpStatus !== 200) return;
      one.takenAt = clock.monotonic();
      tracker.taken(one.mark, wamid);
    });
  }

  /** When the messages were said that are being answered now. */
  function frontOfAnswers(): number {
    for (; heard < world.heard.length; heard++)
      for (const mark of world.heard[heard]?.marks ?? []) latest.push(saidAtOf.get(mark) ?? 0);
    latest.splice(0, latest.length - LATEST_ANSWERS);
    return latest.toSorted((a, b) => a - b)[latest.length >> 1] ?? 0;
  }

  function countUnanswered(): number {
    const since = frontOfAnswers() - LEFT_BEHIND_MS;
    let count = 0;
    for (let index = said.length - 1; index >= 0; index--) {
      const { mark, saidAt } = said[index] as Said;
      if (saidAt < since) break;
      if (!world.isAnswered(mark)) count++;
    }
    return count;
  }

  async function burst(customer: number, gaps: readonly number[]): Promise<void> {
    say(customer);
    for (const gap of gaps) {
      await wait(clock, gap);
      say(customer);
    }
  }

  async function talk(): Promise<void> {
    const open = new Set<Promise<void>>();
    const talking = new Set<number>();
    let due = clock.monotonic();
    for (const { customer, pausesMs } of planTalk(seed, customers, rate)) {
      const [pause = 0, ...gaps] = pausesMs;
      due += pause;
      if (due > clock.monotonic()) await wait(clock, due - clock.monotonic());
      const since = clock.monotonic();
      const isHeldBack = () =>
        waiting > rate * WAITING_SECONDS || countUnanswered() > rate * UNANSWERED_SECONDS || talking.has(customer);
      while (!stopped && isHeldBack()) await wait(clock, LOOK_AGAIN_MS);
      const held = clock.monotonic() - since;
      heldBackMs += held;
      due += held;
      if (stopped) break;
      talking.add(customer);
      const one = burst(customer, gaps).finally(() => {
        open.delete(one);
        talking.delete(customer);
      });
      open.add(one);
    }
    await Promise.all(open);
  }

  const finished = talk();
  return {
    said,
    get heldBackMs() {
      return heldBackMs;
    },
    stop() {
      stopped = true;
      return finished;
    },
  };
}
