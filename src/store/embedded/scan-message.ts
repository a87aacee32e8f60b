/** What the engine and its scan worker say to each other. */
import type { LogFields } from "../../core/log";

export interface ScanRequest {
  id: number;
  database: string;
  /** The whole command as BSON. */
  body: Uint8Array;
  /** The engine's time, for $$NOW. */
  now: number;
}

/** Work on the whole file: the check of everything, or a backup to a new file. */
export interface ScanTask {
  id: number;
  task: { kind: "check" } | { kind: "backup"; target: string };
}

/** The first message tells the worker what to open. */
export interface ScanOpen {
  file: string;
  failScansOver: number | undefined;
}

export interface ScanReply {
  id: number;
  /** The reply of the command as BSON. */
  reply: Uint8Array;
  /** Cursors that are open in the worker now. */
  cursors: number;
}

/** What a task found (nothing for a backup), or why it failed. */
export type ScanResult = { id: number; found: string[] } | { id: number; failed: string };

/** A line for the log of the process. */
export interface ScanLogLine {
  message: string;
  fields: LogFields;
}

export type ToScanWorker = { open: ScanOpen } | { request: ScanRequest } | { work: ScanTask };
export type FromScanWorker = { answer: ScanReply } | { done: ScanResult } | { slow: ScanLogLine };

/** Cursor ids of the worker carry this bit, those of the engine do not: so a getMore finds its way. */
export const WORKER_CURSOR = 1n << 52n;
