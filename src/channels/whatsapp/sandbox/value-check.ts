/** Small checks shared by the endpoints of the sandbox; each refuses in Meta's words. */
import type { JsonObject } from "../json-value";
import { parameterInvalid, parameterMissing } from "./graph-refusal";

/** Text that must be there and must not be longer than `limit`. */
export function needText(path: string, value: unknown, limit: number): string {
  if (value === undefined || value === null || value === "") throw parameterMissing(`${path} is required.`);
  if (typeof value !== "string") throw parameterInvalid(`${path} must be text.`);
  if (value.length > limit) throw parameterInvalid(`${path} must be at most ${limit} characters long.`);
  return value;
}

export function mayText(path: string, value: unknown, limit: number): void {
  if (value !== undefined) needText(path, value, limit);
}

export function needList(path: string, value: unknown, min: number, max: number): readonly unknown[] {
  if (value === undefined || value === null) throw parameterMissing(`${path} is required.`);
  if (!Array.isArray(value)) throw parameterInvalid(`${path} must be a list.`);
  if (value.length < min || value.length > max) throw parameterInvalid(`${path} must have ${min} to ${max} elements.`);
  return value;
}

export function needUnique(path: string, values: readonly unknown[]): void {
  if (new Set(values).size !== values.length) throw parameterInvalid(`${path} must be unique.`);
}

export function isWebAddress(value: unknown): boolean {
  const protocol = typeof value === "string" ? URL.parse(value)?.protocol : undefined;
  return protocol === "http:" || protocol === "https:";
}

/** Exactly one of id and link. */
export function checkMediaSource(path: string, content: JsonObject | undefined): void {
  const { id, link } = content ?? {};
  if (id === undefined && link === undefined) throw parameterMissing(`${path} needs id or link.`);
  if (id !== undefined && link !== undefined) throw parameterInvalid(`${path} takes either id or link, not both.`);
  if (id !== undefined) needText(`${path}.id`, typeof id === "number" ? String(id) : id, 100);
  else if (!isWebAddress(link)) throw parameterInvalid(`${path}.link must be an http(s) address.`);
}
