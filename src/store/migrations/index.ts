/**
 * Migrations of the application's data: numbered, run once each at start, recorded, forward only. A lease keeps two
 * processes from running them at once; a step that died half-way runs again, so every step must be idempotent.
 */
import type mongoose from "mongoose";
import { type Clock, type Timer, wait } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import { baseline } from "./001-baseline";
import { talksOfAContact } from "./002-talks-of-a-contact";

export interface Migration {
  /** 1, 2, 3 ...: the order in which they run; never reused. */
  version: number;
  name: string;
  up(connection: mongoose.Connection): Promise<void>;
}

/** All migrations, oldest first. */
export const MIGRATIONS: readonly Migration[] = [baseline, talksOfAContact];

interface MigrationRecord {
  _id: number;
  name: string;
  finishedAt: Date;
  /** Milliseconds the step took. */
  tookMs: number;
}

interface LeaseRecord {
  _id: string;
  owner: string;
  until: Date;
}

export interface MigrateOptions {
  connection: mongoose.Connection;
  log: Log;
  clock: Clock;
  migrations?: readonly Migration[];
}

const LEASE_MS = 30_000;
const RENEW_MS = 10_000;
const RETRY_MS = 250;
/** How long a start waits for another process that is migrating. */
const PATIENCE_MS = 120_000;
const DUPLICATE_KEY = 11000;

/**
 * Runs the migrations that this database has not had. Returns their versions. Fails with store.newer when the
 * database knows migrations that this version does not, with store.migrating when another process does not finish.
 */
export async function migrate({ connection, log, clock, migrations = MIGRATIONS }: MigrateOptions): Promise<number[]> {
  const records = connection.db!.collection<MigrationRecord>("migrations");
  const due = async () => missing(migrations, new Set((await records.find().toArray()).map(({ _id }) => _id)));
  if ((await due()).length === 0) return [];

  const lease = await takeLease(connection, clock);
  try {
    const done: number[] = [];
    // Asked again under the lease: another process may have run them meanwhile.
    for (const migration of await due()) {
      const from = clock.monotonic();
      await migration.up(connection);
      lease.check();
      const tookMs = Math.round(clock.monotonic() - from);
      await records.insertOne({ _id: migration.version, name: migration.name, finishedAt: new Date(clock.now()), tookMs });
      log.info("migration done", { version: migration.version, name: migration.name, tookMs });
      done.push(migration.version);
    }
    return done;
  } finally {
    await lease.release();
  }
}

function missing(migrations: readonly Migration[], done: ReadonlySet<number>): Migration[] {
  const newest = Math.max(0, ...migrations.map(({ version }) => version));
  const beyond = Math.max(0, ...done);
  if (beyond > newest) {
    throw fail("store.newer", {
      message: `The database was written by a newer version of Chasqui (migration ${beyond}, this version knows ${newest}). Install that version again.`,
    });
  }
  return migrations.filter(({ version }) => !done.has(version)).sort((a, b) => a.version - b.version);
}

interface Lease {
  /** Throws when the lease was lost to another process. */
  check(): void;
  release(): Promise<void>;
}

async function takeLease(connection: mongoose.Connection, clock: Clock): Promise<Lease> {
  const leases = connection.db!.collection<LeaseRecord>("migrationlease");
  const owner = newId(clock.now());
  const until = () => new Date(clock.now() + LEASE_MS);
  const giveUpAt = clock.monotonic() + PATIENCE_MS;
  while (!(await tryLease(leases, owner, new Date(clock.now()), until()))) {
    if (clock.monotonic() >= giveUpAt) throw fail("store.migrating");
    await wait(clock, RETRY_MS);
  }
  let lost = false;
  let timer: Timer;
  const renew = () => {
    leases.updateOne({ _id: "lease", owner }, { $set: { until: until() } }).then(
      ({ matchedCount }) => {
        lost ||= matchedCount === 0;
      },
      // The database is away for a moment: the next renewal or the next step will tell.
      () => {},
    );
    timer = clock.timer(RENEW_MS, renew);
  };
  timer = clock.timer(RENEW_MS, renew);
  return {
    check: () => {
      if (lost) throw fail("store.migrating", { message: "The migration took too long and another process took over." });
    },
    release: async () => {
      timer.cancel();
      await leases.deleteOne({ _id: "lease", owner });
    },
  };
}

async function tryLease(leases: mongoose.mongo.Collection<LeaseRecord>, owner: string, now: Date, until: Date): Promise<boolean> {
  try {
    await leases.updateOne({ _id: "lease", until: { $lte: now } }, { $set: { owner, until } }, { upsert: true });
    return true;
  } catch (error) {
    // The lease exists and has not run out, so the upsert wanted to insert a second one.
    if ((error as { code?: unknown }).code === DUPLICATE_KEY) return false;
    throw error;
  }
}
