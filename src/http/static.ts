/**
 * Serves the built web app: from inside the binary when compiled, from `dist/web` otherwise.
 * Everything is read into a table at start, so a request is a lookup and no path can leave the directory.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, relative, sep } from "node:path";
import { type Encoding, preferredEncoding, SERVER_PREFERENCE } from "./accept-encoding";

/** What the page may load: itself and nothing else. Styles may be inline because Angular sets them on elements. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'self'",
  "script-src 'self'",
  "script-src-attr 'none'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "style-src 'self' 'unsafe-inline'",
  "connect-src 'self'",
  "frame-ancestors 'none'",
  "base-uri 'self'",
  "object-src 'none'",
  "form-action 'self'",
].join("; ");

const SECURITY_HEADERS = {
  "content-security-policy": CONTENT_SECURITY_POLICY,
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  // Voice notes are recorded in the page; nothing else of the device is used.
  "permissions-policy": "camera=(), geolocation=(), payment=(), usb=(), microphone=(self)",
} as const;

/** The build writes these siblings; the suffix tells the encoding. */
const SUFFIX = { br: ".br", zstd: ".zst", gzip: ".gz" } as const satisfies Record<Exclude<Encoding, "identity">, string>;
/** The web build ends names in eight characters of a hash; a capital or a digit in them tells it from a word. */
const HASHED_NAME = /-(?=[\w-]{0,7}[A-Z0-9])[\w-]{8}\.\w+$/;
const FILE_EXTENSION = /\.[a-z0-9]{1,12}$/i;
const YEAR_SECONDS = 31_536_000;

interface Variant {
  body: Uint8Array<ArrayBuffer>;
  etag: string;
  headers: Record<string, string>;
  /** A 304 repeats what caches need and leaves out what describes a body. */
  notModifiedHeaders: Record<string, string>;
}
type Entry = ReadonlyMap<Encoding, Variant>;

export interface StaticFilesOptions {
  /** Directory that holds `index.html`; see `webDirectory`. */
  directory: string;
}

/** Answers a request for the web app, or null when the request belongs to nobody here (API paths, other methods, unknown pages). */
export type StaticFiles = (request: Request) => Response | null;

/** Where the built web app lies: beside the code inside the binary, else `dist/web` of the checkout. */
export const webDirectory = (): string =>
  Bun.isStandaloneExecutable ? join(import.meta.dir, "web") : join(import.meta.dir, "../../dist/web");

/**
 * Loads the directory. Pages (paths without extension, asked for as HTML) get `index.html`, missing files a 404.
 * Without a build every page says how to make one.
 */
export function createStaticFiles({ directory }: StaticFilesOptions): StaticFiles {
  const files = loadFiles(directory);
  const index = files.get("/index.html");
  if (index) files.set("/", index);

  return (request) => {
    if (request.method !== "GET" && request.method !== "HEAD") return null;
    const path = pathOf(request.url);
    if (path === "/api" || path.startsWith("/api/")) return null;
    const entry = files.get(path);
    if (entry) return respond(request, entry);
    if (FILE_EXTENSION.test(path)) return notFound(request);
    if (path !== "/" && !wantsPage(request)) return null;
    return index ? respond(request, index) : notBuilt(request);
  };
}

function loadFiles(directory: string): Map<string, Entry> {
  const files = new Map<string, Entry>();
  if (!existsSync(directory)) return files;
  const names = new Set(
    readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((found) => {
      // Names with a leading dot are notes of the build.
      if (!found.isFile() || found.name.startsWith(".")) return [];
      return [relative(directory, join(found.parentPath, found.name))];
    }),
  );
  for (const name of names) {
    if (Object.values(SUFFIX).some((suffix) => name.endsWith(suffix) && names.has(name.slice(0, -suffix.length)))) continue;
    files.set(`/${name.split(sep).join("/")}`, loadEntry(directory, name, names));
  }
  return files;
}

function loadEntry(directory: string, name: string, names: ReadonlySet<string>): Entry {
  const plain = readFileSync(join(directory, name));
  const hash = Bun.hash.xxHash3(plain).toString(36);
  const common = {
    ...SECURITY_HEADERS,
    "cache-control": HASHED_NAME.test(name) ? `public, max-age=${YEAR_SECONDS}, immutable` : "no-cache",
    vary: "Accept-Encoding",
  };
  const type = Bun.file(name).type;
  const variant = (encoding: Encoding, body: Uint8Array<ArrayBuffer>): Variant => {
    const etag = encoding === "identity" ? `"${hash}"` : `"${hash}-${encoding}"`;
    const described: Record<string, string> = encoding === "identity" ? {} : { "content-encoding": encoding };
    return {
      body,
      etag,
      headers: { ...common, etag, "content-type": type, "content-length": String(body.byteLength), ...described },
      notModifiedHeaders: { ...common, etag },
    };
  };
  const entry = new Map<Encoding, Variant>([["identity", variant("identity", plain)]]);
  for (const encoding of SERVER_PREFERENCE) {
    if (encoding === "identity" || !names.has(name + SUFFIX[encoding])) continue;
    entry.set(encoding, variant(encoding, readFileSync(join(directory, name + SUFFIX[encoding]))));
  }
  return entry;
}

function respond(request: Request, entry: Entry): Response {
  const encoding = preferredEncoding(request.headers.get("accept-encoding"), entry);
  const variant = entry.get(encoding)!;
  if (matches(request.headers.get("if-none-match"), variant.etag))
    return new Response(null, { status: 304, headers: variant.notModifiedHeaders });
  return new Response(request.method === "HEAD" ? null : variant.body, { headers: variant.headers });
}

/** If-None-Match compares weakly (RFC 9110 §13.1.2): a proxy may have put `W/` in front of our tag. */
function matches(ifNoneMatch: string | null, etag: string): boolean {
  if (ifNoneMatch === null) return false;
  if (ifNoneMatch === etag || ifNoneMatch.trim() === "*") return true;
  return ifNoneMatch.split(",").some((tag) => tag.trim().replace(/^W\//, "") === etag);
}

/** The decoded path of an absolute URL. A malformed escape stays as it is: no file has such a name. */
function pathOf(url: string): string {
  const start = url.indexOf("/", url.indexOf("://") + 3);
  const end = url.slice(start).search(/[?#]/);
  const path = end < 0 ? url.slice(start) : url.slice(start, start + end);
  if (!path.includes("%")) return path;
  try {
    return decodeURIComponent(path);
  } catch {
    // URIError: not valid UTF-8 behind the percent signs.
    return path;
  }
}

// Browsers that navigate name HTML; programs that say only */* get the API's own answer instead of a page.
const wantsPage = (request: Request): boolean => /\btext\/(html|\*)/i.test(request.headers.get("accept") ?? "");

function notFound(request: Request): Response {
  const headers = { ...SECURITY_HEADERS, "content-type": "text/plain;charset=utf-8", "cache-control": "no-store" };
  return new Response(request.method === "HEAD" ? null : "Not found\n", { status: 404, headers });
}

const NOT_BUILT_PAGE = `<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Chasqui</title>
<body style="font:1rem/1.6 system-ui;max-width:34rem;margin:15vh auto;padding:0 1.5rem">
<h1>The web interface is not built yet</h1>
<p>The server is running. Build the interface, then start the server again:</p>
<pre style="padding:1rem;background:#8882;border-radius:.5rem">npm run web:build</pre>
</body></html>
`;

function notBuilt(request: Request): Response {
  const headers = { ...SECURITY_HEADERS, "content-type": "text/html;charset=utf-8", "cache-control": "no-store" };
  return new Response(request.method === "HEAD" ? null : NOT_BUILT_PAGE, { status: 503, headers });
}
