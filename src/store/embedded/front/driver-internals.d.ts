/** The parts of the pinned `mongodb` driver that the in-process topology stands on; the driver ships no types for them. */

declare module "mongodb/lib/sessions" {
  import type { mongo } from "mongoose";
  export function applySession(
    session: mongo.ClientSession,
    command: Record<string, unknown>,
    options: Record<string, unknown>,
  ): Error | undefined;
  export function updateSessionFromResponse(session: mongo.ClientSession, response: unknown): void;
}

declare module "mongodb/lib/cmap/wire_protocol/responses" {
  type Fields = Record<string, unknown>;
  export class MongoDBResponse {
    static make(bytes: Uint8Array): MongoDBResponse;
    constructor(bytes: Uint8Array, offset: number, isArray: boolean);
    readonly bson: Uint8Array;
    readonly ok: number;
    toObject(options?: Fields): Fields;
  }
  export class CursorResponse extends MongoDBResponse {
    protected iterated: number;
    get id(): unknown;
    get ns(): unknown;
    get cursor(): unknown;
    get batchSize(): number;
    get atClusterTime(): unknown;
    shift(options?: Fields): unknown;
  }
}

declare module "mongodb/lib/write_concern" {
  /** Takes a response or the object read from one. */
  export function throwIfWriteConcernError(response: unknown): void;
}
