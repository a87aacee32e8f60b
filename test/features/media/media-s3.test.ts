/** The same product with a bucket: files go there over the wire, nothing stays in DATA_DIR, and ranges are read from there. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../../helpers/until";
import { createSandboxApp, pngOf } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

/** As much of S3 as a client needs that writes, looks, reads in ranges and deletes one object at a time. */
function startBucket() {
  const objects = new Map<string, { bytes: Uint8Array; type: string }>();
  const signed: boolean[] = [];
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const { pathname } = new URL(request.url);
      signed.push((request.headers.get("authorization") ?? "").includes("Credential=bucket-key/"));
      if (request.method === "PUT") {
        objects.set(pathname, { bytes: await request.bytes(), type: request.headers.get("content-type") ?? "" });
        return new Response(null, { headers: { etag: '"x"' } });
      }
      const object = objects.get(pathname);
      if (!object) return new Response("<Error><Code>NoSuchKey</Code></Error>", { status: 404 });
      if (request.method === "DELETE") objects.delete(pathname);
      const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.get("range") ?? "");
      const [start, end] = [Number(range?.[1] ?? 0), range?.[2] ? Number(range[2]) + 1 : object.bytes.length];
      return new Response(request.method === "HEAD" ? null : object.bytes.subarray(start, end), {
        status: range ? 206 : 200,
        headers: { "content-type": object.type, "content-length": String(end - start), etag: '"x"' },
      });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, objects, signed, [Symbol.asyncDispose]: () => server.stop(true) };
}

test("a picture is kept in the bucket, served from it in ranges, and sent on from it", async () => {
  await using bucket = startBucket();
  await using app = await createSandboxApp({
    env: {
      S3_BUCKET: "chasqui-media",
      S3_ENDPOINT: bucket.url,
      S3_REGION: "eu-west-1",
      S3_ACCESS_KEY_ID: "bucket-key",
      S3_SECRET_ACCESS_KEY: "bucket-secret",
    },
  });
  const png = await pngOf(30);
  await app.plays({ type: "image", data: Buffer.from(png).toString("base64"), mimeType: "image/png" });
  const file = await until(async () => {
    const [one] = (await app.messages())[0]?.attachments ?? [];
    return one?.url ? one : null;
  });
  const hash = new Bun.CryptoHasher("sha256").update(png).digest("hex");
  expect([...bucket.objects.keys()].some((key) => key.endsWith(hash))).toBe(true);
  expect(bucket.signed.every(Boolean)).toBe(true);
  const left = readdirSync(join(app.dataDir, "media"), { recursive: true, withFileTypes: true });
  expect(left.filter((entry) => entry.isFile())).toEqual([]);

  const get = (headers: Record<string, string> = {}) =>
    fetch(app.url + file.url, { headers: { authorization: `Bearer ${app.api.token}`, ...headers } });
  expect(Buffer.from(await (await get()).bytes()).equals(Buffer.from(png))).toBe(true);
  const part = await get({ range: "bytes=1-3" });
  expect([part.status, await part.text()]).toEqual([206, "PNG"]);
  const sent = await app.send({ type: "image", image: { mediaId: file.media } });
  expect(sent.status).toBe(200);
  await until(async () => (await app.thread()).some(({ from }) => from === "business"));
});
