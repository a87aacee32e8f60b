/**
 * Changes that are asked for while another one commits share the next transaction: its session, its commit and the numbering of
 * its events are paid once. Each keeps its own result; one that fails is taken out, and the others are run again without it.
 */
import type { ClientSession } from "mongoose";
import { systemClock } from "../core/clock";
import type { RunTransaction } from "./log";

/** A webhook may have to wait for a transaction, and on MongoDB a larger one meets more conflicts. */
const OPEN_FOR_MS = 8;
const MOST_MEMBERS = 64;

interface Job<E> {
  run: (session: ClientSession, told: E[]) => Promise<unknown>;
  resolve: (value: unknown) => void;
  reject: (error: unknown) => void;
  /** It failed among others and is judged alone. */
  isAlone: boolean;
}

interface Group<E> {
  jobs: Job<E>[];
  values: unknown[];
  /** The job that runs, or -1 when all have run. */
  at: number;
}

export interface ChangeQueueDeps<E, S> {
  transaction: RunTransaction;
  /** Writes what the members of a transaction have told, in its session. */
  write: (session: ClientSession, told: readonly E[]) => Promise<S>;
  /** Called after the commit, before the members are answered. */
  committed: (written: S) => void;
  /** How many transactions may be open at once: one where the store has one writer. */
  atOnce: number;
}

export interface ChangeQueue<E> {
  /** Runs `run` in a transaction; what it puts into `told` is written with it. Resolves after the commit. `run` must be repeatable. */
  add<T>(run: (session: ClientSession, told: E[]) => Promise<T>): Promise<T>;
}

export function createChangeQueue<E, S>({ transaction, write, committed, atOnce }: ChangeQueueDeps<E, S>): ChangeQueue<E> {
  const waiting: Job<E>[] = [];
  let open = 0;

  function pump(): void {
    while (open < atOnce && waiting.length > 0) {
      open++;
      void runGroup().finally(() => {
        open--;
        pump();
      });
    }
  }

  const mayJoin = ({ jobs }: Group<E>, since: number): boolean =>
    waiting.length > 0 &&
    !waiting[0]?.isAlone &&
    !jobs[0]?.isAlone &&
    jobs.length < MOST_MEMBERS &&
    systemClock.monotonic() - since < OPEN_FOR_MS;

  async function runGroup(): Promise<void> {
    const group: Group<E> = { jobs: [waiting.shift() as Job<E>], values: [], at: 0 };
    let written: S;
    try {
      written = await transaction((session) => runMembers(group, session));
    } catch (error) {
      // Whatever a member or the store throws; nothing of this group was kept.
      separate(group, error);
      return;
    }
    committed(written);
    group.jobs.forEach(({ resolve }, index) => {
      resolve(group.values[index]);
    });
  }

  async function runMembers(group: Group<E>, session: ClientSession): Promise<S> {
    const since = systemClock.monotonic();
    const told: E[] = [];
    group.values = [];
    // A repeated transaction has the same members again, and may take more.
    for (group.at = 0; group.at < group.jobs.length || mayJoin(group, since); group.at++) {
      const job = group.jobs[group.at] ?? (waiting.shift() as Job<E>);
      group.jobs[group.at] = job;
      group.values.push(await job.run(session, told));
    }
    group.at = -1;
    return write(session, told);
  }

  /** The one that failed is run again alone, the others before it; where the transaction itself failed all are told. */
  function separate({ jobs, at }: Group<E>, error: unknown): void {
    const culprit = jobs[at];
    if (jobs.length === 1 || !culprit) {
      for (const { reject } of jobs) reject(error);
      return;
    }
    culprit.isAlone = true;
    waiting.unshift(...jobs.filter((job) => job !== culprit), culprit);
  }

  return {
    add: (run) =>
      new Promise((resolve, reject) => {
        waiting.push({ run, resolve: resolve as (value: unknown) => void, reject, isAlone: false });
        pump();
      }),
  };
}
