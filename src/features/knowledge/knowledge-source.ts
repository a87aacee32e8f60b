/** Files and pages as plain text with headings. What cannot be read says so in a sentence for the person who gave it. */
import { fail } from "../../core/errors";

export interface ReadSource {
  title: string;
  text: string;
}

/** Longest text of one article. */
export const LONGEST_TEXT = 2_000_000;

/** By its name and its first bytes. Throws `knowledge.unreadable`. */
export async function readFileText(name: string, bytes: Uint8Array): Promise<ReadSource> {
  const title =
    name
      .replace(/\.[^.]+$/, "")
      .replace(/[_-]+/g, " ")
      .trim() || name;
  const ending = name.toLowerCase().split(".").at(-1) ?? "";
  try {
    if (startsWith(bytes, "%PDF-")) return { title, text: await pdfText(bytes) };
    if (ending === "docx" && startsWith(bytes, "PK")) return { title, text: htmlToText(await docxHtml(bytes)).text };
  } catch (error) {
    // Awaited: whatever the readers throw at a damaged or locked file.
    throw fail("knowledge.unreadable", { cause: error });
  }
  if (!["txt", "md", "markdown", "html", "htm"].includes(ending)) throw fail("knowledge.unknown-file");
  const text = decode(bytes);
  if (ending.startsWith("htm")) return withTitle(htmlToText(text), title);
  return { title, text: tidy(text) };
}

/** A page as it came from the network. Throws `knowledge.unreadable` for what is no text. */
export async function readPageText(url: string, type: string, bytes: Uint8Array): Promise<ReadSource> {
  const { pathname, hostname } = new URL(url);
  const name = decodeURIComponent(pathname.split("/").filter(Boolean).at(-1) ?? hostname);
  if (type.includes("pdf") || startsWith(bytes, "%PDF-")) return readFileText(name, bytes);
  if (type.includes("html")) return withTitle(htmlToText(decode(bytes)), name);
  if (type.startsWith("text/")) return { title: name, text: tidy(decode(bytes)) };
  throw fail("knowledge.unreadable", {
    message: `The page is ${type || "of no known type"}: only text, HTML and PDF can be read.`,
  });
}

/** The addresses in a sitemap, those of the same host only. */
export function readSitemap(url: string, xml: string): string[] {
  const host = new URL(url).host;
  const found = [...xml.matchAll(/<loc>\s*(?:<!\[CDATA\[)?\s*([^<\s\]]+)/gi)].map(([, address]) => decodeEntities(address ?? ""));
  return [...new Set(found)].filter((address) => URL.parse(address)?.host === host);
}

const withTitle = ({ title, text }: ReadSource, fallback: string): ReadSource => ({ title: title || fallback, text });
const startsWith = (bytes: Uint8Array, mark: string) => Buffer.from(bytes.subarray(0, mark.length)).toString("latin1") === mark;

function decode(bytes: Uint8Array): string {
  const utf8 = new TextDecoder("utf-8", { fatal: true });
  try {
    return utf8.decode(bytes);
  } catch {
    // Awaited: TypeError, bytes that are no UTF-8: older programs write Windows' own.
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

async function pdfText(bytes: Uint8Array): Promise<string> {
  const { extractText, getDocumentProxy } = await import("unpdf");
  const document = await getDocumentProxy(new Uint8Array(bytes));
  const { text } = await extractText(document, { mergePages: false });
  return tidy(text.map((page) => page.trim()).join("\n\n"));
}

async function docxHtml(bytes: Uint8Array): Promise<string> {
  const { default: mammoth } = await import("mammoth");
  return (await mammoth.convertToHtml({ buffer: Buffer.from(bytes) })).value;
}

const SKIPPED = /<(script|style|noscript|template|svg|nav|header|footer|aside|form|iframe)\b[\s\S]*?<\/\1\s*>|<!--[\s\S]*?-->/gi;

/** What a reader of the page sees: headings, paragraphs, lists, tables by rows. */
export function htmlToText(html: string): ReadSource {
  const title = /<title[^>]*>([\s\S]*?)<\/title>/i.exec(html)?.[1] ?? "";
  const body = /<main\b[\s\S]*?<\/main\s*>/i.exec(html)?.[0] ?? html.replace(/<head\b[\s\S]*?<\/head\s*>/i, "");
  const text = body
    .replace(SKIPPED, " ")
    .replace(/\s+/g, " ")
    .replace(/<h([1-6])\b[^>]*>/gi, (_, level: string) => `\n\n${"#".repeat(Number(level))} `)
    .replace(/<li\b[^>]*>/gi, "\n- ")
    .replace(/<\/t[dh]>/gi, " | ")
    .replace(/<br\s*\/?>|<\/tr>/gi, "\n")
    .replace(/<\/(?:h[1-6]|p|div|ul|ol|table|section|article|blockquote|pre)>|<(?:p|div|table|section|article)\b[^>]*>/gi, "\n\n")
    .replace(/<[^>]*>/g, "");
  return { title: decodeEntities(title.replace(/\s+/g, " ").trim()), text: tidy(decodeEntities(text)) };
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: "&",
  lt: "<",
  gt: ">",
  quot: '"',
  apos: "'",
  nbsp: " ",
  iexcl: "¡",
  iquest: "¿",
  hellip: "…",
  ndash: "–",
  mdash: "—",
  laquo: "«",
  raquo: "»",
  euro: "€",
  ordm: "º",
  ordf: "ª",
  deg: "°",
  copy: "©",
  reg: "®",
  aacute: "á",
  eacute: "é",
  iacute: "í",
  oacute: "ó",
  uacute: "ú",
  ntilde: "ñ",
  ccedil: "ç",
  atilde: "ã",
  otilde: "õ",
  Aacute: "Á",
  Eacute: "É",
  Iacute: "Í",
  Oacute: "Ó",
  Uacute: "Ú",
  Ntilde: "Ñ",
  Ccedil: "Ç",
  acirc: "â",
  ecirc: "ê",
  ocirc: "ô",
  uuml: "ü",
};

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w{2,8}));/gi, (whole, decimal, hexadecimal, name) => {
    if (name) return ENTITIES[name] ?? whole;
    const code = decimal ? Number(decimal) : Number.parseInt(hexadecimal, 16);
    return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
  });
}

function tidy(text: string): string {
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/\p{Cc}/gu, (mark) => (mark === "\n" || mark === "\t" ? mark : ""))
    .replace(/[ \t\u00a0]+/g, " ")
    .replace(/ *\n */g, "\n")
    .replace(/\n{3,}/g, "\n\n")
    .trim();
}
