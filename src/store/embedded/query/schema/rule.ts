/** What a compiled keyword of `$jsonSchema` is, and how a value that does not satisfy it is explained. */
import { Doc, isNumeric, toNumber, type Value } from "../../bson/value";
import { commandError } from "../../command-error";

/** Answers with what the value does not satisfy, in MongoDB's words and shape; nothing means that the value is right. */
export type Check = (value: Value) => readonly Doc[];
/** Compiles one keyword; `schema` holds its siblings. */
export type KeywordCompiler = (argument: Value, schema: Doc, compile: SchemaCompiler) => Check;
export type SchemaCompiler = (schema: Value, keyword: string) => Check;

export const RIGHT: readonly Doc[] = [];

/** `{minimum: 3}` is quoted as the keyword's argument. */
export const unsatisfied = (keyword: string, argument: Value, reason: string, value: Value): Doc =>
  Doc.of({ operatorName: keyword, specifiedAs: Doc.of({ [keyword]: argument }), reason, consideredValue: value });

/** A keyword's argument that must be a number of at least 0 without fraction. */
export function countOf(keyword: string, argument: Value): number {
  const number = isNumeric(argument) ? toNumber(argument) : Number.NaN;
  if (!Number.isInteger(number) || number < 0)
    throw commandError("FailedToParse", `$jsonSchema keyword '${keyword}' must be a non-negative integer`);
  return number;
}
