/**
 * The door for commands on the same machine: a unix socket in DATA_DIR that only its owner can open. Whoever can open it may do
 * what an admin may do, because they can read the data files anyway.
 */
import { chmodSync, rmSync } from "node:fs";
import { join } from "node:path";
import { type Static, type TObject, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { fail } from "../core/errors";
import type { Log } from "../core/log";
import { requestIdOf } from "../core/request-id";
import type { AgentLifeService } from "../features/agents/agent-life.service";
import type { PasswordService } from "../features/auth/password.service";
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

export const ResetPasswordRequest = t.Object(
  { email: t.String({ minLength: 3, maxLength: 254 }), password: t.Optional(t.String({ minLength: 10, maxLength: 200 })) },
  { additionalProperties: false },
);

export const ResetLinkRequest = t.Object({ email: t.String({ minLength: 3, maxLength: 254 }) }, { additionalProperties: false });

export const InviteRequest = t.Object(
  {
    email: t.String({ minLength: 3, maxLength: 254, pattern: "^[^@\\s]+@[^@\\s]+$" }),
    role: t.String({ minLength: 1, maxLength: 40 }),
  },
  { additionalProperties: false },
);

/** What the administrator of the machine may do with people. */
export interface People {
  passwords: Pick<PasswordService, "force">;
  /** A link that sets a new password. */
  makeResetLink(email: string): Promise<{ link: string | null; sent: boolean; expiresAt: string }>;
  invite(request: { email: string; role: string }): ReturnType<AgentLifeService["invite"]>;
}

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
  simulate: Simulate;
  /** Builds the search index anew and tells how far it is. */
  rebuildSearch: (onProgress: (progress: RebuildProgress) => void) => Promise<RebuildProgress>;
  /** Builds the figures of the reports anew and tells how far they are. */
  rebuildReports: (onProgress: (progress: RebuildProgress) => void) => Promise<RebuildProgress>;
  /** Null when the data are in MongoDB. */
  database: Database | null;
  version: string;
  log: Log;
}

export const controlSocketPath = (dataDir: string): string => join(dataDir, "control.sock");

export interface Control {
  stop(): Promise<void>;
}

/** Opens the socket. The data directory's lock makes sure that a leftover file belongs to nobody. */
export function startControl(deps: ControlDeps): Control {
  const { dataDir, people, simulate, rebuildSearch, rebuildReports, database, version, log } = deps;
  const path = controlSocketPath(dataDir);
  rmSync(path, { force: true });
  const server = Bun.serve({
    unix: path,
    routes: {
      "/status": { GET: () => Response.json({ success: true, data: { pid: process.pid, version } }) },
      "/simulate": {
        POST: async (request, server) => {
          // The stream is silent while the customer is waited for.
          server.timeout(request, 0);
          return new Response(simulate(await read(request, SimulateRequest), request.signal), {
            headers: { "content-type": "application/x-ndjson" },
          });
        },
      },
      "/admin/reset-password": {
        POST: async (request) => {
          const { email, password } = await read(request, ResetPasswordRequest);
          return Response.json({ success: true, data: { email, password: await people.passwords.force(email, password) } });
        },
      },
      "/admin/reset-link": {
        POST: async (request) => {
          const { email } = await read(request, ResetLinkRequest);
          return Response.json({ success: true, data: await people.makeResetLink(email) });
        },
      },
      "/admin/invite": {
        POST: async (request) => {
          const invitation = await read(request, InviteRequest);
          return Response.json({ success: true, data: await people.invite(invitation) });
        },
      },
      "/search/rebuild": {
        POST: (request, server) => {
          server.timeout(request, 0);
          return new Response(progressLines(rebuildSearch), { headers: { "content-type": "application/x-ndjson" } });
        },
      },
      "/reports/rebuild": {
        POST: (request, server) => {
          server.timeout(request, 0);
          return new Response(progressLines(rebuildReports), { headers: { "content-type": "application/x-ndjson" } });
        },
      },
      "/database/check": {
        POST: async (request, server) => {
          server.timeout(request, 0);
          return Response.json({ success: true, data: { found: await embedded(database).check() } });
        },
      },
      "/database/backup": {
        POST: async (request, server) => {
          server.timeout(request, 0);
          const { file } = await read(request, BackupRequest);
          await embedded(database).backup(file);
          return Response.json({ success: true, data: { file } });
        },
      },
      "/database/open": {
        POST: async (request, server) => {
          // Open for as long as the one who asked stays on the line.
          server.timeout(request, 0);
          const opened = await embedded(database).open(await read(request, OpenDatabaseRequest));
          return new Response(untilGone(opened, request.signal), { headers: { "content-type": "application/x-ndjson" } });
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
  const body: unknown = await request.json().catch((error: unknown) => {
    // Not JSON.
    throw fail("request.malformed", { cause: error });
  });
  if (Value.Check(schema, body)) return body as Static<T>;
  throw fail("request.invalid", {
    details: [...Value.Errors(schema, body)].slice(0, 10).map(({ path, message }) => ({ path, message })),
  });
}
