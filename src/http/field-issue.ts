/** What a schema found wrong with one field, as a rule that people understand. */
import { ValueErrorType } from "@sinclair/typebox/errors";
import type { ErrorDetail } from "../core/errors";
import { type FieldRule, sentenceOf } from "../core/field-rule";
import { narrowed, type ValidationIssue } from "./union-issue";

type Broken = readonly [FieldRule, Record<string, string | number>?];
type Limits = NonNullable<ValidationIssue["schema"]>;

const MOST = 20;

/** The details of an answer, from what a schema complains of in a part of the request. */
export const detailsOf = (part: string, issues: readonly ValidationIssue[]): ErrorDetail[] =>
  issues
    .slice(0, MOST)
    .flatMap(narrowed)
    .flatMap(withoutNull)
    .slice(0, MOST)
    .map((issue) => ({ path: `${part}${(issue.path ?? "").replaceAll("/", ".")}`, message: messageOf(issue) }));

/** Of something that may be null and is not: what is wrong with what it is. */
function withoutNull(issue: ValidationIssue): ValidationIssue[] {
  const shapes = Array.isArray(issue.schema?.anyOf) ? (issue.schema.anyOf as { type?: string }[]) : [];
  const wanted = shapes.flatMap(({ type }, index) => (type === "null" ? [] : index));
  const inside = issue.value !== null && wanted.length === 1 && shapes.length > 1 ? issue.errors?.[wanted[0] ?? 0] : undefined;
  const found = inside ? [...inside] : [];
  return found.length > 0 ? found : [issue];
}

function messageOf(issue: ValidationIssue): string {
  const broken = numberWanted(issue.schema) ?? brokenBy(issue);
  return broken ? sentenceOf(...broken) : (issue.message ?? sentenceOf("choice.none"));
}

/** Numbers of a query may come as text or as number. */
const numberWanted = (schema: Limits = {}): Broken | null =>
  schema.anyOf && schema.minimum !== undefined && schema.maximum !== undefined
    ? ["number.from-to", { least: schema.minimum, most: schema.maximum }]
    : null;

const KINDS: Partial<Record<ValueErrorType, FieldRule>> = {
  [ValueErrorType.String]: "kind.text",
  [ValueErrorType.Number]: "kind.number",
  [ValueErrorType.Integer]: "kind.whole",
  [ValueErrorType.Boolean]: "kind.yes-no",
  [ValueErrorType.Array]: "kind.list",
  [ValueErrorType.Object]: "kind.group",
  [ValueErrorType.ObjectRequiredProperty]: "needed",
  [ValueErrorType.ObjectAdditionalProperties]: "unknown",
  [ValueErrorType.ObjectMinProperties]: "group.empty",
  [ValueErrorType.ObjectMaxProperties]: "group.full",
  [ValueErrorType.ArrayUniqueItems]: "list.twice",
};

const FORMATS: Readonly<Record<string, FieldRule>> = { email: "text.email", date: "text.date", "date-time": "text.date" };

function brokenBy({ type, schema = {} }: ValidationIssue): Broken | null {
  switch (type) {
    case ValueErrorType.StringMinLength:
      return schema.minLength === 1 ? ["empty"] : ["text.short", { least: schema.minLength ?? 0 }];
    case ValueErrorType.StringMaxLength:
      return ["text.long", { most: schema.maxLength ?? 0 }];
    case ValueErrorType.StringFormat:
    case ValueErrorType.StringFormatUnknown:
      return [FORMATS[schema.format ?? ""] ?? "text.shape"];
    case ValueErrorType.StringPattern:
      return ["text.shape"];
    case ValueErrorType.IntegerMinimum:
    case ValueErrorType.NumberMinimum:
      return ["number.small", { least: schema.minimum ?? 0 }];
    case ValueErrorType.IntegerMaximum:
    case ValueErrorType.NumberMaximum:
      return ["number.large", { most: schema.maximum ?? 0 }];
    case ValueErrorType.IntegerExclusiveMinimum:
    case ValueErrorType.NumberExclusiveMinimum:
      return ["number.more", { least: schema.exclusiveMinimum ?? 0 }];
    case ValueErrorType.IntegerExclusiveMaximum:
    case ValueErrorType.NumberExclusiveMaximum:
      return ["number.less", { most: schema.exclusiveMaximum ?? 0 }];
    case ValueErrorType.IntegerMultipleOf:
    case ValueErrorType.NumberMultipleOf:
      return ["number.step", { step: schema.multipleOf ?? 0 }];
    case ValueErrorType.ArrayMinItems:
      return ["list.short", { least: schema.minItems ?? 0 }];
    case ValueErrorType.ArrayMaxItems:
      return ["list.long", { most: schema.maxItems ?? 0 }];
    case ValueErrorType.Literal:
      return ["choice.exactly", { value: String(schema.const) }];
    case ValueErrorType.Union:
      return choices(schema);
    default:
      return type === undefined ? null : [KINDS[type] ?? "choice.none"];
  }
}

/** Of words to choose among, they are named. */
function choices({ anyOf }: Limits): Broken {
  const shapes = Array.isArray(anyOf) ? (anyOf as { const?: unknown; type?: string }[]) : [];
  const named = shapes.flatMap((one) => (one.const === undefined ? [] : String(one.const)));
  return named.length > 0 ? ["choice.one", { choices: named.join(", ") }] : ["choice.none"];
}
