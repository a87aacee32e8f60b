/**
 * The door for commands on the same machine: a unix socket in DATA_DIR that only its owner can open. Whoever can open it may do
 * what an admin may do, because they can read the data files anyway.
 */
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, type TObject, Type as t } from "@sinclair/typebox";
import { fail } from "../core/errors";
import type { Log } from "../core/log";
import { requestIdOf } from "../core/request-id";
import type { KeyRotationService } from "../features/data-protection/key-rotation.service";
import { checked, type People, peopleTasks } from "./control-people";
import { type ReplayLines, ReplayRequest } from "./control-replay";
import { failureBody, logFailure, toAppError } from "./errors";

export const SimulateRequest = t.Object(
  {
    messages: t.Array(t.String({ minLength: 1, maxLength: 4_096 }), { minItems: 1, maxItems: 50 }),
    phone: t.Optional(t.String({ minLength: 1, maxLength: 100 })),
    gapMs: t.Integer({ minimum: 0, maximum: 60_000 }),
    timeoutMs: t.Integer({ minimum: 1_000, maximum: 300_000 }),
  },
  { additionalProperties: false },
);
export type SimulateRequest = Static<typeof SimulateRequest>;

export const OpenDatabaseRequest = t.Object(
  {
    port: t.Optional(t.Integer({ minimum: 0, maximum: 65_535 })),
    password: t.Optional(t.String({ minLength: 10, maxLength: 200 })),
    replicaSet: t.Optional(t.String({ minLength: 1, maxLength: 100, pattern: "^[\\w.-]+$" })),
  },
  { additionalProperties: false },
);

export const BackupRequest = t.Object(
  { file: t.String({ minLength: 2, maxLength: 4_096, pattern: "^/" }) },
  { additionalProperties: false },
);

/** The embedded database as commands may reach it. */
export interface Database {
  check(): Promise<string[]>;
  backup(file: string): Promise<void>;
  open(request: Static<typeof OpenDatabaseRequest>): Promise<{ uri: string; close(): Promise<void> }>;
}

export interface RebuildProgress {
  done: number;
  total: number;
}

/** Plays a customer and gives a line of JSON for everything that happens. */
export type Simulate = (request: SimulateRequest, signal: AbortSignal) => ReadableStream<Uint8Array>;

export interface ControlDeps {
  dataDir: string;
  people: People;
  /** Replaces the key that protects stored credentials. */
  rotateKey: () => ReturnType<KeyRotationService["rotate"]>;
  simulate: Simulate;
  /** Builds the search index anew and tells how far it is. */
  rebuildSearch: (onProgress: (progress: RebuildProgress) => void) => Promise<RebuildProgress>;
  /** Builds the figures of the reports anew and tells how far they are. */
  rebuildReports: (onProgress: (progress: RebuildProgress) => void) => Promise<RebuildProgress>;
  replay: ReplayLines;
  /** Null when the data are in MongoDB. */
  database: Database | null;
  version: string;
  log: Log;
}

export const controlSocketPath = (dataDir: string): string => join(dataDir, "control.sock");

/**
 * What takes long is silent meanwhile, and whoever can open this socket may keep it open. Bun's types know the option only for ports;
 * `server.timeout` of a single request does nothing on a socket, and Bun hangs up after 10 s.
 */
const STAYS_OPEN: object = { idleTimeout: 0 };

export interface Control {
  stop(): Promise<void>;
}

/** Opens the socket. The data directory's lock makes sure that a leftover file belongs to nobody. */
export function startControl(deps: ControlDeps): Control {
  const { dataDir, people, rotateKey, simulate, rebuildSearch, rebuildReports, database, version, log } = deps;
  const path = controlSocketPath(dataDir);
  rmSync(path, { force: true });
  const server = Bun.serve({
    unix: path,
    ...STAYS_OPEN,
    routes: {
      "/status": { GET: () => Response.json({ success: true, data: { pid: process.pid, version } }) },
      "/simulate": {
        POST: async (request) => lines(simulate(await read(request, SimulateRequest), request.signal)),
      },
      ...peopleRoutes(people),
      "/admin/rotate-encryption-key": {
        POST: async () => Response.json({ success: true, data: await rotateKey() }),
      },
      "/search/rebuild": {
        POST: () => lines(progressLines(rebuildSearch)),
      },
      "/reports/rebuild": {
        POST: () => lines(progressLines(rebuildReports)),
      },
      "/replay": {
        POST: async (request) => lines(await deps.replay(await read(request, ReplayRequest), request.signal)),
      },
      "/database/check": {
        POST: async () => Response.json({ success: true, data: { found: await embedded(database).check() } }),
      },
      "/database/backup": {
        POST: async (request) => {
          const { file } = await read(request, BackupRequest);
          await embedded(database).backup(file);
          return Response.json({ success: true, data: { file } });
        },
      },
      "/database/open": {
        POST: async (request) => {
          // Open for as long as the one who asked stays on the line.
          const opened = await embedded(database).open(await read(request, OpenDatabaseRequest));
          return lines(untilGone(opened, request.signal));
        },
      },
    },
    fetch: (request) => answer(fail("route.not-found"), request),
    error: (error) => {
      const known = toAppError(error, "", { isStoreUnavailable: () => false });
      logFailure(log, known, { door: "control" });
      return Response.json(failureBody(known, "control"), { status: known.status });
    },
  });
  chmodSync(path, 0o600);
  return { stop: () => server.stop(true) };
}

function embedded(database: Database | null): Database {
  if (!database) throw fail("store.not-embedded");
  return database;
}

const lines = (stream: ReadableStream<Uint8Array>): Response =>
  new Response(stream, { headers: { "content-type": "application/x-ndjson" } });

/** A line of JSON for every step; the last one says how it ended. */
function progressLines(run: ControlDeps["rebuildSearch"]): ReadableStream<Uint8Array> {
  const line = (value: unknown) => new TextEncoder().encode(`${JSON.stringify(value)}\n`);
  let isGone = false;
  return new ReadableStream({
    async start(controller) {
      const tell = (value: unknown) => {
        if (!isGone) controller.enqueue(line(value));
      };
      try {
        tell({ finished: await run((progress) => tell({ progress })) });
      } catch (error) {
        // Being built already, a full disk, the server stops.
        tell({ failed: failureBody(toAppError(error, "", { isStoreUnavailable: () => false }), "control") });
      }
      if (!isGone) controller.close();
    },
    cancel: () => {
      isGone = true;
    },
  });
}

/** One line that tells the address; then silence until the client has gone, which closes the door behind it. */
function untilGone({ uri, close }: { uri: string; close(): Promise<void> }, signal: AbortSignal): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      if (signal.aborted) void close();
      signal.addEventListener("abort", () => void close(), { once: true });
      controller.enqueue(new TextEncoder().encode(`${JSON.stringify({ uri })}\n`));
    },
    cancel: () => close(),
  });
}

function answer(error: ReturnType<typeof fail>, request: Request): Response {
  return Response.json(failureBody(error, requestIdOf(request)), { status: error.status });
}

async function read<T extends TObject>(request: Request, schema: T): Promise<Static<T>> {
  return checked(await json(request), schema);
}

/** Throws `request.malformed`. */
const json = (request: Request): Promise<unknown> =>
  request.json().catch((error: unknown) => {
    // Not JSON.
    throw fail("request.malformed", { cause: error });
  });

const peopleRoutes = (people: People) =>
  Object.fromEntries(
    Object.entries(peopleTasks(people)).map(([path, run]) => [
      path,
      { POST: async (request: Request) => Response.json({ success: true, data: await run(await json(request)) }) },
    ]),
  );
