/** Replies as the driver wants them, read by our own reader where the options allow it. */
import { CursorResponse, MongoDBResponse } from "mongodb/lib/cmap/wire_protocol/responses";
import { type Element, walkElements } from "../bson/decode";
import { isDefaultReading, readForDriver } from "./driver-read";

type Fields = Record<string, unknown>;
export type ResponseType = typeof MongoDBResponse;

class EmbeddedResponse extends MongoDBResponse {
  override toObject(options?: Fields): Fields {
    return (isDefaultReading(options) ? readForDriver(this.bson, 0) : undefined) ?? super.toObject(options);
  }
}

const int32 = (bytes: Uint8Array, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24);

/** A cursor reply whose documents are read where they lie. */
class EmbeddedCursorResponse extends CursorResponse {
  /** Where the next element of the batch begins. */
  #at = 0;
  /** Where the last one ends. */
  #end = 0;
  #size = -1;

  #locate(): void {
    if (this.#size >= 0) return;
    const { bson } = this;
    let batch: Element | undefined;
    walkElements(bson, (cursor) => {
      walkElements(
        bson,
        (element) => {
          batch = element;
          return false;
        },
        cursor.valueAt,
      );
      return false;
    });
    this.#size = 0;
    if (!batch) return;
    this.#at = batch.valueAt + 4;
    this.#end = batch.to - 1;
    for (let at = this.#at; at < this.#end; this.#size++) {
      const document = documentAt(bson, at);
      at = document + int32(bson, document);
    }
  }

  override get batchSize(): number {
    this.#locate();
    return this.#size;
  }

  override shift(options?: Fields): unknown {
    this.#locate();
    if (this.iterated >= this.#size) return null;
    const from = documentAt(this.bson, this.#at);
    const to = from + int32(this.bson, from);
    this.#at = to;
    this.iterated++;
    if (options?.raw === true) return this.bson.subarray(from, to);
    const read = isDefaultReading(options) ? readForDriver(this.bson, from) : undefined;
    return read ?? new MongoDBResponse(this.bson.subarray(from, to), 0, false).toObject(options);
  }
}

/** Skips type byte and number of an array element. */
function documentAt(bytes: Uint8Array, element: number): number {
  let at = element + 1;
  while (bytes[at] !== 0) at++;
  return at + 1;
}

/** Error replies begin with `ok`: an int32 called "ok". */
const isError = (reply: Uint8Array): boolean => reply[4] === 0x10 && reply[5] === 111 && reply[6] === 107 && reply[7] === 0;

/** Wraps a reply of the engine in what the operation expects. */
export function wrapReply(reply: Uint8Array, type: ResponseType | undefined): MongoDBResponse {
  if (isError(reply)) return new MongoDBResponse(reply, 0, false);
  if (type === undefined || type === MongoDBResponse) return new EmbeddedResponse(reply, 0, false);
  if (type === CursorResponse) return new EmbeddedCursorResponse(reply, 0, false);
  return type.make(reply);
}
