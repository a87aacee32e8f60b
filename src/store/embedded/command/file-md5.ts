/** filemd5: the checksum of a GridFS file, which older drivers ask for when they have written one. */
import { createHash } from "node:crypto";
import { decodeFields } from "../bson/decode";
import { Bin, Doc, isNumeric, toNumber } from "../bson/value";
import { commandError } from "../command-error";
import { find } from "../query/find";
import type { CommandContext } from "./context";
import { okReply } from "./reply";
import type { CommandCall } from "./request";

const FIELDS = new Set(["n", "data"]);
const BY_NUMBER = Doc.of({ n: 1 });

/** `{filemd5: files_id, root: "fs"}`. Throws when a chunk is missing or twice there. */
export function fileMd5({ database, body }: CommandCall, context: CommandContext): Uint8Array {
  const root = body.get("root") ?? "fs";
  if (typeof root !== "string") throw commandError("TypeMismatch", "BSON field 'filemd5.root' must be a string");
  const hash = createHash("md5");
  const collection = context.collection(`${database}.${root}.chunks`);
  let chunks = 0;
  if (collection) {
    const filter = Doc.of({ files_id: body.values[0]! });
    const { rows } = find({ collection, filter, sort: BY_NUMBER, hint: undefined, skip: 0, limit: 0 }, context);
    for (const { d } of rows) {
      const chunk = decodeFields(d, FIELDS);
      const [number, data] = [chunk.get("n"), chunk.get("data")];
      if (!isNumeric(number) || toNumber(number) !== chunks)
        throw commandError("InternalError", `chunks out of order: ${chunks} was expected`);
      if (data instanceof Bin) hash.update(data.bytes);
      chunks++;
    }
  }
  return okReply({ numChunks: chunks, md5: hash.digest("hex") });
}
