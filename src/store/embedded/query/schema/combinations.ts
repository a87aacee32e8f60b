/** Keywords of $jsonSchema that combine schemas. */
import { Doc, type Value } from "../../bson/value";
import { commandError } from "../../command-error";
import { type Check, type KeywordCompiler, RIGHT, type SchemaCompiler } from "./rule";

function listOf(keyword: string, argument: Value, compile: SchemaCompiler): Check[] {
  if (!Array.isArray(argument) || argument.length === 0)
    throw commandError("FailedToParse", `$jsonSchema keyword '${keyword}' must be a non-empty array`);
  return argument.map((schema) => compile(schema, keyword));
}

const notSatisfied = (results: readonly (readonly Doc[])[]): Doc[] =>
  results.flatMap((details, index) => (details.length > 0 ? [Doc.of({ index, details: [...details] })] : []));

/** `enough`: how many of the schemas must be satisfied. */
const combination =
  (keyword: "allOf" | "anyOf", enough: (satisfied: number, all: number) => boolean): KeywordCompiler =>
  (argument, _schema, compile) => {
    const checks = listOf(keyword, argument, compile);
    return (value) => {
      const results = checks.map((check) => check(value));
      const schemasNotSatisfied = notSatisfied(results);
      if (enough(results.length - schemasNotSatisfied.length, results.length)) return RIGHT;
      return [Doc.of({ operatorName: keyword, schemasNotSatisfied })];
    };
  };

const oneOf: KeywordCompiler = (argument, _schema, compile) => {
  const checks = listOf("oneOf", argument, compile);
  return (value) => {
    const results = checks.map((check) => check(value));
    const matching = results.flatMap((details, index) => (details.length === 0 ? [index] : []));
    if (matching.length === 1) return RIGHT;
    if (matching.length === 0) return [Doc.of({ operatorName: "oneOf", schemasNotSatisfied: notSatisfied(results) })];
    return [Doc.of({ operatorName: "oneOf", reason: "more than one subschema matched", matchingSchemaIndexes: matching })];
  };
};

const not: KeywordCompiler = (argument, _schema, compile) => {
  const check = compile(argument, "not");
  return (value) => (check(value).length > 0 ? RIGHT : [Doc.of({ operatorName: "not", reason: "child expression matched" })]);
};

export const combinationChecks: readonly [string, KeywordCompiler][] = [
  ["allOf", combination("allOf", (satisfied, all) => satisfied === all)],
  ["anyOf", combination("anyOf", (satisfied) => satisfied > 0)],
  ["oneOf", oneOf],
  ["not", not],
];
