/** Media of both sides over the wire: limits, addresses that end, broken lines, and where the token may go. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { MessageEvent } from "../../../src/channels/whatsapp/inbound";
import { createMediaClient, type MediaClient } from "../../../src/channels/whatsapp/media";
import { checkUpload, kindOfFile, serveAs, sniffType } from "../../../src/channels/whatsapp/media-rules";
import { createDirectoryStorage, createS3Storage, type MediaStorage } from "../../../src/channels/whatsapp/media-storage";
import { sampleFile } from "../../../src/channels/whatsapp/sandbox/sample-media";
import { type Clock, systemClock } from "../../../src/core/clock";
import { AppError } from "../../../src/core/errors";
import { credentials, openWorld, type World } from "./sandbox-world";

let directory: string;
let storage: MediaStorage;
let world: World;
let client: MediaClient;
/** A clock that can be ahead of the real one. */
let ahead = 0;
const clock: Clock = { ...systemClock, now: () => systemClock.now() + ahead };

const clientOf = (baseUrl: string, extra: object = {}) =>
  createMediaClient({
    baseUrl,
    version: "v26.0",
    phoneNumberId: credentials.phoneNumberId,
    accessToken: () => credentials.accessToken,
    storage,
    clock: systemClock,
    ...extra,
  });

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "media-"));
  storage = await createDirectoryStorage(directory);
  world = await openWorld({ clock });
  client = clientOf(world.sandbox.url);
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await rm(directory, { recursive: true });
});

async function received(bytes: Uint8Array, mimeType: string) {
  const before = world.door.events.length;
  const rosa = world.sandbox.phones.list()[0]!;
  await world.sandbox.phones.send(rosa.id, {
    type: "document",
    data: Buffer.from(bytes).toString("base64"),
    mimeType,
    filename: "f",
  });
  return (world.door.events[before] as MessageEvent).content.attachments[0]!;
}

const codeOf = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "done";
  } catch (error) {
    return error instanceof AppError ? error.code : String(error);
  }
};

test("an inbound file is kept under the hash of its content, once, with its true type", async () => {
  const { bytes } = sampleFile("image");
  const attachment = await received(bytes, "application/x-strange");
  const kept = await client.download(attachment);
  expect(kept).toEqual({
    key: new Bun.CryptoHasher("sha256").update(bytes).digest("hex"),
    size: bytes.length,
    mimeType: "application/x-strange",
    sniffedType: "image/png",
  });
  const again = await client.download({ mediaId: attachment.mediaId });
  expect(again.key).toBe(kept.key);
  expect(await (await storage.open(kept.key))!.bytes()).toEqual(new Uint8Array(bytes));
  expect(await readdir(join(directory, "partial"))).toEqual([]);
  await storage.remove(kept.key);
  expect(await storage.open(kept.key)).toBeNull();
  expect(await storage.open("../../etc/passwd")).toBeNull();
});

test("an address older than five minutes is asked for again; after seven days the file is gone", async () => {
  const attachment = await received(new TextEncoder().encode("hola"), "text/plain");
  ahead = 6 * 60_000;
  expect(await client.download(attachment)).toMatchObject({ size: 4, mimeType: "text/plain" });
  ahead = 8 * 86_400_000;
  expect(await codeOf(client.download(attachment))).toBe("graph.refused");
  ahead = 0;
});

test("an empty file and one above the limit are refused and leave nothing behind", async () => {
  expect(await codeOf(client.download(await received(new Uint8Array(0), "text/plain")))).toBe("media.refused");
  const large = await received(new Uint8Array(5_000), "text/plain");
  expect(await codeOf(clientOf(world.sandbox.url, { maxBytes: 4_999 }).download({ mediaId: large.mediaId }))).toBe(
    "media.refused",
  );
  expect(await codeOf(clientOf(world.sandbox.url, { maxBytes: 4_999 }).download(large))).toBe("media.refused");
  expect(await readdir(join(directory, "partial"))).toEqual([]);
});

describe("the token goes nowhere else", () => {
  test.each([
    "http://169.254.169.254/latest/meta-data",
    "https://lookaside.fbsbx.com.evil.example/x",
    "https://evil.example/?u=lookaside.fbsbx.com",
    "http://lookaside.fbsbx.com/x",
    "https://lookaside.fbsbx.com:8443/x",
    "http://127.0.0.1:1/x",
    "file:///etc/passwd",
    "not an address",
  ])("%s", async (url) => {
    expect(await codeOf(client.download({ url }))).toBe("media.refused");
  });

  test("a redirect to elsewhere is not followed", async () => {
    let reached = 0;
    const elsewhere = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(String(++reached)) });
    const graph = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => Response.redirect(`http://127.0.0.1:${elsewhere.port}/`),
    });
    const base = `http://127.0.0.1:${graph.port}`;
    expect(await codeOf(clientOf(base).download({ url: `${base}/file` }))).toBe("media.refused");
    expect(reached).toBe(0);
    await elsewhere.stop(true);
    await graph.stop(true);
  });
});

test("a download that breaks goes on where it stopped", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  const ranges: (string | null)[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname, origin } = new URL(request.url);
      if (pathname.endsWith("/77")) return Response.json({ url: `${origin}/file`, mime_type: "application/pdf" });
      const range = request.headers.get("range");
      ranges.push(range);
      if (range !== null) {
        const start = Number(/\d+/.exec(range)?.[0]);
        const headers = { "content-range": `bytes ${start}-${bytes.length - 1}/${bytes.length}` };
        return new Response(bytes.subarray(start), { status: 206, headers });
      }
      let sent = false;
      return new Response(
        new ReadableStream({
          pull: async (controller) => {
            if (!sent) controller.enqueue(bytes.subarray(0, 20_000));
            sent = true;
            await Bun.sleep(5_000);
          },
        }),
      );
    },
  });
  const kept = await clientOf(`http://127.0.0.1:${server.port}`, { timeoutMs: 150 }).download({ mediaId: "77" });
  expect(kept).toMatchObject({ size: 60_000, key: new Bun.CryptoHasher("sha256").update(bytes).digest("hex") });
  expect(ranges).toEqual([null, "bytes=20000-"]);
  await server.stop(true);
});

test("another part than the one asked for is not mixed in: the file is loaded from its beginning", async () => {
  const bytes = crypto.getRandomValues(new Uint8Array(60_000));
  let calls = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => {
      const { pathname, origin } = new URL(request.url);
      if (pathname.endsWith("/77")) return Response.json({ url: `${origin}/file`, mime_type: "application/pdf" });
      if (++calls === 3) return new Response(bytes);
      if (calls === 2) {
        const headers = { "content-range": `bytes 100-${bytes.length - 1}/${bytes.length}` };
        return new Response(bytes.subarray(100), { status: 206, headers });
      }
      return new Response(
        new ReadableStream({
          start: (controller) => controller.enqueue(bytes.subarray(0, 20_000)),
          pull: () => new Promise(() => {}),
        }),
      );
    },
  });
  const kept = await clientOf(`http://127.0.0.1:${server.port}`, { timeoutMs: 150 }).download({ mediaId: "77" });
  expect(kept.key).toBe(new Bun.CryptoHasher("sha256").update(bytes).digest("hex"));
  expect(calls).toBe(3);
  await server.stop(true);
});

test("a host that stays broken is reported as unavailable", async () => {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("x", { status: 503 }) });
  expect(await codeOf(clientOf(`http://127.0.0.1:${server.port}`).download({ mediaId: "77" }))).toBe("media.unavailable");
  await server.stop(true);
});

describe("uploads", () => {
  const blob = (bytes: Uint8Array, type: string) => new Blob([new Uint8Array(bytes)], { type });
  test("a file gets an id that can be sent, and taken away", async () => {
    const { bytes } = sampleFile("image");
    const { mediaId, expiresAt } = await client.upload({
      type: "image",
      blob: blob(bytes, "image/png"),
      mimeType: "image/png",
      filename: "a.png",
    });
    expect(expiresAt).toBeGreaterThan(systemClock.now() + 29 * 86_400_000);
    expect(await client.resolve(mediaId)).toMatchObject({ mimeType: "image/png", size: bytes.length });
    await client.remove(mediaId);
    expect(await codeOf(client.resolve(mediaId))).toBe("graph.refused");
  });

  test.each([
    ["an empty file", "image", "image/png", 0],
    ["a picture of another type", "image", "image/gif", 10],
    ["a picture of 5 MB and one byte", "image", "image/png", 5 * 1024 * 1024 + 1],
    ["a sticker of 501 KB", "sticker", "image/webp", 501 * 1024],
    ["a program", "document", "application/x-msdownload", 10],
  ] as const)("refused before the call: %s", (_, type, mimeType, size) => {
    expect(() => checkUpload({ type, mimeType, size })).toThrow(AppError);
  });

  test("the kind a file goes out as", () => {
    expect(kindOfFile("image/jpeg", 1000)).toBe("image");
    expect(kindOfFile("audio/ogg; codecs=opus", 1000)).toBe("audio");
    expect(kindOfFile("application/pdf", 1000)).toBe("document");
    expect(kindOfFile("application/x-msdownload", 1000)).toBeUndefined();
  });
});

test("types by the first bytes, and how a received file may be served", () => {
  for (const kind of ["image", "audio", "sticker", "video"] as const) {
    const { bytes, mimeType } = sampleFile(kind);
    expect(sniffType(bytes)).toBe(mimeType.split(";")[0]!);
  }
  expect(sniffType(new TextEncoder().encode("<html>"))).toBeUndefined();
  expect(serveAs("image/png", "image/png")).toEqual({ mimeType: "image/png", inline: true });
  expect(serveAs("image/png", undefined)).toEqual({ mimeType: "application/octet-stream", inline: false });
  expect(serveAs("text/html", undefined)).toEqual({ mimeType: "application/octet-stream", inline: false });
  expect(serveAs("text/html", "image/jpeg")).toEqual({ mimeType: "image/jpeg", inline: true });
  expect(serveAs("audio/mp4", "video/mp4")).toEqual({ mimeType: "audio/mp4", inline: true });
});

test("S3: the file arrives under its hash", async () => {
  const objects = new Map<string, Uint8Array>();
  const s3 = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async (request) => {
      const { pathname } = new URL(request.url);
      if (request.method === "PUT") {
        objects.set(pathname, await request.bytes());
        return new Response(null, { headers: { etag: '"1"' } });
      }
      const object = objects.get(pathname);
      if (!object) return new Response(null, { status: 404 });
      if (request.method === "DELETE") objects.delete(pathname);
      return new Response(request.method === "GET" ? new Uint8Array(object) : null, {
        headers: { "content-length": String(object.length), etag: '"1"' },
      });
    },
  });
  const bucket = new Bun.S3Client({
    endpoint: `http://127.0.0.1:${s3.port}`,
    bucket: "b",
    accessKeyId: "k",
    secretAccessKey: "s",
  });
  const remote = await createS3Storage(bucket, join(directory, "spool"));
  const writer = await remote.begin();
  await writer.write(new TextEncoder().encode("hola "));
  await writer.write(new TextEncoder().encode("S3"));
  const { key, size } = await writer.commit("text/plain");
  expect(size).toBe(7);
  expect([...objects.keys()]).toEqual([`/b/media/${key}`]);
  expect(await (await remote.open(key))!.text()).toBe("hola S3");
  await remote.remove(key);
  expect(objects.size).toBe(0);
  expect(await readdir(join(directory, "spool", "partial"))).toEqual([]);
  await s3.stop(true);
});
