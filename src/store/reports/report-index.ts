/** The figures of the reports as the rest of the process sees them. */
import { join } from "node:path";
import type { Log } from "../../core/log";
import { openThread } from "../thread";
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
  /** New figures are built beside those in use, and take their place when they are finished. */
  beginBuild(position: number): Promise<void>;
  build(operations: readonly ReportOperation[]): Promise<void>;
  finishBuild(): Promise<void>;
  close(): Promise<void>;
}

/** Opens DATA_DIR/reports.db in a thread. Fails when the file cannot be written. */
export async function openReportIndex({ dataDir, log }: { dataDir: string; log: Log }): Promise<ReportIndex> {
  const path = join(dataDir, "reports.db");
  const thread = await openThread<ReportTask>({
    worker: WORKER_FILE,
    path,
    name: "the report worker",
    unavailable: "report.unavailable",
    log,
  });
  return {
    apply: (operations, position, stored) => thread.ask({ apply: { operations, position, stored } }),
    find: (request) => thread.ask({ find: request }),
    size: () => thread.ask({ size: true }),
    beginBuild: (position) => thread.ask({ beginBuild: { position } }),
    build: (operations) => thread.ask({ build: { operations } }),
    async finishBuild() {
      while (await thread.ask<boolean>({ deriveBuild: true }));
      await thread.ask({ finishBuild: true });
    },
    close: () => thread.close(),
  };
}
