/** findAndModify: finds one document and changes or removes it in one step. */
import { decode } from "../bson/decode";
import { encode } from "../bson/encode";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { find } from "../query/find";
import { truthy } from "../query/leaf";
import { compileProjection } from "../query/projection";
import { refuseCollation } from "../unsupported";
import { compileUpdate } from "../update/updater";
import type { CommandContext } from "./context";
import { foundReply, okReply } from "./reply";
import { type CommandCall, docField } from "./request";
import { changeRow, targetOf, upsert } from "./write-document";

export function findAndModify(call: CommandCall, context: CommandContext): Uint8Array {
  const { body } = call;
  refuseCollation(body.get("collation"));
  const removing = truthy(body.get("remove"));
  const upserting = truthy(body.get("upsert"));
  const wantsNew = truthy(body.get("new"));
  const change = body.get("update");
  checkChoice(removing, upserting, wantsNew, change);
  const filter = docField(call, "query");
  const collection = targetOf(call, upserting, context);
  const projection = compileProjection(body.get("fields"), context);
  const updater = removing ? null : compileUpdate(change, body.get("arrayFilters"), context);
  if (!collection) return nothing(removing);

  const { matcher, rows } = find(
    { collection, filter, sort: body.get("sort"), hint: body.get("hint"), skip: 0, limit: 1 },
    context,
  );
  const [row] = rows;
  const shown = (bytes: Uint8Array): Uint8Array => {
    if (!projection) return bytes;
    if (projection.applyRaw) return projection.applyRaw(bytes);
    return encode(projection.apply(decode(bytes), () => matcher.position(decode(row ? row.d : bytes))));
  };
  if (!updater) {
    if (!row) return nothing(true);
    collection.remove(context.writer, row);
    return foundReply(Doc.of({ n: 1 }), shown(row.d));
  }
  if (!row) {
    if (!upserting) return nothing(false);
    const { id, bytes } = upsert(collection, filter, updater, context);
    const lastErrorObject = Doc.of({ n: 1, updatedExisting: false, upserted: id });
    return wantsNew ? foundReply(lastErrorObject, shown(bytes)) : okReply({ lastErrorObject, value: null });
  }
  const { bytes } = changeRow(collection, row, updater, matcher, context);
  return foundReply(Doc.of({ n: 1, updatedExisting: true }), shown(wantsNew ? bytes : row.d));
}

const nothing = (removing: boolean): Uint8Array =>
  okReply({ lastErrorObject: Doc.of({ n: 0, updatedExisting: removing ? undefined : false }), value: null });

function checkChoice(removing: boolean, upserting: boolean, wantsNew: boolean, change: Value | undefined): void {
  if (removing && change !== undefined) throw commandError("FailedToParse", "Cannot specify both an update and remove=true");
  if (removing && upserting) throw commandError("FailedToParse", "Cannot specify both upsert=true and remove=true ");
  if (removing && wantsNew)
    throw commandError(
      "FailedToParse",
      "Cannot specify both new=true and remove=true; 'remove' always returns the deleted document",
    );
  if (!removing && change === undefined) throw commandError("FailedToParse", "Either an update or remove=true must be specified");
}
