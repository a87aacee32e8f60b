/**
 * What people do with the embedded database from outside the product: look into it with MongoDB's tools, check it, back it
 * up. The same door serves a running server (through its control socket) and a file that nobody has open.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { describeError, fail } from "../core/errors";
import type { Log } from "../core/log";
import { DATABASE } from "./connect";
import type { Engine } from "./embedded/engine";
import { scramCredentials } from "./embedded/front/scram";
import { serveWire, type WireAddress, type WireServer } from "./embedded/front/wire-server";

export interface WireRequest {
  /** Loopback TCP, where a password is demanded; undefined: the unix socket in the data directory. */
  port?: number | undefined;
  password?: string | undefined;
  /** The name of the replica set it pretends to be the primary of. */
  replicaSet?: string | undefined;
}

export interface OpenWire {
  /** What a client is given to connect, without the password. */
  uri: string;
  close(): Promise<void>;
}

export interface DatabaseDoor {
  /** What is wrong with the database, one sentence each; empty when nothing is. */
  check(): Promise<string[]>;
  /** Writes a checked copy to a new file (an absolute path). Fails with store.backup-failed. */
  backup(file: string): Promise<void>;
  /** Lets MongoDB's clients in until it is closed. */
  open(request: WireRequest): Promise<OpenWire>;
}

export interface DoorDeps {
  engine: Engine;
  dataDir: string;
  log: Log;
}

export const WIRE_USER = "chasqui";

export function createDoor({ engine, dataDir, log }: DoorDeps): DatabaseDoor {
  const path = join(dataDir, "db.sock");
  /** Several may look through the one socket; the last one closes it. */
  let socket: { server: Promise<WireServer>; users: number } | null = null;

  async function openSocket(): Promise<OpenWire> {
    socket ??= { server: listen({ path }), users: 0 };
    const shared = socket;
    shared.users++;
    const leave = async () => {
      if (--shared.users > 0) return;
      if (socket === shared) socket = null;
      await (await shared.server).close();
    };
    try {
      const { host } = await shared.server;
      return { uri: `mongodb://${host}/${DATABASE}`, close: once(leave) };
    } catch (error) {
      if (socket === shared) socket = null;
      throw error;
    }
  }

  async function openPort(port: number, { password, replicaSet }: WireRequest): Promise<OpenWire> {
    if (password === undefined) throw fail("request.invalid", { message: "A port needs a password." });
    const server = await listen({ port, credentials: scramCredentials(WIRE_USER, password) }, replicaSet);
    const options = `authSource=admin${replicaSet === undefined ? "" : `&replicaSet=${encodeURIComponent(replicaSet)}`}`;
    return { uri: `mongodb://${WIRE_USER}@${server.host}/${DATABASE}?${options}`, close: once(() => server.close()) };
  }

  const listen = (address: WireAddress, replicaSet?: string): Promise<WireServer> =>
    serveWire({ engine, log: log.child({ part: "database-door" }), address, replicaSet }).catch((error: unknown) => {
      if ((error as { code?: unknown }).code !== "EADDRINUSE" || !("port" in address)) throw error;
      throw fail("port.in-use", { message: `Port ${address.port} is in use by another program.`, cause: error });
    });

  return {
    check: () => engine.check(),
    backup: async (file) => {
      if (existsSync(file)) throw fail("store.backup-failed", { message: `${file} exists already: choose another name.` });
      await engine.backup(file).catch((error: unknown) => {
        // No such directory, a full disk, a damaged source.
        throw fail("store.backup-failed", { message: `The backup could not be written: ${describeError(error)}`, cause: error });
      });
    },
    open: (request) => (request.port === undefined ? openSocket() : openPort(request.port, request)),
  };
}

const once = (run: () => Promise<void>): (() => Promise<void>) => {
  let done: Promise<void> | null = null;
  return () => (done ??= run());
};
