/** Removes what is older than the settings allow: every few hours, in pieces, by one process at a time. */
import { type Clock, type Timer, wait } from "../../core/clock";
import { describeError } from "../../core/errors";
import type { Log } from "../../core/log";
import { retentionSettings } from "../settings/retention-settings.service";
import type { SettingsService } from "../settings/setting.service";
import type { RetentionModel, RetentionRun } from "./retention.model";
import type { RetentionKind, RetentionRule } from "./retention-rules";

export type RetentionCounts = Partial<Record<RetentionKind, number>>;

export interface RetentionService {
  /** What a run would remove now. */
  preview(): Promise<RetentionCounts>;
  /** Runs once; null when another process does. */
  run(): Promise<RetentionCounts | null>;
  lastRun(): Promise<{ finishedAt: Date | null; removed: RetentionCounts }>;
  start(): void;
  stop(): Promise<void>;
}

export interface RetentionDeps {
  runs: RetentionModel;
  rules: readonly RetentionRule[];
  settings: Pick<SettingsService, "get">;
  clock: Clock;
  logger: Log;
}

const ID = "retention";
const FIRST_AFTER_MS = 10 * 60_000;
const EVERY_MS = 6 * 3_600_000;
const LEASE_MS = 5 * 60_000;
/** Between two pieces everything else gets its turn. */
const REST_MS = 20;
const DAY_MS = 86_400_000;
const DUPLICATE_KEY = 11_000;

export function createRetentionService({ runs, rules, settings, clock, logger }: RetentionDeps): RetentionService {
  let isStopping = false;
  let timer: Timer | null = null;
  let working: Promise<unknown> | null = null;

  async function walk(how: "count" | "remove", afterPiece: () => Promise<unknown>): Promise<RetentionCounts> {
    const days = settings.get(retentionSettings);
    const counts: RetentionCounts = {};
    for (const { kind, pass } of rules) {
      const kept = days[kind];
      if (kept === null) continue;
      const before = new Date(clock.now() - kept * DAY_MS);
      counts[kind] = 0;
      for (let last: string | null = ""; last !== null && !isStopping; ) {
        const piece: Awaited<ReturnType<typeof pass>> = await pass(before, last, how);
        counts[kind] = (counts[kind] ?? 0) + piece.count;
        last = piece.next;
        if (last !== null) await afterPiece();
      }
    }
    return counts;
  }

  const extend = async () => {
    await runs.updateOne({ _id: ID }, { $set: { leaseUntil: new Date(clock.now() + LEASE_MS) } });
    await wait(clock, REST_MS);
  };

  async function takeLease(): Promise<boolean> {
    const now = clock.now();
    try {
      await runs.updateOne(
        { _id: ID, leaseUntil: { $lt: new Date(now) } },
        { $set: { leaseUntil: new Date(now + LEASE_MS) } },
        { upsert: true },
      );
      return true;
    } catch (error) {
      // The lease of another process still holds, so the upsert wanted to insert a second one.
      if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
      throw error;
    }
  }

  async function run(): Promise<RetentionCounts | null> {
    if (!(await takeLease())) return null;
    const removed = await walk("remove", extend);
    const now = new Date(clock.now());
    await runs.updateOne({ _id: ID }, { $set: { removed, finishedAt: now, leaseUntil: new Date(0) } });
    if (Object.values(removed).some((count) => count > 0)) logger.info("old data removed", removed);
    return removed;
  }

  function soon(ms: number): void {
    timer = clock.timer(ms, () => {
      working = run()
        // The store is away: the next run removes what this one did not.
        .catch((error: unknown) => logger.warn("old data could not be removed", { reason: describeError(error) }))
        .finally(() => !isStopping && soon(EVERY_MS));
    });
  }

  return {
    preview: () => walk("count", () => wait(clock, 0)),
    run,
    async lastRun() {
      const last = (await runs.findById(ID).lean()) as RetentionRun | null;
      return { finishedAt: last?.finishedAt ?? null, removed: last?.removed ?? {} };
    },
    start: () => soon(FIRST_AFTER_MS),
    async stop() {
      isStopping = true;
      timer?.cancel();
      await working;
    },
  };
}
