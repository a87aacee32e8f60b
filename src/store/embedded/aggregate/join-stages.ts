/** Stages that read other collections or run pipelines inside: $lookup, $unionWith, $facet. */
import { encode } from "../bson/encode";
import { BsonType, Doc, typeOf, type Value } from "../bson/value";
import { commandError, locationError } from "../command-error";
import { pathOf } from "../query/path";
import { ExpressionCompiler, scopeOf, throughPath } from "./expression";
import type { StageCompiler } from "./stage";
import { MEMORY_BYTES, mapStream, tooLarge } from "./stream";
import { replaceAt } from "./unwind";

export const facet: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc) || argument.size === 0)
    throw locationError(40169, "the $facet specification must be a non-empty object");
  return (input) => {
    const documents: Doc[] = [];
    let bytes = 0;
    for (const doc of input) {
      bytes += encode(doc).length;
      if (bytes > MEMORY_BYTES) throw tooLarge("$facet");
      documents.push(doc);
    }
    const out = new Doc();
    argument.keys.forEach((name, i) => {
      const pipeline = argument.values[i];
      if (!Array.isArray(pipeline)) throw locationError(40170, `arguments to $facet must be arrays, ${name} is not`);
      out.push(name, [...context.run(null, documents, pipeline, context.variables)]);
    });
    return [out];
  };
};

export const unionWith: StageCompiler = (argument, context) => {
  const collection = argument instanceof Doc ? argument.get("coll") : argument;
  const pipeline = argument instanceof Doc ? (argument.get("pipeline") ?? []) : [];
  if (typeof collection !== "string" || !Array.isArray(pipeline))
    throw commandError("FailedToParse", "$unionWith needs a collection name and may have a pipeline");
  return function* (input) {
    yield* input;
    yield* context.run(collection, null, pipeline, context.variables);
  };
};

export const lookup: StageCompiler = (argument, context) => {
  if (!(argument instanceof Doc)) throw commandError("FailedToParse", "the $lookup specification must be an Object");
  const [from, as, localField, foreignField] = ["from", "as", "localField", "foreignField"].map((name) => argument.get(name));
  const pipeline = argument.get("pipeline");
  if (typeof from !== "string" || typeof as !== "string")
    throw commandError("FailedToParse", "$lookup argument 'from' and 'as' must be strings");
  if ((typeof localField === "string") !== (typeof foreignField === "string"))
    throw commandError(
      "FailedToParse",
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  if (typeof localField !== "string" && !Array.isArray(pipeline))
    throw commandError(
      "FailedToParse",
      "$lookup requires either 'pipeline' or both 'localField' and 'foreignField' to be specified",
    );
  const join =
    typeof localField === "string" && typeof foreignField === "string" ? joiner(localField, foreignField) : () => new Doc();
  const lets = argument.get("let");
  const outer = new ExpressionCompiler(context.variables.keys());
  const bindings = lets instanceof Doc ? lets.keys.map((name, i) => [name, outer.compile(lets.values[i]!)] as const) : [];
  const asPath = pathOf(as);
  return (input) =>
    mapStream(input, (doc) => {
      const filter = join(doc);
      let found: Value[];
      if (Array.isArray(pipeline)) {
        const scope = scopeOf(doc, context.variables);
        const variables = new Map([...context.variables, ...bindings.map(([name, value]) => [name, value(scope)] as const)]);
        found = [...context.run(from, null, filter.size > 0 ? [Doc.of({ $match: filter }), ...pipeline] : pipeline, variables)];
      } else found = [...context.search(from, filter)];
      return replaceAt(doc, asPath, 0, found);
    });
};

/** The filter on the foreign collection: equal to the local value, or to one of its elements. */
function joiner(localField: string, foreignField: string): (doc: Doc) => Doc {
  const path = pathOf(localField);
  return (doc) => {
    const value = throughPath(doc, path, 0);
    const isRegex = value !== undefined && value !== null && typeOf(value) === BsonType.regex;
    if (Array.isArray(value)) return new Doc([foreignField], [Doc.of({ $in: value })]);
    return new Doc([foreignField], [isRegex ? Doc.of({ $eq: value }) : (value ?? null)]);
  };
}
