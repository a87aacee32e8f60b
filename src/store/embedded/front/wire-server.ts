/**
 * The engine as a MongoDB server: stock drivers, shells and dump tools connect. On a unix socket that only its owner
 * may open, or on loopback TCP, where SCRAM-SHA-256 is demanded. No TLS, no compression, never a public address.
 */
import { chmodSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import type { Log } from "../../../core/log";
import type { Value } from "../bson/value";
import type { Engine } from "../engine";
import type { ScramCredentials } from "./scram";
import { WireConnection } from "./wire-connection";
import { MAX_MESSAGE_BYTES, readMessage, writeReply } from "./wire-message";

const LOOPBACK = "127.0.0.1";
const SMALLEST_MESSAGE = 26;

export type WireAddress = { path: string } | { port: number; credentials: ScramCredentials };

export interface WireServerOptions {
  engine: Engine;
  log: Log;
  address: WireAddress;
  /** Presents itself as the primary of a replica set of this name: some clients use transactions only with one. */
  replicaSet?: string | undefined;
}

export interface WireServer {
  /** What a client puts into its connection string: `127.0.0.1:port`, or the encoded path of the socket. */
  readonly host: string;
  /** Stops listening and ends all connections. */
  close(): Promise<void>;
}

export async function serveWire({ engine, log, address, replicaSet }: WireServerOptions): Promise<WireServer> {
  const sockets = new Set<Socket>();
  const credentials = "port" in address ? address.credentials : null;
  let helloFields: Record<string, Value> = {};
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    serveSocket(socket, new WireConnection({ engine, credentials, helloFields }), log);
  });
  await listen(server, address);
  const bound = server.address();
  const host = typeof bound === "object" && bound ? `${LOOPBACK}:${bound.port}` : encodeURIComponent(String(bound));
  if (replicaSet !== undefined)
    helloFields = { setName: replicaSet, setVersion: 1, secondary: false, hosts: [host], primary: host, me: host };
  return {
    host,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

function listen(server: Server, address: WireAddress): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    if ("port" in address) {
      server.listen(address.port, LOOPBACK, resolve);
      return;
    }
    // A socket file left behind by a killed process; the lock of the data directory proves that nobody listens.
    rmSync(address.path, { force: true });
    server.listen(address.path, () => {
      chmodSync(address.path, 0o600);
      resolve();
    });
  });
}

function serveSocket(socket: Socket, connection: WireConnection, log: Log): void {
  let waiting: Buffer[] = [];
  let length = 0;
  // Commands of one connection are answered in their order.
  let turn: Promise<void> = Promise.resolve();
  const drop = (error: unknown) => {
    log.warn("a database client broke the protocol", { error });
    socket.destroy();
  };
  const handle = async (message: Buffer) => {
    const request = readMessage(message);
    const reply = await connection.answer(request);
    if (request.wantsReply && !socket.destroyed) socket.write(writeReply(request, reply));
  };
  const take = (): Buffer | null => {
    if (length < 4) return null;
    if (waiting[0]!.length < 4) waiting = [Buffer.concat(waiting)];
    const size = waiting[0]!.readInt32LE(0);
    if (size < SMALLEST_MESSAGE || size > MAX_MESSAGE_BYTES) throw new RangeError(`a message of ${size} bytes`);
    if (length < size) return null;
    const all = waiting.length === 1 ? waiting[0]! : Buffer.concat(waiting);
    waiting = all.length > size ? [all.subarray(size)] : [];
    length -= size;
    return all.subarray(0, size);
  };
  socket.setNoDelay(true);
  // ECONNRESET and EPIPE: the client has gone.
  socket.on("error", () => socket.destroy());
  socket.on("close", () => {
    // What it asked last may still wait for its turn.
    void turn.then(() => connection.end());
  });
  socket.on("data", (chunk: Buffer) => {
    waiting.push(chunk);
    length += chunk.length;
    try {
      for (let message = take(); message; message = take()) {
        const next = message;
        turn = turn.then(() => handle(next)).catch(drop);
      }
    } catch (error) {
      // A length that no client sends.
      drop(error);
    }
  });
}
