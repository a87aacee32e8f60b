/** Replies as the driver wants them, read by our own reader where the options allow it. */
import { CursorResponse, MongoDBResponse } from "mongodb/lib/cmap/wire_protocol/responses";
import { mongo } from "mongoose";
import { type Batch, okReply, type Reply, replyBytes } from "../command/reply";
import { isDefaultReading, readForDriver } from "./driver-read";

type Fields = Record<string, unknown>;
export type ResponseType = typeof MongoDBResponse;

class EmbeddedResponse extends MongoDBResponse {
  override toObject(options?: Fields): Fields {
    return (isDefaultReading(options) ? readForDriver(this.bson, 0) : undefined) ?? super.toObject(options);
  }
}

/** All that the driver reads of a cursor reply beside the cursor itself. */
const OK = okReply();

/** A cursor reply whose documents were never put into one message: they are read where they lie. */
class EmbeddedCursorResponse extends CursorResponse {
  readonly #batch: Batch;
  readonly #isOwn: boolean;
  #options: Fields | undefined;
  #isDefault = true;

  /** `isOwn`: the documents belong to the collection that was asked. */
  constructor(batch: Batch, isOwn: boolean) {
    super(OK, 0, false);
    this.#batch = batch;
    this.#isOwn = isOwn;
  }

  override get id(): mongo.Long {
    return this.#batch.cursor === 0n ? new mongo.Long(0, 0) : mongo.Long.fromBigInt(this.#batch.cursor);
  }

  override get ns(): unknown {
    return this.#isOwn ? null : super.ns;
  }

  /** What is rarely asked for is read from the message after all. */
  override get cursor(): unknown {
    return new CursorResponse(replyBytes(this.#batch), 0, false).cursor;
  }

  override get atClusterTime(): unknown {
    return this.#batch.atClusterTime && new CursorResponse(replyBytes(this.#batch), 0, false).atClusterTime;
  }

  override get batchSize(): number {
    return this.#batch.documents.length;
  }

  override shift(options?: Fields): unknown {
    const document = this.#batch.documents[this.iterated];
    if (document === undefined) return null;
    this.iterated++;
    if (options?.raw === true) return document;
    if (options !== this.#options) {
      this.#options = options;
      this.#isDefault = isDefaultReading(options);
    }
    const read = this.#isDefault ? readForDriver(document, 0) : undefined;
    return read ?? new MongoDBResponse(document, 0, false).toObject(options);
  }
}

/** Error replies begin with `ok`: an int32 called "ok". */
const isError = (reply: Uint8Array): boolean => reply[4] === 0x10 && reply[5] === 111 && reply[6] === 107 && reply[7] === 0;

/** What a response is made for. */
export interface Asked {
  ns: { db: string; collection?: string };
  SERVER_COMMAND_RESPONSE_TYPE?: ResponseType;
}

/** Wraps a reply of the engine in what the operation expects. */
export function wrapReply(reply: Reply, { ns, SERVER_COMMAND_RESPONSE_TYPE: type }: Asked): MongoDBResponse {
  if (!(reply instanceof Uint8Array)) {
    if (type === CursorResponse) return new EmbeddedCursorResponse(reply, reply.namespace === `${ns.db}.${ns.collection}`);
    return wrapReply(replyBytes(reply), { ns, SERVER_COMMAND_RESPONSE_TYPE: type });
  }
  if (isError(reply)) return new MongoDBResponse(reply, 0, false);
  if (type === undefined || type === MongoDBResponse) return new EmbeddedResponse(reply, 0, false);
  return type.make(reply);
}
