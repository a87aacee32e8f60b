/** One client connection: who it is, and what it may ask. */

import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { Bin, Doc, type Value } from "../bson/value";
import { errorReply, okReply } from "../command/reply";
import { type CommandError, commandError } from "../command-error";
import type { Engine } from "../engine";
import { toCommandError } from "../storage/failure";
import { ScramConversation, type ScramCredentials } from "./scram";
import type { WireRequest } from "./wire-message";

/** What may be asked before signing in. */
const OPEN = new Set([
  "hello",
  "isMaster",
  "ismaster",
  "ping",
  "buildInfo",
  "buildinfo",
  "saslStart",
  "saslContinue",
  "endSessions",
]);
const HELLO = new Set(["hello", "isMaster", "ismaster"]);

export interface WireConnectionOptions {
  engine: Engine;
  /** Null: everyone who can open the socket may ask (the file system decided). */
  credentials: ScramCredentials | null;
  /** Fields added to the answer of hello, such as the name of a replica set for suites that insist on one. */
  helloFields: Readonly<Record<string, Value>>;
}

export class WireConnection {
  readonly #options: WireConnectionOptions;
  #conversation: ScramConversation | null = null;
  /** The client said that it leaves out the empty exchange at the end. */
  #skipsEmpty = false;
  /** Session and number of the transaction that this client is in. */
  #transaction: { lsid: Value; txnNumber: Value } | null = null;

  constructor(options: WireConnectionOptions) {
    this.#options = options;
  }

  async answer(request: WireRequest): Promise<Uint8Array> {
    const name = request.body.keys[0] ?? "";
    try {
      if (this.#options.credentials && !this.#conversation?.proven && !OPEN.has(name)) {
        throw commandError("Unauthorized", `Command ${name} requires authentication`);
      }
      if (name === "saslStart" || name === "saslContinue") return this.#authenticate(request.body, name);
      this.#follow(request.body, name);
      const reply = await this.#options.engine.command(request);
      return HELLO.has(name) ? this.#hello(request.body, reply) : reply;
    } catch (error) {
      // What authentication refuses; the engine itself never rejects.
      return errorReply(toCommandError(error) satisfies CommandError);
    }
  }

  /** The client has gone: nobody would end its transaction, and everybody else would wait for it. */
  async end(): Promise<void> {
    if (!this.#transaction) return;
    const body = Doc.of({ abortTransaction: 1, ...this.#transaction, autocommit: false });
    await this.#options.engine.command({ database: "admin", body, payload: null });
  }

  #follow(body: Doc, name: string): void {
    if (body.get("autocommit") !== false) return;
    const [lsid, txnNumber] = [body.get("lsid"), body.get("txnNumber")];
    const isEnded = name === "commitTransaction" || name === "abortTransaction";
    this.#transaction = isEnded || lsid === undefined || txnNumber === undefined ? null : { lsid, txnNumber };
  }

  #hello(body: Doc, reply: Uint8Array): Uint8Array {
    const doc = decode(reply);
    for (const [name, value] of Object.entries(this.#options.helloFields)) doc.set(name, value);
    if (this.#options.credentials && body.has("saslSupportedMechs")) doc.set("saslSupportedMechs", ["SCRAM-SHA-256"]);
    return encode(doc);
  }

  #authenticate(body: Doc, step: "saslStart" | "saslContinue"): Uint8Array {
    const { credentials } = this.#options;
    const payload = body.get("payload");
    const message = payload instanceof Bin ? Buffer.from(payload.bytes).toString("utf8") : "";
    if (step === "saslStart") {
      if (!credentials || body.get("mechanism") !== "SCRAM-SHA-256") {
        throw commandError("AuthenticationFailed", "Only SCRAM-SHA-256 is supported.");
      }
      const options = body.get("options");
      this.#skipsEmpty = options instanceof Doc && options.get("skipEmptyExchange") === true;
      this.#conversation = new ScramConversation(credentials);
      return saslReply(this.#conversation.start(message), false);
    }
    if (!this.#conversation || (this.#conversation.proven && this.#skipsEmpty))
      throw commandError("ProtocolError", "No SASL session state found");
    // Clients that cannot skip it end the conversation with an empty exchange.
    if (this.#conversation.proven) return saslReply("", true);
    try {
      return saslReply(this.#conversation.finish(message), true);
    } catch (error) {
      // A wrong proof: the conversation is over.
      this.#conversation = null;
      throw error;
    }
  }
}

const saslReply = (text: string, done: boolean): Uint8Array =>
  okReply({ conversationId: 1, done, payload: new Bin(0, new Uint8Array(Buffer.from(text, "utf8"))) });
