/** MongoDB's wire messages: OP_MSG, and OP_QUERY for the first hello of old clients. */
import { decode, documentLength } from "../bson/decode";
import { endOfName, utf8Text } from "../bson/text";
import type { Doc } from "../bson/value";

const OP_REPLY = 1;
const OP_QUERY = 2004;
const OP_MSG = 2013;
const HEADER = 16;
const CHECKSUM_PRESENT = 1;
const MORE_TO_COME = 2;
/** Flags 0 to 15 must be understood; the others may be ignored. */
const REQUIRED_FLAGS = 0xffff;

/** The largest message a server announces (maxMessageSizeBytes). */
export const MAX_MESSAGE_BYTES = 48_000_000;

export interface WireRequest {
  id: number;
  database: string;
  body: Doc;
  payload: Uint8Array[] | null;
  /** False when the client does not want an answer. */
  wantsReply: boolean;
  legacy: boolean;
}

/** A message that breaks the protocol: the connection is closed. */
export class WireProtocolError extends Error {
  override name = "WireProtocolError";
}

/** Reads one whole message. */
export function readMessage(message: Buffer): WireRequest {
  const id = message.readInt32LE(4);
  const opcode = message.readInt32LE(12);
  if (opcode === OP_MSG) return readMsg(message, id);
  if (opcode === OP_QUERY) return readQuery(message, id);
  throw new WireProtocolError(`operation ${opcode} is not supported`);
}

function readMsg(message: Buffer, id: number): WireRequest {
  const flags = message.readUInt32LE(HEADER);
  if ((flags & REQUIRED_FLAGS & ~(CHECKSUM_PRESENT | MORE_TO_COME)) !== 0) throw new WireProtocolError("unknown required flags");
  const end = message.length - (flags & CHECKSUM_PRESENT ? 4 : 0);
  let body: Doc | null = null;
  let payload: Uint8Array[] | null = null;
  for (let at = HEADER + 4; at < end; ) {
    const kind = message[at++];
    if (kind === 0) {
      if (body) throw new WireProtocolError("a message may have one body only");
      body = decode(message, at);
      at += message.readInt32LE(at);
    } else if (kind === 1) {
      const size = message.readInt32LE(at);
      if (size < 5 || at + size > end) throw new WireProtocolError("a section declares a wrong length");
      if (payload) throw new WireProtocolError("more than one sequence of documents");
      payload = readSequence(message, at + 4, at + size);
      at += size;
    } else throw new WireProtocolError(`unknown section kind ${String(kind)}`);
  }
  const database = body?.get("$db");
  if (!body || typeof database !== "string") throw new WireProtocolError("a message needs a body with $db");
  return { id, database, body, payload, wantsReply: (flags & MORE_TO_COME) === 0, legacy: false };
}

function readSequence(message: Buffer, from: number, end: number): Uint8Array[] {
  const documents: Uint8Array[] = [];
  let at = endOfName(message, from) + 1;
  while (at < end) {
    const length = documentLength(message, at);
    // Copied: the engine keeps documents longer than the socket keeps its buffer.
    documents.push(new Uint8Array(message.subarray(at, at + length)));
    at += length;
  }
  return documents;
}

function readQuery(message: Buffer, id: number): WireRequest {
  const stop = endOfName(message, HEADER + 4);
  const namespace = utf8Text(message, HEADER + 4, stop);
  const query = decode(message, stop + 9);
  const inner = query.get("$query");
  const body =
    inner !== undefined && inner !== null && typeof inner === "object" && "keys" in inner && !Array.isArray(inner)
      ? (inner as Doc)
      : query;
  return { id, database: namespace.split(".")[0] ?? "admin", body, payload: null, wantsReply: true, legacy: true };
}

let nextId = 1;

/** The answer to a request as bytes for the socket. */
export function writeReply(request: WireRequest, reply: Uint8Array): Buffer {
  const fixed = request.legacy ? 36 : 21;
  const out = Buffer.alloc(fixed + reply.length);
  out.writeInt32LE(out.length, 0);
  out.writeInt32LE(nextId, 4);
  out.writeInt32LE(request.id, 8);
  out.writeInt32LE(request.legacy ? OP_REPLY : OP_MSG, 12);
  if (request.legacy) {
    // AwaitCapable, and one document.
    out.writeInt32LE(8, 16);
    out.writeInt32LE(1, 32);
  }
  nextId = (nextId + 1) & 0x7fffffff;
  out.set(reply, fixed);
  return out;
}
