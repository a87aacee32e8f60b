/** A command of the driver as the engine takes it: documents to insert as bytes, everything else as values. */
import { mongo } from "mongoose";
import type { CommandRequest } from "../command/request";
import { toBody } from "./driver-write";

type Fields = Record<string, unknown>;

/** A batch that the driver has serialised already, to know its size. */
interface DocumentSequence {
  documents: Fields[];
  chunks: Uint8Array[];
}

const isSequence = (value: unknown): value is DocumentSequence =>
  typeof value === "object" && value !== null && "chunks" in value;

export function requestOf(database: string, command: Fields, bsonOptions: Fields): CommandRequest {
  const ignoreUndefined = bsonOptions.ignoreUndefined === true;
  const { documents } = command;
  if (isSequence(documents)) {
    // The first chunk is the header of the message section.
    return { database, body: toBody(command, ignoreUndefined, "documents"), payload: documents.chunks.slice(1) };
  }
  if (Array.isArray(documents)) {
    const payload = documents.map((item) => serialize(item as Fields, bsonOptions));
    return { database, body: toBody(command, ignoreUndefined, "documents"), payload };
  }
  for (const field of ["updates", "deletes"]) {
    const statements = command[field];
    if (bsonOptions.serializeFunctions === true && statements !== undefined) {
      const list = isSequence(statements) ? statements.documents : (statements as Fields[]);
      const payload = list.map((item) => serialize(item, bsonOptions));
      return { database, body: toBody(command, ignoreUndefined, field), payload };
    }
    // Bytes would only be read again: the statements themselves are nearer to what the engine works with.
    if (isSequence(statements))
      return { database, body: toBody({ ...command, [field]: statements.documents }, ignoreUndefined, null), payload: null };
  }
  return { database, body: toBody(command, ignoreUndefined, null), payload: null };
}

const serialize = (document: Fields, { ignoreUndefined, serializeFunctions }: Fields): Uint8Array =>
  mongo.BSON.serialize(document, {
    checkKeys: false,
    ignoreUndefined: ignoreUndefined === true,
    serializeFunctions: serializeFunctions === true,
  });
