/** From a tool and its arguments to the request, and from the answer to what the model reads. Pure. */
import type { GuardedAnswer, GuardedRequest } from "../../core/url-guard";
import type { AiTool } from "./ai-tool.model";

export type ToolArgs = Readonly<Record<string, string | number | boolean>>;

const HOLE = /\{([a-z][a-z0-9_]{0,39})\}/g;

export const holesIn = (text: string): string[] => [...text.matchAll(HOLE)].map(([, name]) => name as string);

/** A text with its holes filled as they are, for people. */
export const fillText = (text: string, args: ToolArgs): string =>
  text.replace(HOLE, (_, name: string) => String(args[name] ?? ""));

/** The address, with its holes filled so that none of them can change where it leads. Null: a value cannot stand there. */
export function fillUrl(url: string, args: ToolArgs): string | null {
  let isOdd = false;
  const filled = url.replace(HOLE, (_, name: string) => {
    const value = String(args[name] ?? "");
    if (value === "" || /^\.{1,2}$/.test(value)) isOdd = true;
    return encodeURIComponent(value);
  });
  return isOdd ? null : filled;
}

/** Why an address cannot be one of a tool; null when it can. */
export function urlProblem(url: string, parameters: readonly { name: string }[]): string | null {
  const known = new Set(parameters.map(({ name }) => name));
  const unknown = holesIn(url).find((name) => !known.has(name));
  if (unknown) return `names {${unknown}}, which is no parameter`;
  const [one, other] = ["aa", "bb"].map((value) => URL.parse(url.replace(HOLE, value)));
  if (!one || !other || !/^https?:$/.test(one.protocol)) return "is not an address that begins with https:// or http://";
  if (one.username || one.password) return "must not carry a password";
  return one.origin === other.origin ? null : "may hold parameters only behind its host";
}

const BODYLESS = new Set<AiTool["method"]>(["GET", "DELETE"]);
const MOST_BYTES = 64 * 1024;

/** `id` tells the other server that it is the same call again. */
export function requestOf(
  tool: AiTool,
  args: ToolArgs,
  secret: string | null,
  id: string,
): { url: string; request: GuardedRequest } | null {
  const filled = fillUrl(tool.url, args);
  if (filled === null) return null;
  const inUrl = new Set(holesIn(tool.url));
  const more = Object.entries(args).filter(([name]) => !inUrl.has(name));
  const url = new URL(filled);
  const hasBody = !BODYLESS.has(tool.method);
  if (!hasBody) for (const [name, value] of more) url.searchParams.set(name, String(value));
  return {
    url: url.href,
    request: {
      method: tool.method,
      headers: {
        accept: "application/json",
        "user-agent": "Chasqui",
        ...tool.headers,
        ...(hasBody && { "content-type": "application/json" }),
        "idempotency-key": id,
        ...(tool.secretHeader !== null && secret !== null && { [tool.secretHeader.toLowerCase()]: secret }),
      },
      ...(hasBody && { body: JSON.stringify(Object.fromEntries(more)) }),
      timeoutMs: tool.timeoutMs,
      maxBytes: MOST_BYTES,
      larger: "cut",
      // Wherever else it points, nobody has allowed that.
      maxRedirects: 0,
    },
  };
}

const LONGEST_TEXT = 8_000;

/** What the model reads of an answer. The secret stays out of it, whatever the other side repeats. */
export function readToolAnswer({ status, body }: GuardedAnswer, secret: string | null): { ok: boolean; result: unknown } {
  const raw = new TextDecoder().decode(body);
  const text = secret !== null && secret.length >= 4 ? raw.replaceAll(secret, "[secret]") : raw;
  const ok = status >= 200 && status < 300;
  const shown = text.length > LONGEST_TEXT ? `${text.slice(0, LONGEST_TEXT)}… [cut]` : text;
  try {
    const data: unknown = shown === text && text !== "" ? JSON.parse(text) : shown;
    return { ok, result: { status, data } };
  } catch {
    // Awaited: SyntaxError, an answer that is not JSON is read as text.
    return { ok, result: { status, data: shown } };
  }
}
