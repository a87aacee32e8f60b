/** "None of these shapes fits" helps nobody: this names what is wrong with the one shape that was meant. */

import type { ValueErrorType } from "@sinclair/typebox/errors";

export interface ValidationIssue {
  path?: string;
  message?: string;
  summary?: string;
  value?: unknown;
  /** Which rule of the schema is broken. */
  type?: ValueErrorType;
  schema?: {
    minimum?: number;
    maximum?: number;
    exclusiveMinimum?: number;
    exclusiveMaximum?: number;
    multipleOf?: number;
    minLength?: number;
    maxLength?: number;
    minItems?: number;
    maxItems?: number;
    format?: string;
    const?: unknown;
    anyOf?: unknown;
  };
  /** For a union: the issues of each of its shapes. */
  errors?: Iterable<ValidationIssue>[];
}

interface Shape {
  properties?: Record<string, { const?: unknown }>;
  required?: string[];
}

/** Fields by which our shapes are told apart. */
const NAMES = ["type", "kind"] as const;

/** The issues of the shape the value was meant to have; the issue itself when it is none of a union of objects. */
export function narrowed(issue: ValidationIssue): ValidationIssue[] {
  const shapes = Array.isArray(issue.schema?.anyOf) ? (issue.schema.anyOf as Shape[]) : [];
  const { value, errors } = issue;
  const name = NAMES.find((one) => shapes.some(({ properties }) => properties?.[one]?.const !== undefined));
  if (!name || !errors || typeof value !== "object" || value === null || Array.isArray(value)) return [issue];
  const given = (value as Record<string, unknown>)[name];
  const meant = shapes.findIndex(({ properties, required = [] }) =>
    given === undefined ? properties?.[name] && !required.includes(name) : properties?.[name]?.const === given,
  );
  const inside = meant < 0 ? undefined : errors[meant];
  if (inside) return [...inside].flatMap(narrowed);
  const known = shapes.flatMap(({ properties }) => properties?.[name]?.const ?? []);
  return [{ path: `${issue.path ?? ""}/${name}`, message: `use one of: ${known.join(", ")}` }];
}
