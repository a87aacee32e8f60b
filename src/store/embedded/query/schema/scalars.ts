/** Keywords of $jsonSchema about numbers, strings and fixed values. */
import { isZero, remainder } from "../../bson/arithmetic";
import { compareValues, equalValues } from "../../bson/compare";
import { isNumeric, type Value } from "../../bson/value";
import { commandError } from "../../command-error";
import { compileRegex } from "../regex";
import { countOf, type KeywordCompiler, RIGHT, unsatisfied } from "./rule";

const COMPARED = "comparison failed";

/** `minimum` and `maximum`; the exclusive keywords are their flags, as in draft 4. */
function bound(keyword: "minimum" | "maximum", sign: 1 | -1): KeywordCompiler {
  const exclusive = keyword === "minimum" ? "exclusiveMinimum" : "exclusiveMaximum";
  return (argument, schema) => {
    if (!isNumeric(argument)) throw commandError("TypeMismatch", `$jsonSchema keyword '${keyword}' must be a number`);
    const isExclusive = schema.get(exclusive) === true;
    return (value) => {
      if (!isNumeric(value)) return RIGHT;
      const order = compareValues(value, argument) * sign;
      return order > 0 || (order === 0 && !isExclusive) ? RIGHT : [unsatisfied(keyword, argument, COMPARED, value)];
    };
  };
}

function exclusive(keyword: string, other: string): KeywordCompiler {
  return (argument, schema) => {
    if (typeof argument !== "boolean") throw commandError("TypeMismatch", `$jsonSchema keyword '${keyword}' must be a boolean`);
    if (!schema.has(other))
      throw commandError("FailedToParse", `$jsonSchema keyword '${other}' must be a present if ${keyword} is present`);
    return () => RIGHT;
  };
}

const multipleOf: KeywordCompiler = (argument) => {
  if (!isNumeric(argument)) throw commandError("TypeMismatch", "$jsonSchema keyword 'multipleOf' must be a number");
  if (compareValues(argument, 0) <= 0)
    throw commandError("FailedToParse", "$jsonSchema keyword 'multipleOf' must have a positive value");
  return (value) =>
    !isNumeric(value) || isZero(remainder(value, argument))
      ? RIGHT
      : [unsatisfied("multipleOf", argument, "considered value is not a multiple of the specified value", value)];
};

function lengthBound(keyword: "minLength" | "maxLength", sign: 1 | -1): KeywordCompiler {
  return (argument) => {
    const wanted = countOf(keyword, argument);
    return (value) =>
      typeof value !== "string" || ([...value].length - wanted) * sign >= 0
        ? RIGHT
        : [unsatisfied(keyword, argument, "specified string length was not satisfied", value)];
  };
}

const pattern: KeywordCompiler = (argument) => {
  if (typeof argument !== "string") throw commandError("TypeMismatch", "$jsonSchema keyword 'pattern' must be a string");
  const regex = compileRegex(argument, "");
  return (value) =>
    typeof value !== "string" || regex.test(value)
      ? RIGHT
      : [unsatisfied("pattern", argument, "regular expression did not match", value)];
};

const values: KeywordCompiler = (argument) => {
  if (!Array.isArray(argument) || argument.length === 0)
    throw commandError("FailedToParse", "$jsonSchema keyword 'enum' must be a non-empty array");
  return (value) =>
    argument.some((allowed) => sameKind(allowed, value) && equalValues(allowed, value))
      ? RIGHT
      : [unsatisfied("enum", argument, "value was not found in enum", value)];
};

const sameKind = (a: Value, b: Value): boolean => Array.isArray(a) === Array.isArray(b);

export const scalarChecks: readonly [string, KeywordCompiler][] = [
  ["minimum", bound("minimum", 1)],
  ["maximum", bound("maximum", -1)],
  ["exclusiveMinimum", exclusive("exclusiveMinimum", "minimum")],
  ["exclusiveMaximum", exclusive("exclusiveMaximum", "maximum")],
  ["multipleOf", multipleOf],
  ["minLength", lengthBound("minLength", 1)],
  ["maxLength", lengthBound("maxLength", -1)],
  ["pattern", pattern],
  ["enum", values],
];
