/**
 * Shows what happens to everything that acts upon it: rules, promises of service, messages that are sent by themselves. What an event
 * leads to in the store is written together with the position in the log: once for each event, also across a crash and with several
 * processes. An event that somebody cannot deal with is told in the log and does not hold up the others.
 */
import { withCause } from "../../core/cause";
import { describeError } from "../../core/errors";
import type { DurableEvent } from "../../events/catalog";
import { createFollower, type FollowedEvent, type FollowerDeps } from "../../events/follower";
import type { Change, EventLog } from "../../events/log";
import type { AutomationPositionModel } from "./automation-position.model";

export type { FollowedEvent } from "../../events/follower";

export interface FeedPart {
  name: string;
  events: readonly DurableEvent[];
  /** Whether this event can matter. Asked of each: nothing is read for it. */
  wants(event: FollowedEvent): boolean;
  /** What it leads to, in the transaction that also keeps the position. Must be repeatable. */
  take(event: FollowedEvent, change: Change): Promise<void>;
  /** Something of what was taken has been committed. */
  taken?(): void;
}

export interface AutomationFeed {
  /** Where to begin on data that were never followed. Before anybody can write. */
  prepare(): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface AutomationFeedDeps extends FollowerDeps {
  positions: AutomationPositionModel;
  parts: readonly FeedPart[];
  eventLog: EventLog;
  isStoreUnavailable: (error: unknown) => boolean;
}

const NAME = "automation";
/** What leads to nothing is looked at again after a crash, so its position need not be written each time. */
const LAZY_EVENTS = 2_000;

/** Another process has dealt with some of these events. */
class Overtaken extends Error {}

interface Work {
  event: FollowedEvent;
  part: FeedPart;
}

export function createAutomationFeed(deps: AutomationFeedDeps): AutomationFeed {
  const { positions, parts, eventLog, isStoreUnavailable, bus, log } = deps;
  /** The position as stored. */
  let stored = 0;

  const read = async (): Promise<number | null> => {
    const found = (await positions.collection.findOne({ _id: NAME as never })) as unknown as { seq: number } | null;
    stored = found?.seq ?? 0;
    return found?.seq ?? null;
  };

  /** In this transaction, unless somebody is further already. */
  async function keep(first: number, position: number, { session }: Pick<Change, "session">): Promise<void> {
    const { matchedCount } = await positions.collection.updateOne(
      { _id: NAME as never, seq: { $lt: first } },
      { $set: { seq: position } },
      { session },
    );
    if (matchedCount === 0) throw new Overtaken("another process follows the events");
  }

  async function apply(events: readonly FollowedEvent[], position: number): Promise<void> {
    const work = events.flatMap((event) => parts.flatMap((part) => (isWanted(part, event) ? [{ event, part }] : [])));
    if (work.length === 0) {
      if (position - stored < LAZY_EVENTS) return;
      await positions.collection.updateOne({ _id: NAME as never, seq: { $lt: position } }, { $set: { seq: position } });
      stored = position;
      return;
    }
    await together(work, position);
    stored = position;
    for (const part of new Set(work.map(({ part }) => part))) part.taken?.();
  }

  async function together(work: readonly Work[], position: number): Promise<void> {
    const [{ event }] = work as [Work];
    try {
      await eventLog.change(async (change) => {
        await keep(event.seq, position, change);
        for (const one of work) await take(one, change);
      });
    } catch (error) {
      if (error instanceof Overtaken || isStoreUnavailable(error)) throw error;
      if (work.length === 1) return setAside(work[0] as Work, position, error);
      // One of them cannot be dealt with: it is found by taking each alone, in order. Of one event all parts move together.
      const bySeq = [...Map.groupBy(work, (one) => one.event.seq)];
      if (bySeq.length > 1) {
        for (const [index, [, group]] of bySeq.entries())
          await together(group, index === bySeq.length - 1 ? position : (group[0] as Work).event.seq);
        return;
      }
      await eachAlone(work, position);
    }
  }

  /** Several parts want one event and one of them fails: the others go on. */
  async function eachAlone(work: readonly Work[], position: number): Promise<void> {
    const able: Work[] = [];
    for (const one of work) {
      try {
        await eventLog.change(async (change) => {
          await take(one, change);
          throw new Rehearsed();
        });
      } catch (error) {
        if (isStoreUnavailable(error)) throw error;
        if (error instanceof Rehearsed) able.push(one);
        else tell(one, error);
      }
    }
    const [{ event }] = work as [Work];
    await eventLog.change(async (change) => {
      await keep(event.seq, position, change);
      for (const one of able) await take(one, change);
    });
  }

  const take = ({ event, part }: Work, change: Change) => {
    // What follows from an event was caused by whatever caused the event.
    const chain = event.cause;
    return chain.length === 0 ? part.take(event, change) : withCause(chain, () => part.take(event, change));
  };

  async function setAside(one: Work, position: number, error: unknown): Promise<void> {
    tell(one, error);
    await eventLog.change((change) => keep(one.event.seq, position, change));
  }

  const tell = ({ event, part }: Work, error: unknown) =>
    log.error("an event could not be acted upon and is left out", {
      part: part.name,
      event: event.event,
      seq: event.seq,
      reason: describeError(error),
    });

  const follower = createFollower(deps, {
    name: "automation",
    events: [...new Set(parts.flatMap(({ events }) => events))],
    position: read,
    apply,
    async lost(newest) {
      // What happened too long ago is not acted upon now: nobody wants to be greeted a week late.
      if ((await read()) !== null) log.warn("the event log no longer tells what happened since the last run", { newest });
      await positions.collection.updateOne({ _id: NAME as never }, { $set: { seq: newest } }, { upsert: true });
      stored = newest;
    },
  });

  return {
    async prepare() {
      const seq = bus.seq;
      await positions.collection.updateOne({ _id: NAME as never }, { $setOnInsert: { seq } }, { upsert: true });
    },
    start: () => follower.start(),
    stop: () => follower.stop(),
  };
}

const isWanted = (part: FeedPart, event: FollowedEvent): boolean => part.events.includes(event.event) && part.wants(event);

/** It would have worked: undone, to be done again with the others. */
class Rehearsed extends Error {}
