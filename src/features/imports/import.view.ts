/** An import as those who follow it see it. */
import type { ImportView } from "../../events/customer-view";
import type { ContactImport } from "./import.model";

export const toImportView = (job: ContactImport): ImportView => ({
  id: job._id,
  by: job.by,
  filename: job.filename,
  state: job.state,
  isDryRun: job.isDryRun,
  onExisting: job.onExisting,
  encoding: job.encoding,
  delimiter: job.delimiter,
  columns: job.columns.map(({ header, target }) => ({ header, target })),
  total: job.total,
  done: job.done,
  created: job.created,
  updated: job.updated,
  skipped: job.skipped,
  failed: job.failed,
  problem: job.problem,
  createdAt: job.createdAt.toISOString(),
  finishedAt: job.finishedAt?.toISOString() ?? null,
});
