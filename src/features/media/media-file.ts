/** A stored file as an HTTP answer: whole or in ranges, cached by its content, and never run by the browser, whatever it claims to be. */

export interface ServedFile {
  file: Blob;
  size: number;
  mimeType: string;
  isInline: boolean;
  filename: string | null;
  /** Name of the content: the same file has the same one for ever. */
  key: string;
}

type Range = { start: number; end: number } | "whole" | "unsatisfiable";

/** Answers GET and HEAD with 200, 206, 304 or 416. */
export function fileResponse({ file, size, mimeType, isInline, filename, key }: ServedFile, request: Request): Response {
  const etag = `"${key.slice(0, 32)}"`;
  const headers: Record<string, string> = {
    etag,
    "content-type": mimeType,
    "content-disposition": disposition(isInline, filename),
    "accept-ranges": "bytes",
    // Only this agent's browser may keep it; the address always means the same bytes.
    "cache-control": "private, max-age=31536000, immutable",
    "x-content-type-options": "nosniff",
    // A file a customer sent must not act as a page of ours.
    "content-security-policy": "default-src 'none'; sandbox",
    "cross-origin-resource-policy": "same-site",
  };
  if (matches(request.headers.get("if-none-match"), etag)) return new Response(null, { status: 304, headers });
  const ifRange = request.headers.get("if-range");
  const range = ifRange !== null && ifRange !== etag ? "whole" : rangeOf(request.headers.get("range"), size);
  if (range === "unsatisfiable")
    return new Response(null, { status: 416, headers: { ...headers, "content-range": `bytes */${size}` } });
  const isHead = request.method === "HEAD";
  if (range === "whole")
    return new Response(isHead ? null : bodyOf(file), { headers: { ...headers, "content-length": String(size) } });
  const { start, end } = range;
  return new Response(isHead ? null : bodyOf(file.slice(start, end + 1)), {
    status: 206,
    headers: { ...headers, "content-range": `bytes ${start}-${end}/${size}`, "content-length": String(end - start + 1) },
  });
}

/** A file of a bucket as a body would become a redirect to the bucket, past everything this answer promises: it is streamed instead. */
const bodyOf = (file: Blob): Blob | ReadableStream => ("presign" in file ? file.stream() : file);

/** One range as players ask for it; several at once, or anything else, is answered whole, as the standard allows. */
export function rangeOf(header: string | null, size: number): Range {
  const asked = /^bytes=(\d*)-(\d*)$/.exec(header ?? "");
  if (!asked || (asked[1] === "" && asked[2] === "")) return "whole";
  const [first, last] = [asked[1] ?? "", asked[2] ?? ""];
  const start = first === "" ? Math.max(0, size - Number(last)) : Number(first);
  const end = first === "" || last === "" ? size - 1 : Math.min(Number(last), size - 1);
  return start >= size || start > end ? "unsatisfiable" : { start, end };
}

function matches(header: string | null, etag: string): boolean {
  if (header === null) return false;
  return header.split(",").some((one) => {
    const tag = one.trim().replace(/^W\//, "");
    return tag === "*" || tag === etag;
  });
}

/** The name as customers wrote it, without anything that could end the header or leave the folder (RFC 6266). */
export function disposition(isInline: boolean, filename: string | null): string {
  const kind = isInline ? "inline" : "attachment";
  const name = filename
    ?.toWellFormed()
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what must not pass
    .replace(/[\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069/\\]/g, "_")
    .trim()
    .slice(0, 200);
  if (!name) return kind;
  const plain = name.replace(/[^\x20-\x7e]|["%;]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (one) => `%${one.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
