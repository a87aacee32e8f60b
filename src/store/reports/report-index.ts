/** The figures of the reports as the rest of the process sees them. */
import { join } from "node:path";
import type { Clock } from "../../core/clock";
import type { Log } from "../../core/log";
import { idleThread } from "../idle-thread";
import type { ReportMoment, ReportOperation, ReportRequest, ReportRow, ReportSize, ReportTask } from "./report-message";

/** In the executable everything of ours is one file at its root, and the worker lies where it lay below src. */
const WORKER_FILE = new URL(
  Bun.isStandaloneExecutable ? "./store/reports/report.worker.js" : "./report.worker.ts",
  import.meta.url,
).href;

export interface ReportIndex {
  /**
   * All or nothing, with how far the events have been read. Gives the moments that are not kept elsewhere yet; those of `stored` are.
   */
  apply(operations: readonly ReportOperation[], position: number, stored: readonly string[]): Promise<ReportMoment[]>;
  find(request: ReportRequest): Promise<ReportRow[]>;
  size(): Promise<ReportSize>;
  /** How far the events have been read; null when there is nothing yet. */
  position(): Promise<number | null>;
  /** New figures are built beside those in use, and take their place when they are finished. */
  beginBuild(position: number): Promise<void>;
  build(operations: readonly ReportOperation[]): Promise<void>;
  finishBuild(): Promise<void>;
  close(): Promise<void>;
}

/** DATA_DIR/reports.db, opened in a thread by the first task. Tasks fail with `report.unavailable` when the file cannot be written. */
export function openReportIndex({ dataDir, clock, log }: { dataDir: string; clock: Clock; log: Log }): ReportIndex {
  const thread = idleThread<ReportTask>({
    worker: WORKER_FILE,
    path: join(dataDir, "reports.db"),
    name: "the report worker",
    unavailable: "report.unavailable",
    clock,
    log,
  });
  return {
    apply: (operations, position, stored) => thread.ask({ apply: { operations, position, stored } }),
    find: (request) => thread.ask({ find: request }),
    size: () => thread.ask({ size: true }),
    position: () => thread.position({ size: true }),
    beginBuild(position) {
      thread.hold(true);
      return thread.ask({ beginBuild: { position } });
    },
    build: (operations) => thread.ask({ build: { operations } }),
    async finishBuild() {
      while (await thread.ask<boolean>({ deriveBuild: true }));
      thread.hold(false);
      await thread.ask({ finishBuild: true });
    },
    close: () => thread.close(),
  };
}
