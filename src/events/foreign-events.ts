/**
 * Brings the events that other processes write on the same store to this one's bus, in their order and without a gap: looks for them
 * now and then, at once when a neighbour tells of one or when one of our own has to wait for them.
 */
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { Neighbours } from "../core/neighbours";
import { type EventBus, PASSED } from "./bus";
import type { PassingData, PassingEvent } from "./catalog";
import type { EventModel, StoredEvent } from "./event.model";

export interface ForeignEventsDeps {
  events: EventModel;
  bus: EventBus;
  neighbours: Neighbours;
  clock: Clock;
  log: Log;
}

export interface ForeignEvents {
  start(): void;
  /** This process has written events. */
  committed(): void;
  stop(): Promise<void>;
}

const WRITTEN = "events";
const LOOK_EVERY_MS = 250;
/** Several commits of one moment are told together. */
const TELL_AFTER_MS = 4;
const AFTER_FAILURE_MS = 2_000;
const MOST_AT_ONCE = 500;

export function createForeignEvents({ events, bus, neighbours, clock, log }: ForeignEventsDeps): ForeignEvents {
  let timer: Timer | null = null;
  let telling: Timer | null = null;
  let running: Promise<void> | null = null;
  let again = false;
  let isStopped = false;
  const ends: (() => void)[] = [];

  function sleep(ms: number): void {
    timer?.cancel();
    timer = isStopped ? null : clock.timer(ms, look);
  }

  function look(): void {
    again = true;
    if (running || isStopped) return;
    again = false;
    running = read()
      .then(
        () => sleep(LOOK_EVERY_MS),
        (error: unknown) => {
          // The store is away for a moment: nothing is lost, it is only heard later.
          log.warn("events of other processes cannot be read at the moment", { reason: describeError(error) });
          again = false;
          sleep(AFTER_FAILURE_MS);
        },
      )
      .finally(() => {
        running = null;
        if (again) look();
      });
  }

  async function read(): Promise<void> {
    for (;;) {
      const rows = (await events
        .find({ _id: { $gt: bus.seq } })
        .sort({ _id: 1 })
        .limit(MOST_AT_ONCE)
        .lean()) as StoredEvent[];
      const before = bus.seq;
      bus.publish(rows.map((row) => ({ ...row, value: JSON.parse(row.data) as Record<string, unknown> })));
      if (rows.length < MOST_AT_ONCE || bus.seq === before) return;
    }
  }

  return {
    start() {
      ends.push(
        neighbours.listen(WRITTEN, look),
        neighbours.listen(PASSED, ({ event, data }: { event: PassingEvent; data: PassingData }) =>
          bus.show(event, data as PassingData<typeof event>),
        ),
      );
      look();
    },
    committed() {
      // Ours wait for those that another process has written before them.
      if (bus.isAhead) look();
      telling ??= clock.timer(TELL_AFTER_MS, () => {
        telling = null;
        neighbours.tell(WRITTEN, bus.seq);
      });
    },
    async stop() {
      isStopped = true;
      for (const end of ends.splice(0)) end();
      timer?.cancel();
      telling?.cancel();
      await running;
    },
  };
}
