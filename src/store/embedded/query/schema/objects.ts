/** Keywords of $jsonSchema about objects and their properties. */
import { Doc, type Value } from "../../bson/value";
import { commandError } from "../../command-error";
import { compileRegex } from "../regex";
import { type Check, countOf, type KeywordCompiler, RIGHT, type SchemaCompiler, unsatisfied } from "./rule";

function stringsOf(keyword: string, argument: Value): string[] {
  if (!Array.isArray(argument) || argument.length === 0 || !argument.every((name) => typeof name === "string"))
    throw commandError("FailedToParse", `$jsonSchema keyword '${keyword}' must be a non-empty array of strings`);
  if (new Set(argument).size < argument.length)
    throw commandError("FailedToParse", `$jsonSchema keyword '${keyword}' array cannot contain duplicate values`);
  return argument as string[];
}

function schemasOf(keyword: string, argument: Value, compile: SchemaCompiler): [string, Value, Check][] {
  if (!(argument instanceof Doc)) throw commandError("TypeMismatch", `$jsonSchema keyword '${keyword}' must be an object`);
  return argument.keys.map((name, i) => [name, argument.values[i]!, compile(argument.values[i]!, keyword)]);
}

const required: KeywordCompiler = (argument) => {
  const names = stringsOf("required", argument);
  return (value) => {
    if (!(value instanceof Doc)) return RIGHT;
    const missing = names.filter((name) => !value.has(name)).sort();
    if (missing.length === 0) return RIGHT;
    return [Doc.of({ operatorName: "required", specifiedAs: Doc.of({ required: argument }), missingProperties: missing })];
  };
};

/** What a schema says of itself stands beside what was not satisfied. */
function explained(propertyName: string, schema: Value, details: readonly Doc[]): Doc {
  const [title, description] = schema instanceof Doc ? [schema.get("title"), schema.get("description")] : [];
  return Doc.of({ propertyName, title, description, details: [...details] });
}

const properties: KeywordCompiler = (argument, _schema, compile) => {
  const schemas = schemasOf("properties", argument, compile);
  return (value) => {
    if (!(value instanceof Doc)) return RIGHT;
    const wrong: Doc[] = [];
    for (const [propertyName, schema, check] of schemas) {
      const property = value.get(propertyName);
      const details = property === undefined ? RIGHT : check(property);
      if (details.length > 0) wrong.push(explained(propertyName, schema, details));
    }
    return wrong.length > 0 ? [Doc.of({ operatorName: "properties", propertiesNotSatisfied: wrong })] : RIGHT;
  };
};

const patternProperties: KeywordCompiler = (argument, _schema, compile) => {
  const schemas = schemasOf("patternProperties", argument, compile).map(
    ([pattern, , check]) => [pattern, compileRegex(pattern, ""), check] as const,
  );
  return (value) => {
    if (!(value instanceof Doc)) return RIGHT;
    const wrong: Doc[] = [];
    value.keys.forEach((propertyName, i) => {
      for (const [regexMatched, regex, check] of schemas) {
        const details = regex.test(propertyName) ? check(value.values[i]!) : RIGHT;
        if (details.length > 0) wrong.push(Doc.of({ propertyName, regexMatched, details: [...details] }));
      }
    });
    return wrong.length > 0 ? [Doc.of({ operatorName: "patternProperties", details: wrong })] : RIGHT;
  };
};

/** Properties that neither `properties` nor `patternProperties` speaks of. */
const additionalProperties: KeywordCompiler = (argument, schema, compile) => {
  const [named, patterns] = [schema.get("properties"), schema.get("patternProperties")];
  const regexes = patterns instanceof Doc ? patterns.keys.map((pattern) => compileRegex(pattern, "")) : [];
  const isAdditional = (name: string) => !(named instanceof Doc && named.has(name)) && !regexes.some((regex) => regex.test(name));
  if (typeof argument === "boolean") {
    return (value) => {
      const others = argument || !(value instanceof Doc) ? [] : value.keys.filter(isAdditional);
      if (others.length === 0) return RIGHT;
      const specifiedAs = Doc.of({ additionalProperties: false });
      return [Doc.of({ operatorName: "additionalProperties", specifiedAs, additionalProperties: others })];
    };
  }
  const check = compile(argument, "additionalProperties");
  return (value) => {
    if (!(value instanceof Doc)) return RIGHT;
    for (const [i, name] of value.keys.entries()) {
      const details = isAdditional(name) ? check(value.values[i]!) : RIGHT;
      if (details.length > 0)
        return [
          Doc.of({
            operatorName: "additionalProperties",
            reason: "at least one additional property did not match the subschema",
            nonCompliantProperty: name,
            details: [...details],
          }),
        ];
    }
    return RIGHT;
  };
};

function numberBound(keyword: "minProperties" | "maxProperties", sign: 1 | -1): KeywordCompiler {
  return (argument) => {
    const wanted = countOf(keyword, argument);
    return (value) => {
      if (!(value instanceof Doc) || (value.size - wanted) * sign >= 0) return RIGHT;
      const doc = unsatisfied(keyword, argument, "specified number of properties was not satisfied", value);
      doc.push("numberOfProperties", value.size);
      return [doc];
    };
  };
}

/** A property that asks for others, or for a schema, when it is there. */
const dependencies: KeywordCompiler = (argument, _schema, compile) => {
  if (!(argument instanceof Doc)) throw commandError("TypeMismatch", "$jsonSchema keyword 'dependencies' must be an object");
  const rules = argument.keys.map((conditionalProperty, i) => {
    const rule = argument.values[i]!;
    if (rule instanceof Doc) {
      const check = compile(rule, "dependencies");
      return (value: Doc): Doc | null => {
        const details = value.has(conditionalProperty) ? check(value) : RIGHT;
        return details.length > 0 ? Doc.of({ conditionalProperty, details: [...details] }) : null;
      };
    }
    const names = stringsOf("dependencies", rule);
    return (value: Doc): Doc | null => {
      const missing = value.has(conditionalProperty) ? names.filter((name) => !value.has(name)) : [];
      return missing.length > 0 ? Doc.of({ conditionalProperty, missingProperties: missing }) : null;
    };
  });
  return (value) => {
    if (!(value instanceof Doc)) return RIGHT;
    const failing = rules.map((rule) => rule(value)).filter((found) => found !== null);
    return failing.length > 0 ? [Doc.of({ operatorName: "dependencies", failingDependencies: failing })] : RIGHT;
  };
};

export const objectChecks: readonly [string, KeywordCompiler][] = [
  ["required", required],
  ["properties", properties],
  ["patternProperties", patternProperties],
  ["additionalProperties", additionalProperties],
  ["minProperties", numberBound("minProperties", 1)],
  ["maxProperties", numberBound("maxProperties", -1)],
  ["dependencies", dependencies],
];
