/** One call to the sandbox's Graph API, as its endpoints see it. */
import { type JsonObject, objectOf } from "../json-value";
import { invalidRequest, parameterMissing } from "./graph-refusal";

export interface GraphCall {
  method: string;
  /** The first path segment after the version. */
  id: string;
  /** The second one, "" when there is none. */
  edge: string;
  /** The third one, for edges whose elements have addresses; "" when there is none. */
  element: string;
  query: URLSearchParams;
  request: Request;
  /** The token the caller proved. */
  token: string;
}

/** Answers an object (sent as JSON with 200), a Response, or undefined when the call is not its business. */
export type Endpoint = (call: GraphCall) => JsonObject | Response | undefined | Promise<JsonObject | Response | undefined>;

/** The edges of one object by name, each with its answer; "" is the object itself. */
export type Edges = Record<string, (call: GraphCall) => JsonObject | undefined | Promise<JsonObject | undefined>>;

/** The parameters of a write: JSON, a form, or none. */
export async function bodyOf({ request, query }: GraphCall): Promise<JsonObject> {
  const type = request.headers.get("content-type") ?? "";
  if (type.startsWith("application/x-www-form-urlencoded")) return Object.fromEntries(new URLSearchParams(await request.text()));
  const text = await request.text();
  if (text.trim() === "") return Object.fromEntries([...query].filter(([name]) => name !== "access_token"));
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    throw invalidRequest("The request body is not valid JSON."); // SyntaxError
  }
  const object = objectOf(body);
  if (!object) throw invalidRequest("The request body must be a JSON object.");
  return object;
}

/** The fields the caller asked for, plus the id; all of `defaults` when none were named. */
export function pickFields(object: JsonObject, query: URLSearchParams, defaults: readonly string[]): JsonObject {
  const asked = query
    .get("fields")
    ?.split(",")
    .map((field) => field.trim().replace(/[.(].*$/, ""));
  const names = asked ?? defaults;
  return Object.fromEntries(Object.entries(object).filter(([name]) => name === "id" || names.includes(name)));
}

export function needProduct(body: JsonObject): void {
  if (body.messaging_product !== "whatsapp")
    throw parameterMissing("The parameter messaging_product is required and must be 'whatsapp'.");
}

const DEFAULT_LIMIT = 25;

/** One page of a list, with Meta's cursors. */
export function page<T>(
  items: readonly T[],
  query: URLSearchParams,
  badCursor: () => Error,
  nextUrl: (after: string) => string,
): JsonObject {
  const limit = Math.min(Math.max(Number(query.get("limit") ?? DEFAULT_LIMIT) || DEFAULT_LIMIT, 1), 1000);
  const after = query.get("after");
  const start = after === null ? 0 : positionOf(after) + 1;
  if (Number.isNaN(start) || start > items.length) throw badCursor();
  const data = items.slice(start, start + limit);
  if (data.length === 0) return { data: [] };
  const last = start + data.length - 1;
  const cursors = { before: cursorOf(start), after: cursorOf(last) };
  return { data, paging: last + 1 < items.length ? { cursors, next: nextUrl(cursors.after) } : { cursors } };
}

const cursorOf = (position: number): string => Buffer.from(`position:${position}`).toString("base64url");
const positionOf = (cursor: string): number =>
  Number(/^position:(\d+)$/.exec(Buffer.from(cursor, "base64url").toString())?.[1] ?? Number.NaN);
