/** Keywords of $jsonSchema about arrays. */
import { keyOf } from "../../bson/key";
import { Doc, type Value } from "../../bson/value";
import { commandError } from "../../command-error";
import { countOf, type KeywordCompiler, RIGHT, unsatisfied } from "./rule";

function sizeBound(keyword: "minItems" | "maxItems", sign: 1 | -1): KeywordCompiler {
  return (argument) => {
    const wanted = countOf(keyword, argument);
    return (value) =>
      !Array.isArray(value) || (value.length - wanted) * sign >= 0
        ? RIGHT
        : [unsatisfied(keyword, argument, "array did not match specified length", value)];
  };
}

const uniqueItems: KeywordCompiler = (argument) => {
  if (typeof argument !== "boolean") throw commandError("TypeMismatch", "$jsonSchema keyword 'uniqueItems' must be a boolean");
  return (value) => {
    if (!argument || !Array.isArray(value)) return RIGHT;
    const twice = duplicateOf(value);
    if (twice === undefined) return RIGHT;
    const doc = unsatisfied("uniqueItems", true, "found a duplicate item", value);
    doc.push("duplicatedValue", twice);
    return [doc];
  };
};

function duplicateOf(items: readonly Value[]): Value | undefined {
  const seen = new Set<string>();
  return items.find((item) => {
    const key = Buffer.from(keyOf(item)).toString("latin1");
    if (seen.has(key)) return true;
    seen.add(key);
    return false;
  });
}

const wrongItem = (keyword: string, reason: string, index: number, details: readonly Doc[]): readonly Doc[] => [
  Doc.of({ operatorName: keyword, reason, itemIndex: index, details: [...details] }),
];

/** One schema for every item, or a list of schemas for the first items. */
const items: KeywordCompiler = (argument, _schema, compile) => {
  const list = Array.isArray(argument) ? argument.map((schema) => compile(schema, "items")) : null;
  const all = list ? null : compile(argument, "items");
  return (value) => {
    if (!Array.isArray(value)) return RIGHT;
    for (const [index, item] of value.entries()) {
      const details = (list ? list[index] : all)?.(item) ?? RIGHT;
      if (details.length > 0) return wrongItem("items", "At least one item did not match the sub-schema", index, details);
    }
    return RIGHT;
  };
};

/** What comes after the list of `items`. */
const additionalItems: KeywordCompiler = (argument, schema, compile) => {
  const first = schema.get("items");
  const from = Array.isArray(first) ? first.length : Number.POSITIVE_INFINITY;
  if (typeof argument === "boolean") {
    return (value) => {
      if (argument || !Array.isArray(value) || value.length <= from) return RIGHT;
      return [
        Doc.of({
          operatorName: "additionalItems",
          specifiedAs: Doc.of({ additionalItems: false }),
          reason: "found additional items",
          additionalItems: value.slice(from),
        }),
      ];
    };
  }
  const check = compile(argument, "additionalItems");
  return (value) => {
    if (!Array.isArray(value)) return RIGHT;
    for (let index = from; index < value.length; index++) {
      const details = check(value[index]!);
      if (details.length > 0)
        return wrongItem("additionalItems", "At least one additional item did not match the sub-schema", index, details);
    }
    return RIGHT;
  };
};

export const arrayChecks: readonly [string, KeywordCompiler][] = [
  ["minItems", sizeBound("minItems", 1)],
  ["maxItems", sizeBound("maxItems", -1)],
  ["uniqueItems", uniqueItems],
  ["items", items],
  ["additionalItems", additionalItems],
];
