/** Replies as BSON bytes. Cursor replies copy the documents' bytes without decoding them. */
import { encode, encodeElements } from "../bson/encode";
import { Dbl, Doc, type Timestamp, type Value } from "../bson/value";
import type { CommandError } from "../command-error";

const OK = new Dbl(1);

/** A reply with ok: 1 at its end. */
export function okReply(fields: Record<string, Value | undefined> = {}): Uint8Array {
  const doc = Doc.of(fields);
  doc.push("ok", OK);
  return encode(doc);
}

const NAMES = { lastErrorObject: name("lastErrorObject"), value: name("value") };
const OK_ELEMENT = okReply().subarray(4, -1);

function name(text: string): Uint8Array {
  return Buffer.from(`\u0003${text}\0`, "latin1");
}

/** What findAndModify answers when it found something: the document's bytes are copied as they are. */
export const foundReply = (lastErrorObject: Doc, value: Uint8Array): Uint8Array =>
  encodeElements([NAMES.lastErrorObject, encode(lastErrorObject), NAMES.value, value, OK_ELEMENT]);

export const errorReply = (error: CommandError): Uint8Array => encode(error.toReply());

/** One element of `writeErrors`. */
export const writeError = (index: number, error: CommandError): Doc =>
  Doc.of({ index, code: error.code, ...error.extra, errmsg: error.message });

/** Bytes of the decimal digits of an array index. */
const digits = (n: number): number => (n < 10 ? 1 : n < 100 ? 2 : n < 1000 ? 3 : n < 10_000 ? 4 : n < 100_000 ? 5 : 7);

/** The documents of a cursor reply, as they lie in the file; front ends that need one message put them into bytes. */
export interface Batch {
  namespace: string;
  /** 0 when there is nothing more. */
  cursor: bigint;
  field: "firstBatch" | "nextBatch";
  documents: readonly Uint8Array[];
  /** The time of the snapshot that was read. */
  atClusterTime?: Timestamp;
}

/** What a command answers. */
export type Reply = Uint8Array | Batch;

export const replyBytes = (reply: Reply): Uint8Array => (reply instanceof Uint8Array ? reply : batchBytes(reply));

/** Type, name and value of the element with the time of the snapshot. */
const CLUSTER_TIME_BYTES = 1 + "atClusterTime".length + 1 + 8;

/** `{cursor: {firstBatch: [...], atClusterTime, id, ns}, ok: 1}`. */
function batchBytes({ namespace, cursor, field, documents, atClusterTime }: Batch): Uint8Array {
  let arrayLength = 5;
  for (let i = 0; i < documents.length; i++) arrayLength += documents[i]!.length + 2 + digits(i);
  const ns = Buffer.byteLength(namespace);
  const cursorLength =
    4 + (field.length + 2) + arrayLength + (1 + 3 + 8) + (1 + 3 + 4 + ns + 1) + (atClusterTime ? CLUSTER_TIME_BYTES : 0) + 1;
  const total = 4 + 8 + cursorLength + (1 + 3 + 8) + 1;
  const out = Buffer.allocUnsafe(total);
  let at = 0;
  const name = (type: number, text: string) => {
    out[at++] = type;
    at += out.write(text, at, "latin1");
    out[at++] = 0;
  };
  const int32 = (value: number) => {
    at = out.writeInt32LE(value, at);
  };
  int32(total);
  name(3, "cursor");
  int32(cursorLength);
  name(4, field);
  int32(arrayLength);
  for (let i = 0; i < documents.length; i++) {
    name(3, String(i));
    out.set(documents[i]!, at);
    at += documents[i]!.length;
  }
  out[at++] = 0;
  if (atClusterTime) {
    name(0x11, "atClusterTime");
    at = out.writeUInt32LE(atClusterTime.increment, at);
    at = out.writeUInt32LE(atClusterTime.seconds, at);
  }
  name(0x12, "id");
  at = out.writeBigInt64LE(cursor, at);
  name(2, "ns");
  int32(ns + 1);
  at += out.write(namespace, at, "utf8");
  out[at++] = 0;
  out[at++] = 0;
  name(1, "ok");
  at = out.writeDoubleLE(1, at);
  out[at++] = 0;
  return out;
}
