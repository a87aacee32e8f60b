/**
 * Changes, for those who keep answers in memory: told before a change of this process is answered, and of other processes as soon as
 * the log is read. Listeners are asked one after the other, in the order in which they came; what is told twice must do no harm.
 */
import type { Clock } from "../core/clock";
import type { Log } from "../core/log";
import type { EventBus } from "./bus";
import type { DurableEvent } from "./catalog";
import type { EventModel } from "./event.model";
import { createFollower } from "./follower";
import type { EventLog } from "./log";

export interface Told {
  event: DurableEvent;
  data: Record<string, unknown>;
  /** Committed by this process just now: the data are the newest there are. Others may be old news by the time they come. */
  isOwn: boolean;
}

/** Null: something has changed, and the log does not tell any more what. */
export type NewsListener = (told: Told | null) => void | Promise<void>;

export interface News {
  /** The log to write to: its changes are told. */
  log: EventLog;
  listen(listener: NewsListener): () => void;
  start(): void;
  stop(): Promise<void>;
}

export interface NewsDeps {
  events: EventModel;
  log: EventLog;
  bus: EventBus;
  /** What to tell of. */
  wanted: readonly DurableEvent[];
  /** No other process writes events. */
  isAlone: boolean;
  clock: Clock;
  logger: Log;
}

export function createNews({ events, log, bus, wanted, isAlone, clock, logger }: NewsDeps): News {
  const names = new Set<string>(wanted);
  const listeners = new Set<NewsListener>();
  let turn: Promise<void> = Promise.resolve();
  let position: number | null = null;

  /** One piece at a time: of two that read the same thing the later one reads the newer state. */
  function tell(pieces: readonly (Told | null)[]): Promise<void> {
    const told = turn.then(async () => {
      for (const piece of pieces) for (const listener of listeners) await listener(piece);
    });
    turn = told.catch(() => {});
    return told;
  }

  const follower = isAlone
    ? null
    : createFollower(
        { events, bus, isAlone, clock, log: logger },
        {
          name: "what others change",
          events: wanted,
          position: async () => position,
          async apply(found, reached) {
            await tell(found.map(({ event, data }) => ({ event, data, isOwn: false })));
            position = reached;
          },
          async lost(newest) {
            const [last] = await events.find({}, { _id: 1 }).sort({ _id: -1 }).limit(1).lean();
            await tell([null]);
            position = Math.max(newest, last?._id ?? 0);
          },
        },
      );

  return {
    log: {
      ...log,
      async change(work) {
        const told: Told[] = [];
        const changing = log.change((change) => {
          // It may be run more than once.
          told.length = 0;
          return work({
            ...change,
            emit(event, data, ...more) {
              change.emit(event, data, ...more);
              if (names.has(event)) told.push({ event, data: data as Record<string, unknown>, isOwn: true });
            },
          });
        });
        try {
          const result = await changing;
          if (told.length > 0) await tell(told);
          return result;
        } catch (error) {
          // It may have been committed all the same, when the answer of the store was lost.
          if (told.length > 0) await tell(told.map((one) => ({ ...one, isOwn: false }))).catch(() => {});
          throw error;
        }
      },
    },
    listen(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    start: () => follower?.start(),
    async stop() {
      await follower?.stop();
      listeners.clear();
    },
  };
}
