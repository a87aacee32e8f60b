/** Files of customers on their way in: loaded at once, kept once, served safely, and never a reason to lose the message. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { MessageView } from "../../../src/events/view";
import { until } from "../../helpers/until";
import { createSandboxApp, pngOf, type SandboxApp } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

const base64 = (bytes: Uint8Array | string): string => Buffer.from(bytes as never).toString("base64");

/** The newest message, once its file is settled one way or the other. */
const settled = (app: SandboxApp): Promise<MessageView> =>
  until(async () => {
    const message = (await app.messages()).at(-1);
    const [file] = message?.attachments ?? [];
    return file && (file.url || file.error) ? message : null;
  });

const get = (app: SandboxApp, path: string, headers: Record<string, string> = {}): Promise<Response> =>
  fetch(app.url + path, { headers: { authorization: `Bearer ${app.api.token}`, ...headers } });

const filesIn = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true }).flatMap((entry) => (entry.isFile() ? [entry.name] : []));

test("a picture is stored at once, its message is told again, and agents load it whole, in ranges and from their cache", async () => {
  await using app = await createSandboxApp();
  const png = await pngOf(900);
  await app.plays({ type: "image", data: base64(png), mimeType: "image/png", caption: "¿Tienen este?" });
  const message = await settled(app);
  const [file] = message.attachments;
  expect(message).toMatchObject({ type: "image", content: "¿Tienen este?" });
  expect(file).toMatchObject({ type: "image", mimeType: "image/png", size: png.length, fileDescription: "¿Tienen este?" });
  expect(file).not.toHaveProperty("mediaId");

  const whole = await get(app, file?.url ?? "");
  expect(whole.status).toBe(200);
  expect(Buffer.from(await whole.bytes()).equals(Buffer.from(png))).toBe(true);
  expect(Object.fromEntries(whole.headers)).toMatchObject({
    "content-type": "image/png",
    "x-content-type-options": "nosniff",
    "content-disposition": "inline",
    "accept-ranges": "bytes",
    "content-security-policy": "default-src 'none'; sandbox",
  });
  const etag = whole.headers.get("etag") ?? "";
  expect((await get(app, file?.url ?? "", { "if-none-match": etag })).status).toBe(304);
  const part = await get(app, file?.url ?? "", { range: "bytes=1-3" });
  expect([part.status, part.headers.get("content-range"), Buffer.from(await part.bytes()).toString()]).toEqual([
    206,
    `bytes 1-3/${png.length}`,
    "PNG",
  ]);
  expect((await get(app, file?.url ?? "", { range: `bytes=${png.length}-` })).status).toBe(416);

  const small = await get(app, file?.thumbnailUrl ?? "");
  const picture = await new Bun.Image(await small.bytes()).metadata();
  expect([small.headers.get("content-type"), picture.format, picture.width]).toEqual(["image/webp", "webp", 640]);
});

test("nobody without a session gets a file; a ticket opens exactly one, for players", async () => {
  await using app = await createSandboxApp();
  await app.plays({ type: "audio", voice: true });
  const [file] = (await settled(app)).attachments;
  const url = file?.url ?? "";
  expect((await fetch(app.url + url)).status).toBe(401);
  expect((await fetch(`${app.url}${url}/thumbnail`)).status).toBe(401);
  expect((await fetch(`${app.url}${url}/file?ticket=123456789.abcdefgh`)).status).toBe(401);
  const { body } = await app.api.post<{ url: string }>(`${url.replace("/api/v2", "")}/ticket`);
  const opened = await fetch(app.url + body.data.url, { headers: { range: "bytes=0-3" } });
  expect([opened.status, opened.headers.get("content-type"), await opened.text()]).toEqual([206, "audio/ogg", "OggS"]);
  const ticket = new URL(app.url + body.data.url).searchParams.get("ticket");
  const other = "0123456789abcdef01234567";
  expect((await fetch(`${app.url}/api/v2/media/${other}/file?ticket=${ticket}`)).status).toBe(401);
});

test("the same picture from two messages is kept once", async () => {
  await using app = await createSandboxApp();
  const png = await pngOf(40);
  for (const caption of ["uno", "dos"]) {
    await app.plays({ type: "image", data: base64(png), mimeType: "image/png", caption });
    await until(async () => (await app.messages()).at(-1)?.content === caption);
    await settled(app);
  }
  const hash = new Bun.CryptoHasher("sha256").update(png).digest("hex");
  expect(filesIn(join(app.dataDir, "media")).filter((name) => name === hash)).toEqual([hash]);
});

describe("hostile files", () => {
  const html = "<html><script>alert(1)</script></html>";
  test.each([
    [
      "a page that calls itself a picture",
      { type: "image", data: base64(html), mimeType: "image/jpeg" },
      "application/octet-stream",
    ],
    [
      "a page that calls itself a document",
      { type: "document", data: base64(html), mimeType: "text/html", filename: "../../etc/x\r\nset-cookie: a=b.html" },
      "application/octet-stream",
    ],
    [
      "an SVG with a script",
      { type: "document", data: base64('<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>'), mimeType: "image/svg+xml" },
      "application/octet-stream",
    ],
  ])("%s is kept as it came and only ever downloaded", async (_, sent, type) => {
    await using app = await createSandboxApp();
    await app.plays(sent);
    const [file] = (await settled(app)).attachments;
    const served = await get(app, file?.url ?? "");
    expect([served.status, served.headers.get("content-type")]).toEqual([200, type]);
    expect(served.headers.get("content-disposition")).toStartWith("attachment");
    expect(served.headers.get("set-cookie")).toBeNull();
    expect(file?.thumbnailUrl).toBeUndefined();
  });

  test("an empty file fails with its reason, and the message stays", async () => {
    await using app = await createSandboxApp();
    await app.plays({ type: "image", data: "", mimeType: "image/jpeg", caption: "nada" });
    const message = await settled(app);
    expect(message.content).toBe("nada");
    expect(message.attachments[0]).toMatchObject({ url: null, error: "The file is empty." });
    const answer = await app.api.post("/media/000000000000000000000000/retry");
    expect(answer.status).toBe(404);
  });

  test("a picture that unfolds into a huge one is kept without a thumbnail", async () => {
    await using app = await createSandboxApp();
    // Only the header counts: 60,000 x 60,000 pixels are told, none is there.
    const bomb = Buffer.from(await pngOf(10));
    bomb.writeUInt32BE(60_000, 16);
    bomb.writeUInt32BE(60_000, 20);
    await app.plays({ type: "image", data: base64(bomb), mimeType: "image/png" });
    const [file] = (await settled(app)).attachments;
    expect([file?.mimeType, file?.thumbnailUrl]).toEqual(["image/png", undefined]);
  });
});
