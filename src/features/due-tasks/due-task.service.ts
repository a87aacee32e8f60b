/**
 * The calendar of everything that happens by itself: what is due, warned, closed or followed up. A task and what it does are one
 * transaction, so it is done once, whatever dies in between; after a restart the calendar is simply read again.
 */
import type { ClientSession } from "mongoose";
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Clock } from "../../core/clock";
import { AppError, describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import { backoffMs } from "../../core/retry";
import type { Change, EventLog } from "../../events/log";
import type { DueTask, DueTaskModel } from "./due-task.model";

export type { DueTask } from "./due-task.model";

export interface NewTask {
  kind: string;
  conversation: string;
  /** Told apart from other tasks of this kind about the same conversation. */
  part?: string;
  at: Date;
  data?: Record<string, unknown>;
}

/** Does what a task is about, in the transaction that takes it out. May put it back. Gives what is to be done after the commit. */
export type DueHandler = (task: DueTask, change: Change) => Promise<(() => void) | undefined>;

export interface DueTaskService {
  /** Puts a task in, instead of the one that was there. */
  put(task: NewTask, session: ClientSession): Promise<void>;
  /** Puts a task in unless there is one already: the earlier time stays. */
  putOnce(task: NewTask, session: ClientSession): Promise<void>;
  remove(task: Pick<NewTask, "kind" | "conversation" | "part">, session: ClientSession): Promise<void>;
  /** Who does the tasks of a kind. */
  handle(kind: string, handler: DueHandler): void;
  /** After a commit that has put something in. */
  look(): void;
  start(): void;
  stop(): Promise<void>;
}

export interface DueTaskDeps {
  tasks: DueTaskModel;
  eventLog: EventLog;
  /** Whether the store itself is away: no fault of a task. */
  isStoreUnavailable: (error: unknown) => boolean;
  clock: Clock;
  log: Log;
}

const AT_ONCE = 50;
const MOST_ATTEMPTS = 8;

export function createDueTaskService({ tasks, eventLog, isStoreUnavailable, clock, log }: DueTaskDeps): DueTaskService {
  const handlers = new Map<string, DueHandler>();

  /** A task whose handler fails is tried again later, and one day given up. */
  async function postpone({ _id, at, attempts, kind }: DueTask, error: unknown): Promise<void> {
    const isOver = attempts + 1 >= MOST_ATTEMPTS || (error instanceof AppError && error.status < 500);
    log.error(isOver ? "what was due could not be done and is given up" : "what was due could not be done and is tried again", {
      task: _id,
      kind,
      attempts: attempts + 1,
      reason: describeError(error),
    });
    if (isOver) await tasks.deleteOne({ _id, at });
    else {
      const later = new Date(clock.now() + backoffMs(attempts + 1, { baseMs: 2_000, maxMs: 300_000 }));
      await tasks.updateOne({ _id, at }, { $set: { at: later, attempts: attempts + 1 } });
    }
  }

  async function perform({ _id, at }: DueTask): Promise<void> {
    const after = await eventLog.change(async (change) => {
      const taken = (await tasks.collection.findOneAndDelete(
        { _id: _id as never, at },
        { session: change.session },
      )) as unknown as DueTask | null;
      // Called off or put off meanwhile.
      return taken ? handlers.get(taken.kind)?.(taken, change) : undefined;
    });
    after?.();
  }

  const alarm: Alarm = createAlarm({
    name: "the calendar",
    async soonest() {
      const [first] = (await tasks.find({}).sort({ at: 1 }).limit(1).lean()) as DueTask[];
      return first?.at ?? null;
    },
    async ring(now) {
      const due = (await tasks
        .find({ at: { $lte: now } })
        .sort({ at: 1 })
        .limit(AT_ONCE)
        .lean()) as DueTask[];
      for (const task of due) {
        try {
          await perform(task);
        } catch (error) {
          // Of the store: all of it waits. Of the handler: only this task does.
          if (isStoreUnavailable(error)) throw error;
          await postpone(task, error);
        }
      }
    },
    clock,
    log,
  });

  const keyOf = ({ kind, conversation, part }: Pick<NewTask, "kind" | "conversation" | "part">) =>
    [kind, conversation, ...(part === undefined ? [] : [part])].join(":");

  return {
    async put({ at, data = {}, part, ...task }, session) {
      const _id = keyOf({ ...task, ...(part === undefined ? {} : { part }) });
      const fields = { ...task, at, data, attempts: 0 };
      await tasks.collection.updateOne({ _id: _id as never }, { $set: fields } as never, { session, upsert: true });
    },
    async putOnce({ at, data = {}, part, ...task }, session) {
      const _id = keyOf({ ...task, ...(part === undefined ? {} : { part }) });
      const fields = { ...task, at, data, attempts: 0 };
      await tasks.collection.updateOne({ _id: _id as never }, { $setOnInsert: fields } as never, { session, upsert: true });
    },
    async remove(task, session) {
      await tasks.collection.deleteOne({ _id: keyOf(task) as never }, { session });
    },
    handle: (kind, handler) => void handlers.set(kind, handler),
    look: () => alarm.look(),
    start: () => alarm.look(),
    stop: () => alarm.stop(),
  };
}
