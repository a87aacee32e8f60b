/** What schemas find wrong with fields, in sentences that have a code. */
import { describe, expect, test } from "bun:test";
import { FormatRegistry, type TSchema, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { ruleIn } from "../../src/core/field-rule";
import { detailsOf } from "../../src/http/field-issue";
import type { ValidationIssue } from "../../src/http/union-issue";

FormatRegistry.Set("email", (value) => value.includes("@"));
const strict = { additionalProperties: false };
const found = (schema: TSchema, value: unknown) =>
  detailsOf("body", [...Value.Errors(schema, value)] as unknown as ValidationIssue[]);
const first = (schema: TSchema, value: unknown) => {
  const [detail] = found(t.Object({ field: schema }, strict), { field: value });
  return [detail?.path, detail?.message, ruleIn(detail?.message ?? "")?.rule];
};

describe("a field that a schema refuses", () => {
  const cases: readonly [TSchema, unknown, string, string][] = [
    [t.String({ minLength: 2 }), "a", "must be at least 2 characters", "text.short"],
    [t.String({ minLength: 1 }), "", "must not be empty", "empty"],
    [t.String({ maxLength: 3 }), "abcd", "must be at most 3 characters", "text.long"],
    [t.String({ pattern: "^a$" }), "b", "is not written as it has to be", "text.shape"],
    [t.String({ format: "email" }), "b", "is not an e-mail address", "text.email"],
    [t.String(), 7, "must be text", "kind.text"],
    [t.Integer({ minimum: 1 }), 0, "must be at least 1", "number.small"],
    [t.Number({ maximum: 9 }), 10, "must be at most 9", "number.large"],
    [t.Integer(), 1.5, "must be a whole number", "kind.whole"],
    [t.Boolean(), "yes", "must be yes or no", "kind.yes-no"],
    [t.Array(t.String(), { minItems: 1 }), [], "must have at least 1 entries", "list.short"],
    [t.Array(t.String(), { uniqueItems: true }), ["a", "a"], "names something twice", "list.twice"],
    [t.Union([t.Literal("low"), t.Literal("high")]), "odd", "use one of: low, high", "choice.one"],
    // What may be null is judged by what it is.
    [t.Union([t.String({ minLength: 2 }), t.Null()]), "a", "must be at least 2 characters", "text.short"],
  ];
  test.each(cases)("%#", (schema, value, message, rule) => expect(first(schema, value)).toEqual(["body.field", message, rule]));

  test("one that is missing, and one that nobody knows", () => {
    const schema = t.Object({ name: t.String() }, strict);
    expect(found(schema, {})[0]).toEqual({ path: "body.name", message: "is needed" });
    expect(found(schema, { name: "a", nmae: "b" })).toEqual([{ path: "body.nmae", message: "is not known here" }]);
  });
});
