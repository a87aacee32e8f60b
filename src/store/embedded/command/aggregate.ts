/** aggregate: the pipeline's result as a cursor. */
import { runPipeline } from "../aggregate/pipeline";
import { Doc } from "../bson/value";
import { commandError } from "../command-error";
import { truthy } from "../query/leaf";
import { refuseCollation, refuseStage } from "../unsupported";
import type { CommandContext } from "./context";
import { FIRST_BATCH } from "./cursor";
import { explainCommand, wantsExplain } from "./explain";
import { hintOf } from "./query";
import type { Reply } from "./reply";
import { type CommandCall, docField, namespaceOf } from "./request";

export function aggregate(call: CommandCall, context: CommandContext): Reply {
  const { body } = call;
  refuseCollation(body.get("collation"));
  const pipeline = body.get("pipeline");
  if (!Array.isArray(pipeline)) throw commandError("TypeMismatch", "BSON field 'aggregate.pipeline' must be an array");
  if (typeof body.values[0] !== "string") refuseStage(pipeline[0] instanceof Doc ? (pipeline[0].keys[0] ?? "") : "");
  if (!body.has("cursor") && !truthy(body.get("explain")))
    throw commandError("FailedToParse", "The 'cursor' option is required, except for aggregate with the explain argument");
  if (wantsExplain(call)) return explainCommand(call, false, context);
  const namespace = namespaceOf(call);
  const size = docField(call, "cursor").get("batchSize");
  const documents = runPipeline(
    { collection: (name) => context.collection(`${call.database}.${name}`), find: context },
    context.collection(namespace),
    pipeline,
    context.variables(),
    hintOf(body),
  );
  return context.cursors.open({
    namespace,
    documents,
    batchSize: typeof size === "number" ? size : FIRST_BATCH,
    single: false,
    transaction: call.transaction?.id ?? null,
  });
}
