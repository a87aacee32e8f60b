/** Which commands the scan worker runs without trying first. */
import type { Value } from "../bson/value";
import { WORKER_CURSOR } from "../scan-message";
import type { CommandCall } from "./request";

/** Reports say so themselves: `comment: "report: messages by day"`. */
export function isReport({ body }: CommandCall): boolean {
  const comment = body.get("comment");
  return typeof comment === "string" && comment.startsWith("report");
}

const hasMark = (id: Value | undefined): boolean =>
  (typeof id === "bigint" || typeof id === "number") && (BigInt(id) & WORKER_CURSOR) !== 0n;

/** A cursor goes on where it was opened. */
export const isWorkerCursor = ({ body }: CommandCall): boolean => hasMark(body.values[0]);

/** killCursors names one cursor as a rule; of a mixed list those of the worker are left to expire. */
export function areWorkerCursors({ body }: CommandCall): boolean {
  const ids = body.get("cursors");
  return Array.isArray(ids) && ids.length > 0 && ids.every(hasMark);
}

/** Without `queryPlanner` the search is carried out to its end. */
export const executesToExplain = ({ body, payload }: CommandCall): boolean =>
  payload === null && body.get("verbosity") !== "queryPlanner";
