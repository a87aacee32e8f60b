/** The one reader of JSON bodies: JSON and nothing else, not too deep, no endless lists, no field names that change prototypes. */
import { fail } from "../core/errors";

/** Deeper than anything a form or an interactive message needs. */
export const MAX_DEPTH = 32;
/** Longest list in a body. Imports come as files. */
export const MAX_LIST = 10_000;
/** Fields of one object. */
const MAX_FIELDS = 1_000;

/** Names every object has from its prototype: data of this name changes how the object behaves when it is copied or shown. */
const FORBIDDEN = new Set(["__proto__", "constructor", "prototype", "toString", "valueOf"]);

/** For Elysia's onParse; routes that read their body themselves stand before it. Without a body there is nothing to read. */
export async function readJsonBody({ request }: { request: Request }, contentType: string): Promise<unknown> {
  if (contentType === "") return undefined;
  if (contentType !== "application/json") throw fail("request.media-type");
  return parseJson(await request.text());
}

export function parseJson(text: string): unknown {
  checkDepth(text);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw fail("request.malformed", { message: "The body is not valid JSON.", cause: error });
  }
  checkShape(value);
  return value;
}

const [QUOTE, ESCAPE, OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [34, 92, 91, 93, 123, 125];

/** Before anything is built from it. */
function checkDepth(text: string): void {
  let depth = 0;
  let isText = false;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    if (isText) {
      if (code === ESCAPE) index++;
      else if (code === QUOTE) isText = false;
    } else if (code === QUOTE) isText = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) {
      if (++depth > MAX_DEPTH) throw fail("request.too-complex");
    } else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth--;
  }
}

function checkShape(value: unknown): void {
  if (value === null || typeof value !== "object") return;
  if (Array.isArray(value)) {
    if (value.length > MAX_LIST) throw fail("request.too-complex");
    for (const item of value) checkShape(item);
    return;
  }
  const names = Object.keys(value);
  if (names.length > MAX_FIELDS) throw fail("request.too-complex");
  for (const name of names) {
    if (FORBIDDEN.has(name)) throw fail("request.forbidden-key", { details: [{ path: name, message: "is never accepted" }] });
    checkShape((value as Record<string, unknown>)[name]);
  }
}
