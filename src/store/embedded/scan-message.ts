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

/** A line for the log of the process. */
export interface ScanLogLine {
  message: string;
  fields: LogFields;
}

export type ToScanWorker = { open: ScanOpen } | { request: ScanRequest };
export type FromScanWorker = { answer: ScanReply } | { slow: ScanLogLine };

/** Cursor ids of the worker carry this bit, those of the engine do not: so a getMore finds its way. */
export const WORKER_CURSOR = 1n << 52n;
