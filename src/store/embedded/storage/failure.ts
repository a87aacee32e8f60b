/** SQLite's failures as errors in MongoDB's shape, marked so that the product recognises "the store cannot be written now". */
import { SQLiteError } from "bun:sqlite";
import { CODES, CommandError, commandError } from "../command-error";

/** The label on every error that comes from the file, the disk or the operating system rather than from the caller. */
export const STORE_UNAVAILABLE = "StoreUnavailable";

/** True for errors of SQLite itself. */
export const isSqliteError = (error: unknown): error is SQLiteError => error instanceof SQLiteError;

/** Another program holds the lock: it may be free in a moment. */
export const isBusy = (error: unknown): boolean => isSqliteError(error) && (error.code ?? "").startsWith("SQLITE_BUSY");

export function storeFailure(error: SQLiteError): CommandError {
  const code = error.code ?? "SQLITE_ERROR";
  const extra = { errorLabels: [STORE_UNAVAILABLE] };
  if (code.startsWith("SQLITE_FULL"))
    return new CommandError(CODES.OutOfDiskSpace, "OutOfDiskSpace", "The disk is full: nothing was written", extra);
  if (code.startsWith("SQLITE_BUSY") || code.startsWith("SQLITE_LOCKED")) {
    return new CommandError(24, "LockTimeout", "Another program holds a lock on the database file", extra);
  }
  if (code.startsWith("SQLITE_READONLY"))
    return new CommandError(CODES.IllegalOperation, "IllegalOperation", "The database file is read-only", extra);
  if (code.startsWith("SQLITE_CORRUPT") || code.startsWith("SQLITE_NOTADB")) {
    return new CommandError(
      256,
      "UnrecoverableError",
      `The database file is damaged (${error.message}): restore a backup`,
      extra,
    );
  }
  return new CommandError(
    CODES.InternalError,
    "InternalError",
    `The database file could not be used (${code}: ${error.message})`,
    extra,
  );
}

/** Any thrown value as a CommandError. */
export function toCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  if (isSqliteError(error) && /^no such table: [cx]\d/.test(error.message))
    return commandError("QueryPlanKilled", "The collection or the index was dropped while the cursor was open");
  if (isSqliteError(error)) return storeFailure(error);
  if (error instanceof RangeError && error.message.startsWith("BSON:")) return new CommandError(22, "InvalidBSON", error.message);
  return new CommandError(8, "UnknownError", error instanceof Error ? error.message : String(error));
}
