/**
 * The stock MongoClient on the engine in this process: a topology object instead of sockets. Sessions, cursors, bulk
 * writes, error classes and results stay the driver's own code. Rests on internals of the pinned driver.
 */
import { EventEmitter } from "node:events";
import { applySession, updateSessionFromResponse } from "mongodb/lib/sessions";
import { throwIfWriteConcernError } from "mongodb/lib/write_concern";
import { mongo } from "mongoose";
import { WIRE_VERSION } from "../command/admin";
import { okReply, type Reply } from "../command/reply";
import type { Engine } from "../engine";
import { requestOf } from "./driver-command";
import { type StartSession, withImplicitSession } from "./implicit-session";
import { type ResponseType, wrapReply } from "./response";

const ADDRESS = "embedded:0";
const SESSION_MINUTES = 30;

const HELLO = {
  isWritablePrimary: true,
  minWireVersion: 0,
  maxWireVersion: WIRE_VERSION,
  maxBsonObjectSize: 16_777_216,
  maxMessageSizeBytes: 48_000_000,
  maxWriteBatchSize: 100_000,
  logicalSessionTimeoutMinutes: SESSION_MINUTES,
};

type Fields = Record<string, unknown>;

/** What the driver hands to a server: one operation that can build its command. */
interface Operation {
  session?: mongo.ClientSession;
  ns: { db: string; collection?: string };
  options: Fields;
  /** How documents become bytes and back, after the options of client, database and collection. */
  bsonOptions: Fields;
  SERVER_COMMAND_RESPONSE_TYPE?: ResponseType;
  buildCommand(connection: object, session?: mongo.ClientSession): Fields;
  buildOptions(timeoutContext: unknown): Fields;
}

class EmbeddedServer extends EventEmitter {
  readonly description = { type: "Standalone", address: ADDRESS, error: null, ...HELLO };
  readonly s = { state: "connected" };
  readonly pool = null;
  readonly loadBalanced = false;
  readonly clusterTime = null;
  readonly #engine: Engine;
  readonly #connection = { description: this.description, hello: HELLO, id: 1, address: ADDRESS, loadBalanced: false };

  constructor(engine: Engine) {
    super();
    this.#engine = engine;
  }

  /** Called by the driver for each operation; a read is answered without waiting. */
  command(operation: Operation, timeoutContext: unknown): unknown {
    const { session, bsonOptions } = operation;
    let command = operation.buildCommand(this.#connection, session);
    // The engine needs sessions only for transactions; an implicit one never has any.
    if (session?.explicit) {
      command = { ...command };
      const refused = applySession(session, command, operation.buildOptions(timeoutContext));
      if (refused) throw refused;
    }
    // Whoever wants no acknowledgement is not told of failures either, as over a socket.
    const told = isUnacknowledged(command) ? () => okReply() : (reply: Reply) => reply;
    const reply = this.#engine.execute(requestOf(operation.ns.db, command, bsonOptions));
    if (!(reply instanceof Promise)) return answer(operation, told(reply));
    return reply.then((late) => {
      const answered = answer(operation, told(late));
      if (command.writeConcern !== undefined) throwIfWriteConcernError(answered);
      return answered;
    });
  }
}

const isUnacknowledged = ({ writeConcern }: Fields): boolean => (writeConcern as Fields | undefined)?.w === 0;

function answer(operation: Operation, reply: Reply): unknown {
  const { session, bsonOptions } = operation;
  const response = wrapReply(reply, operation);
  if (session?.explicit) updateSessionFromResponse(session, response);
  if (response.ok === 0) throw new mongo.MongoServerError(response.toObject(bsonOptions) as mongo.ErrorDescription);
  return operation.SERVER_COMMAND_RESPONSE_TYPE ? response : response.toObject(bsonOptions);
}

class EmbeddedTopology extends EventEmitter {
  readonly s: { options: unknown; servers: Map<string, EmbeddedServer>; state: string };
  readonly description;
  readonly loadBalanced = false;
  readonly commonWireVersion = WIRE_VERSION;
  readonly logicalSessionTimeoutMinutes = SESSION_MINUTES;
  readonly clusterTime = undefined;
  readonly capabilities = { hasAggregationCursor: true };
  readonly #server: EmbeddedServer;

  constructor(engine: Engine, options: unknown) {
    super();
    this.#server = new EmbeddedServer(engine);
    this.s = { options, servers: new Map([[ADDRESS, this.#server]]), state: "connected" };
    this.description = {
      type: "Single",
      logicalSessionTimeoutMinutes: SESSION_MINUTES,
      commonWireVersion: WIRE_VERSION,
      servers: new Map([[ADDRESS, this.#server.description]]),
    };
  }

  async connect(): Promise<this> {
    return this;
  }
  selectServer(): EmbeddedServer {
    return this.#server;
  }
  lastHello(): typeof HELLO {
    return HELLO;
  }
  isConnected(): boolean {
    return true;
  }
  isDestroyed(): boolean {
    return false;
  }
  close(): void {}
  closeCheckedOutConnections(): void {}
}

/** The fields of a MongoClient that the driver keeps for itself. */
interface ClientInternals {
  topology?: EmbeddedTopology;
  options: unknown;
  emit(event: string, ...values: unknown[]): boolean;
  _connect(): Promise<unknown>;
  startSession: StartSession;
}

/** A connected-on-demand MongoClient whose server is the engine. */
export function embeddedClient(engine: Engine, database: string): mongo.MongoClient {
  const client = new mongo.MongoClient(`mongodb://embedded/${database}`, { retryWrites: false, retryReads: false });
  const internals = client as unknown as ClientInternals;
  internals._connect = async () => {
    if (!internals.topology) {
      internals.topology = new EmbeddedTopology(engine, internals.options);
      internals.emit("open", client);
    }
    return client;
  };
  internals.startSession = withImplicitSession(internals.startSession.bind(client));
  return client;
}
