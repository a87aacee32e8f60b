/**
 * Exclusive ownership of the data directory. The lock is SQLite's own file lock held by an open transaction: the
 * operating system releases it with the process, also after kill -9. The pid in the other file is for people.
 */
import { Database, SQLiteError } from "bun:sqlite";
import { accessSync, constants, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fail } from "../core/errors";

export interface DataDirLock {
  readonly dir: string;
  /** Gives the directory free; harmless when called twice. */
  release(): void;
}

/** A connection that nobody refers to would be collected and closed, and the lock with it. */
const held = new Set<Database>();

/**
 * Creates the directory (readable by its owner only) and takes the lock.
 * Fails with data-dir.not-writable or data-dir.in-use.
 */
export function lockDataDir(dir: string): DataDirLock {
  makeWritable(dir);
  const pidFile = join(dir, "chasqui.pid");
  const lock = takeLock(join(dir, "chasqui.lock"), () => readPid(pidFile), dir);
  writeFileSync(pidFile, `${process.pid}\n`, { mode: 0o600 });
  held.add(lock);
  return {
    dir,
    release: () => {
      if (!held.delete(lock)) return;
      rmSync(pidFile, { force: true });
      lock.close();
    },
  };
}

function makeWritable(dir: string): void {
  try {
    mkdirSync(dir, { recursive: true, mode: 0o700 });
    accessSync(dir, constants.R_OK | constants.W_OK | constants.X_OK);
    // Root passes every access check, and a full or read-only disk shows only when writing.
    const probe = join(dir, `.probe-${process.pid}`);
    writeFileSync(probe, "", { mode: 0o600 });
    rmSync(probe);
  } catch (error) {
    // EACCES, EROFS, ENOTDIR, ENOSPC ...: whatever keeps us from writing there.
    throw fail("data-dir.not-writable", {
      message: `The data directory ${dir} cannot be written (${codeOf(error)}). Make it writable for this user, or set DATA_DIR to another directory.`,
      cause: error,
    });
  }
}

function takeLock(file: string, ownerPid: () => string, dir: string): Database {
  const lock = new Database(file, { create: true, readwrite: true });
  try {
    lock.run("PRAGMA locking_mode = EXCLUSIVE");
    lock.run("PRAGMA journal_mode = MEMORY");
    lock.run("BEGIN EXCLUSIVE");
    return lock;
  } catch (error) {
    lock.close();
    if (!(error instanceof SQLiteError) || !error.code?.startsWith("SQLITE_BUSY")) {
      throw fail("data-dir.not-writable", {
        message: `The lock file ${file} cannot be used (${codeOf(error)}). Remove it when no Chasqui runs.`,
        cause: error,
      });
    }
    throw fail("data-dir.in-use", {
      message: `Another Chasqui process (pid ${ownerPid()}) uses the data directory ${dir}. Stop it, or set DATA_DIR to another directory.`,
      cause: error,
    });
  }
}

function readPid(file: string): string {
  try {
    return readFileSync(file, "utf8").trim() || "unknown";
  } catch {
    // ENOENT: the owner has not written it yet.
    return "unknown";
  }
}

const codeOf = (error: unknown): string =>
  error instanceof Error && "code" in error ? String(error.code) : error instanceof Error ? error.message : String(error);
