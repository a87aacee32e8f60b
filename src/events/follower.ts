/**
 * Follows the event log from a position that the follower itself keeps: every event once more after a crash, none left out. What was
 * just published comes from memory; whoever is behind reads the log. When the log no longer reaches back to the position, `lost`
 * makes good from the documents and says where to go on.
 */
import type { Clock, Timer } from "../core/clock";
import { describeError } from "../core/errors";
import type { Log } from "../core/log";
import type { EventBus, PublishedEvent } from "./bus";
import type { DurableEvent } from "./catalog";
import type { EventModel } from "./event.model";

export interface FollowedEvent {
  seq: number;
  event: DurableEvent;
  data: Record<string, unknown>;
  /** `data` as it is stored. */
  json: string;
  topics: readonly string[];
  /** The rules that have led to it. */
  cause: readonly string[];
  at: Date;
}

export interface FollowerOptions {
  name: string;
  /** What it wants to hear of; everything when left out. The others only move the position. */
  events?: readonly DurableEvent[];
  /** How far it has come, from where it keeps that; null when it has nothing yet. */
  position: () => Promise<number | null>;
  /** Takes the events and keeps the new position, together. Repeating it must be harmless. */
  apply: (events: readonly FollowedEvent[], position: number) => Promise<void>;
  /** Makes good what the log no longer tells, up to `newest` at least, and keeps that position. */
  lost: (newest: number) => Promise<void>;
}

export interface FollowerDeps {
  events: EventModel;
  bus: EventBus;
  /** False where other processes write events that this one's bus does not hear. */
  isAlone: boolean;
  clock: Clock;
  log: Log;
}

export interface Follower {
  start(): void;
  /** Throws away what it knows of its position and makes everything good anew. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** Events of one moment are taken together. */
const GATHER_MS = 100;
const MOST_AT_ONCE = 500;
/** More than that is read from the log again rather than kept in memory. */
const MOST_KEPT = 4_000;
const LOOK_EVERY_MS = 1_000;
const AFTER_FAILURE_MS = 2_000;

export function createFollower({ events, bus, isAlone, clock, log }: FollowerDeps, options: FollowerOptions): Follower {
  const wanted = options.events ? new Set<string>(options.events) : null;
  const kept: FollowedEvent[] = [];
  /** Everything up to here has been published and is in `kept`, or was not wanted, from `keptFrom` on. */
  let keptFrom = 0;
  let position: number | null = null;
  let known = false;
  let hasFailed = false;
  let stopped = false;
  let timer: Timer | null = null;
  let running: Promise<void> | null = null;
  let unsubscribe = () => {};

  function hear(seq: number, { event, data, json, topics, cause, at }: PublishedEvent): void {
    if (!wanted || wanted.has(event)) {
      kept.push({ seq, event: event as DurableEvent, data, json, topics, cause, at: at ?? new Date(clock.now()) });
      if (kept.length > MOST_KEPT) {
        kept.length = 0;
        keptFrom = seq + 1;
      }
    }
    soon(GATHER_MS);
  }

  function soon(ms: number): void {
    if (stopped || timer || running) return;
    timer = clock.timer(ms, () => {
      timer = null;
      if (stopped || running) return;
      running = step().finally(() => {
        running = null;
        if (hasFailed) soon(AFTER_FAILURE_MS);
        else if (isBehind()) soon(hasFullPage() ? 0 : GATHER_MS);
        else if (!isAlone) soon(LOOK_EVERY_MS);
      });
    });
  }

  const hasFullPage = () => position === null || bus.seq - position >= MOST_AT_ONCE;
  const isBehind = () => !hasFailed && (position === null || position < bus.seq);

  async function step(): Promise<void> {
    try {
      hasFailed = false;
      if (!known) {
        position = await options.position();
        known = true;
      }
      // Newer than the log itself: the log is another one than it was, as after a restored backup.
      if (position === null || (isAlone && position > bus.seq)) await makeGood();
      else if (position + 1 >= keptFrom) await fromMemory(position);
      else await fromLog(position);
    } catch (error) {
      // The store or the follower's own file is not there at the moment: the position has not moved.
      if (stopped) return;
      hasFailed = true;
      known = false;
      log.warn(`${options.name} cannot follow the events at the moment`, { reason: describeError(error) });
    }
  }

  async function fromMemory(from: number): Promise<void> {
    const newest = bus.seq;
    const behind = kept.findIndex(({ seq }) => seq > from);
    if (behind !== 0) kept.splice(0, behind < 0 ? kept.length : behind);
    if (newest <= from) {
      if (!isAlone) await fromLog(from);
      return;
    }
    const batch = kept.slice(0, MOST_AT_ONCE);
    const upTo = kept.length > batch.length ? batch.at(-1)!.seq : newest;
    await options.apply(batch, upTo);
    position = upTo;
    kept.splice(0, batch.length);
  }

  async function fromLog(from: number): Promise<void> {
    const rows = await events
      .find({ _id: { $gt: from } })
      .sort({ _id: 1 })
      .limit(MOST_AT_ONCE)
      .lean();
    const [first] = rows;
    if (!first) {
      if (bus.seq > from) await makeGood();
      return;
    }
    if (first._id !== from + 1) return makeGood();
    const batch = rows
      .filter(({ event }) => !wanted || wanted.has(event))
      .map(({ _id, event, data, topics, cause = [], at }) => ({
        seq: _id,
        event,
        data: JSON.parse(data) as Record<string, unknown>,
        json: data,
        topics,
        cause,
        at,
      }));
    const upTo = rows.at(-1)!._id;
    await options.apply(batch, upTo);
    position = upTo;
  }

  async function makeGood(): Promise<void> {
    // What happens meanwhile is heard, or read from the log afterwards.
    const newest = bus.seq;
    await options.lost(newest);
    position = await options.position();
  }

  return {
    start() {
      keptFrom = bus.seq + 1;
      unsubscribe = bus.subscribe((published) => {
        if (published.seq !== null) hear(published.seq, published);
      });
      soon(0);
    },
    async restart() {
      timer?.cancel();
      timer = null;
      await running;
      running = makeGood().finally(() => {
        running = null;
        soon(0);
      });
      await running;
    },
    async stop() {
      stopped = true;
      unsubscribe();
      timer?.cancel();
      await running;
    },
  };
}
