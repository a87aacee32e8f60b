/** Files that are two things at once, lie about themselves, or have names that want out of their folder: a browser never runs one of them. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { request as ask } from "node:http";
import { join } from "node:path";
import type { MediaView, MessageView } from "../../src/events/view";
import { createSandboxApp, pngOf, type SandboxApp } from "../features/channels/sandbox-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const SECRET = "the-content-of-a-file-outside";
let app: SandboxApp;
beforeAll(async () => {
  app = await createSandboxApp();
  await app.plays({ type: "text", text: "hola" });
  writeFileSync(join(app.dataDir, "outside.txt"), SECRET);
});
afterAll(() => app[Symbol.asyncDispose]());

const SCRIPT = "<script>alert(document.domain)</script>";
const png = await pngOf(4);
const bytes = (...parts: (string | Uint8Array)[]) =>
  Buffer.concat(parts.map((part) => (typeof part === "string" ? Buffer.from(part, "latin1") : part)));

/** What may be shown in the page, and only if the first bytes say that it is this. */
const SHOWN = /^(image\/(jpeg|png|gif|webp)|audio\/(ogg|mpeg|mp4|aac|amr)|video\/(mp4|3gpp)|application\/pdf)$/;

const FILES: [string, Buffer, string, string][] = [
  ["a GIF that is a script", bytes("GIF89a/*", new Uint8Array(40), "*/=1;alert(1)"), "image/gif", "image/gif"],
  ["a GIF called a script", bytes("GIF89a/*", new Uint8Array(40), "*/=1;alert(1)"), "text/javascript", "image/gif"],
  ["a script called a GIF", bytes("alert(1)//GIF89a"), "image/gif", "application/octet-stream"],
  [
    "a drawing with a script",
    bytes('<svg xmlns="http://www.w3.org/2000/svg">', SCRIPT, "</svg>"),
    "image/svg+xml",
    "application/octet-stream",
  ],
  ["a page called a picture", bytes("<!doctype html>", SCRIPT), "image/png", "application/octet-stream"],
  ["a page", bytes("<html>", SCRIPT), "text/html", "application/octet-stream"],
  [
    "a page in another alphabet",
    bytes("+ADw-script+AD4-alert(1)+ADw-/script+AD4-"),
    "text/html; charset=utf-7",
    "application/octet-stream",
  ],
  [
    "XHTML",
    bytes('<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml">', SCRIPT, "</html>"),
    "application/xhtml+xml",
    "application/octet-stream",
  ],
  [
    "a stylesheet that is code",
    bytes('<?xml-stylesheet href="data:,x"?><x>', SCRIPT, "</x>"),
    "text/xml",
    "application/octet-stream",
  ],
  [
    "a PDF with a script",
    bytes("%PDF-1.7\n1 0 obj<</OpenAction<</S/JavaScript/JS(app.alert(1))>>>>endobj"),
    "application/pdf",
    "application/pdf",
  ],
  ["a PDF behind a page", bytes(SCRIPT, "%PDF-1.7"), "application/pdf", "application/octet-stream"],
  ["a picture with a page behind", bytes(png, "<html>", SCRIPT), "image/png", "image/png"],
  ["a picture called a page", bytes(png, SCRIPT), "text/html", "image/png"],
  ["an archive called a picture", bytes("PK\x03\x04", SCRIPT), "image/jpeg", "application/octet-stream"],
  ["a picture that is an archive", bytes("\xff\xd8\xff\xe0", new Uint8Array(20), "PK\x03\x04"), "image/jpeg", "image/jpeg"],
  ["a film that is a page", bytes("\0\0\0\x18ftypmp42", SCRIPT), "video/mp4", "video/mp4"],
  ["blanks before a page", bytes(" \n\t".repeat(30), SCRIPT), "text/plain", "application/octet-stream"],
  ["nothing known", bytes("\x01\x02\x03", SCRIPT), "application/x-shockwave-flash", "application/octet-stream"],
];

const get = (path: string, headers: Record<string, string> = {}) =>
  fetch(app.url + path, { headers: { authorization: `Bearer ${app.api.token}`, ...headers } });

/** The customer sends it; what agents then load. */
async function received(content: Buffer, mimeType: string, filename: string): Promise<string> {
  const { wamid } = await app.plays({
    type: "document",
    data: content.toString("base64"),
    mimeType,
    filename: filename.slice(0, 240),
  });
  const message = await until(async () => {
    const found = (await app.messages()).find((one: MessageView & { wamid?: string | null }) => one.wamid === wamid) ?? null;
    const [file] = found?.attachments ?? [];
    return file && (file.url || file.error) ? found : null;
  });
  const [file] = message.attachments;
  expect(file?.error).toBeUndefined();
  return file?.url ?? "";
}

test.each(FILES)("%s", async (_, content, declared, expected) => {
  const url = await received(content, declared, "archivo");
  for (const headers of [{}, { range: "bytes=0-3" }, { accept: "text/html" }] as Record<string, string>[]) {
    const response = await get(url, headers);
    const type = response.headers.get("content-type") ?? "";
    expect(type).toBe(expected);
    expect(response.headers.get("x-content-type-options")).toBe("nosniff");
    // Even opened by itself it is in a sandbox without scripts, and no page of ours.
    expect(response.headers.get("content-security-policy")).toBe("default-src 'none'; sandbox");
    const disposition = response.headers.get("content-disposition") ?? "";
    expect(disposition.startsWith("inline")).toBe(SHOWN.test(type));
    expect(disposition.startsWith("attachment")).toBe(!SHOWN.test(type));
    await response.body?.cancel();
  }
});

describe("names", () => {
  const NAMES: [string, string][] = [
    ["a path", "../../../../etc/passwd"],
    ["a path of Windows", "..\\..\\windows\\system32\\drivers\\etc\\hosts"],
    ["an absolute one", "/etc/passwd"],
    ["a header", "a.pdf\r\nset-cookie: session=stolen\r\n\r\n<html>"],
    ["quotes", `a"; filename="b.html`],
    ["a star", `a"; filename*=UTF-8''evil.html; x="`],
    ["reversed", "factura\u202Efdp.exe"],
    ["invisible marks", "fac\u200Ftura\u2067.exe"],
    ["a null", "factura.pdf\u0000.exe"],
    ["separators of lines", "a\u2028b\u0085c.pdf"],
    ["half a character", "a\ud83db.pdf"],
    ["accents and a llama", "Menú de ñandú 🦙.pdf"],
    ["only dots", ".."],
    ["endless", `${"a".repeat(5_000)}.pdf`],
    ["percent", "a%2f..%2fb%00.pdf"],
  ];

  function expectPlain(disposition: string): void {
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must not pass
    expect(disposition).not.toMatch(/[\u0000-\u001f\u007f-\uffff]/);
    expect(disposition.length).toBeLessThan(2_500);
    const match = /^(inline|attachment)(?:; filename="([^"]*)"; filename\*=UTF-8''([^;"\s]*))?$/.exec(disposition);
    expect(match).not.toBeNull();
    const names = [match?.[2] ?? "", decodeURIComponent(match?.[3] ?? "")];
    for (const name of names) {
      // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those must not pass
      expect(name).not.toMatch(/[/\\\u0000-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/);
      expect(name.length).toBeLessThanOrEqual(200);
    }
  }

  test.each(NAMES)("%s, from a customer", async (_, filename) => {
    const url = await received(bytes("%PDF-1.7"), "application/pdf", filename);
    const { headers } = await get(url);
    expectPlain(headers.get("content-disposition") ?? "");
    expect([headers.get("set-cookie"), headers.get("content-type")]).toEqual([null, "application/pdf"]);
  });

  test.each(NAMES)("%s, from an agent", async (_, filename) => {
    const answer = await fetch(`${app.url}/api/v2/media?filename=${encodeURIComponent(filename.toWellFormed())}`, {
      method: "POST",
      body: "%PDF-1.7",
      headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/pdf" },
    });
    const body = (await answer.json()) as { data?: MediaView; code?: string };
    if (answer.status !== 200) return expect([answer.status, body.code]).toEqual([422, "request.invalid"]);
    expectPlain((await get(body.data?.url ?? "")).headers.get("content-disposition") ?? "");
  });
});

describe("paths out of the folder", () => {
  /** As it is written, without a client that tidies it up. */
  const raw = (path: string) =>
    new Promise<{ status: number; text: string }>((resolve, reject) => {
      const { hostname, port } = new URL(app.url);
      const headers = { authorization: `Bearer ${app.api.token}`, accept: "text/html" };
      ask({ hostname, port, path, headers }, (response) => {
        let text = "";
        response.on("data", (chunk) => {
          text += chunk;
        });
        response.on("end", () => resolve({ status: response.statusCode ?? 0, text }));
      })
        .on("error", reject)
        .end();
    });
  const UP = ["..", "%2e%2e", "%2E%2E", "..%2f", "..%5c", "..;", "....", "%252e%252e", "..%c0%af", "..\\"];
  const ENDS = ["outside.txt", "chasqui.db", "secrets.json", "encryption.key", "etc/passwd"];

  test.each(["/", "/media/", "/assets/", "/api/v2/media/", "/api/v2/"])("below %s", async (base) => {
    for (const up of UP)
      for (const end of ENDS)
        for (const depth of [1, 3, 8]) {
          const { status, text } = await raw(`${base}${`${up}/`.repeat(depth)}${end}`);
          expect(text).not.toMatch(new RegExp(`${SECRET}|SQLite format|accessSecret|root:.*:0:0`));
          expect(status).toBeOneOf([200, 400, 401, 404, 422, 503]);
          // Only the app's own page may be an answer.
          if (status === 200) expect(text).toContain("<app-root");
        }
  });
});
