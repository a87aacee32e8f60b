/** aggregate: the pipeline's result as a cursor, or stored by its last stage. */
import { runPipeline } from "../aggregate/pipeline";
import { SOURCES } from "../aggregate/sources";
import { storeMerged, storeOut } from "../aggregate/write-stages";
import { Doc, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { truthy } from "../query/leaf";
import { refuseCollation } from "../unsupported";
import type { CommandContext } from "./context";
import { FIRST_BATCH } from "./cursor";
import { explainCommand, wantsExplain } from "./explain";
import { hintOf } from "./query";
import type { Reply } from "./reply";
import { type CommandCall, docField, namespaceOf } from "./request";
import { groundOf, sourceIn } from "./view-reads";

export function aggregate(call: CommandCall, context: CommandContext): Reply {
  const { body } = call;
  refuseCollation(body.get("collation"));
  const pipeline = pipelineOf(body);
  if (!pipeline) throw commandError("TypeMismatch", "BSON field 'aggregate.pipeline' must be an array");
  if (!body.has("cursor") && !truthy(body.get("explain")))
    throw commandError("FailedToParse", "The 'cursor' option is required, except for aggregate with the explain argument");
  if (wantsExplain(call)) return explainCommand(call, false, context);
  const namespace = typeof body.values[0] === "string" ? namespaceOf(call) : `${call.database}.$cmd.aggregate`;
  const size = docField(call, "cursor").get("batchSize");
  if (typeof size === "number" && size < 0)
    throw locationError(51024, `BSON field 'cursor.batchSize' value must be >= 0, actual value '${size}'`);
  const [writing, argument] = writingStage(pipeline) ?? [null, null];
  if (writing !== null && levelOf(body) === "linearizable")
    throw commandError("InvalidOptions", `${writing} cannot be used with a 'linearizable' read concern level`);
  const documents = documentsOf(call, context, namespace, writing === null ? pipeline : pipeline.slice(0, -1));
  if (writing !== null) {
    if (writing === "$out") storeOut(argument!, call.database, documents, context);
    else storeMerged(argument!, call.database, documents, context);
    return { namespace, cursor: 0n, field: "firstBatch", documents: [] };
  }
  return context.cursors.open({
    namespace,
    documents,
    batchSize: typeof size === "number" ? size : FIRST_BATCH,
    single: false,
    transaction: call.transaction?.id ?? null,
  });
}

function documentsOf(
  call: CommandCall,
  context: CommandContext,
  namespace: string,
  pipeline: readonly Value[],
): Iterable<Uint8Array> {
  const source = sourceIn(namespace, context);
  const onDatabase = typeof call.body.values[0] !== "string";
  const ground = onDatabase ? { collection: null, pipeline: [] } : groundOf(namespace, context);
  const { collection } = ground;
  const [first] = pipeline;
  const name = first instanceof Doc && first.size === 1 ? first.keys[0]! : "";
  const making = SOURCES.get(name);
  if (making && making.database === onDatabase) {
    const input = making.source({ namespace, collection, argument: (first as Doc).values[0]!, context });
    return runPipeline(source, null, pipeline.slice(1), context.variables(), { input });
  }
  if (onDatabase)
    throw commandError(
      "InvalidNamespace",
      "{aggregate: 1} is not valid for an empty pipeline or for a pipeline that begins with a stage that reads a collection",
    );
  return runPipeline(source, collection, [...ground.pipeline, ...pipeline], context.variables(), { hint: hintOf(call.body) });
}

function levelOf(body: Doc): Value | undefined {
  const concern = body.get("readConcern");
  return concern instanceof Doc ? concern.get("level") : undefined;
}

function pipelineOf(body: Doc): Value[] | null {
  const pipeline = body.get("pipeline");
  return Array.isArray(pipeline) ? pipeline : null;
}

function writingStage(pipeline: readonly Value[]): ["$out" | "$merge", Value] | null {
  const last = pipeline.at(-1);
  const name = last instanceof Doc && last.size === 1 ? last.keys[0] : undefined;
  return name === "$out" || name === "$merge" ? [name, (last as Doc).values[0]!] : null;
}

/** True for an aggregate whose last stage stores its result. */
export function writesResult({ body }: { body: Doc }): boolean {
  const pipeline = pipelineOf(body);
  return pipeline !== null && writingStage(pipeline) !== null && !truthy(body.get("explain"));
}
