/** `$jsonSchema`: a schema compiled to a check of a document. */
import { BsonType, Doc, typeOf, type Value } from "../../bson/value";
import { commandError } from "../../command-error";
import { typeTest } from "../type-test";
import { arrayChecks } from "./arrays";
import { combinationChecks } from "./combinations";
import { objectChecks } from "./objects";
import { type Check, type KeywordCompiler, RIGHT, type SchemaCompiler, unsatisfied } from "./rule";
import { scalarChecks } from "./scalars";

const TYPES = new Map([
  ["object", "object"],
  ["array", "array"],
  ["number", "number"],
  ["boolean", "bool"],
  ["string", "string"],
  ["null", "null"],
]);

const NAMES = new Map(Object.entries(BsonType).map(([name, code]) => [code as number, name]));

function typed(keyword: string, argument: Value, test: (value: Value) => boolean): Check {
  return (value) => {
    if (test(value)) return RIGHT;
    const doc = unsatisfied(keyword, argument, "type did not match", value);
    doc.push("consideredType", NAMES.get(typeOf(value)) ?? "unknown");
    return [doc];
  };
}

const bsonType: KeywordCompiler = (argument) => typed("bsonType", argument, typeTest(argument));

const type: KeywordCompiler = (argument) => {
  const list = (Array.isArray(argument) ? argument : [argument]).map((name) => {
    const known = typeof name === "string" ? TYPES.get(name) : undefined;
    if (known === undefined) throw commandError("BadValue", `Unknown type name alias: ${String(name)}`);
    return known;
  });
  return typed("type", argument, typeTest(list));
};

/** Said about a schema, asks nothing of a document. */
const silent: KeywordCompiler = (argument) => {
  if (typeof argument !== "string") throw commandError("TypeMismatch", "$jsonSchema title and description must be strings");
  return () => RIGHT;
};

const KEYWORDS: ReadonlyMap<string, KeywordCompiler> = new Map([
  ["bsonType", bsonType],
  ["type", type],
  ["title", silent],
  ["description", silent],
  ...scalarChecks,
  ...arrayChecks,
  ...objectChecks,
  ...combinationChecks,
]);

const UNSUPPORTED = new Set(["$ref", "$schema", "default", "definitions", "format", "id"]);

/** Compiles a schema, or one inside another. */
export const compileSchema: SchemaCompiler = (schema, keyword) => {
  if (!(schema instanceof Doc)) throw commandError("TypeMismatch", `$jsonSchema keyword '${keyword}' must be an object`);
  if (schema.has("type") && schema.has("bsonType"))
    throw commandError("FailedToParse", "Cannot specify both $jsonSchema keywords 'type' and 'bsonType'");
  const checks: Check[] = [];
  schema.keys.forEach((name, i) => {
    const make = KEYWORDS.get(name);
    if (make) checks.push(make(schema.values[i]!, schema, compileSchema));
    else if (UNSUPPORTED.has(name))
      throw commandError("FailedToParse", `$jsonSchema keyword '${name}' is not currently supported`);
    else throw commandError("FailedToParse", `Unknown $jsonSchema keyword: ${name}`);
  });
  return (value) => {
    let wrong: Doc[] | null = null;
    for (const check of checks) {
      const found = check(value);
      if (found.length > 0) wrong = wrong ? [...wrong, ...found] : [...found];
    }
    return wrong ?? RIGHT;
  };
};
