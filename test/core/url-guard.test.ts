/** Addresses that people type in cannot reach our own machine: whatever the spelling, the resolver's answer, or the redirect. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ErrorCode } from "../../src/core/errors";
import { createUrlGuard, type UrlGuardOptions } from "../../src/core/url-guard";

setDefaultTimeout(20_000);

/** The inside: must never be asked. */
const insideAsked: string[] = [];
const inside = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: (request) => {
    insideAsked.push(request.url);
    return new Response("the inside");
  },
});
/** Stands for a host of the public internet. */
const PUBLIC = "127.0.0.2";
process.env.NO_PROXY = process.env.no_proxy = `${process.env.NO_PROXY},${PUBLIC}`;
const seen: { host: string | null; authorization: string | null; method: string; body: string }[] = [];
const outside = Bun.serve({
  port: 0,
  hostname: PUBLIC,
  async fetch(request) {
    const { pathname, searchParams } = new URL(request.url);
    const { headers, method } = request;
    seen.push({ host: headers.get("host"), authorization: headers.get("authorization"), method, body: await request.text() });
    if (pathname === "/to")
      return new Response(null, {
        status: Number(searchParams.get("as") ?? 302),
        headers: { location: searchParams.get("url") ?? "" },
      });
    if (pathname === "/loop") return Response.redirect("/loop");
    if (pathname === "/large")
      return new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(65_536)) }));
    if (pathname === "/zipped")
      return new Response(Bun.gzipSync(new Uint8Array(5_000_000)), { headers: { "content-encoding": "gzip" } });
    if (pathname === "/silent") return new Promise<Response>(() => {});
    return new Response("hello");
  },
});
afterAll(async () => {
  await inside.stop(true);
  await outside.stop(true);
});

const names: Record<string, string[]> = {
  "good.example": [PUBLIC],
  "other.example": [PUBLIC],
  "inside.example": ["127.0.0.1"],
  "half.example": [PUBLIC, "127.0.0.1"],
};
const options: UrlGuardOptions = {
  resolve: async (host) => names[host] ?? [],
  isPublic: (address) => address === PUBLIC,
};
const guard = createUrlGuard(options);
const base = `http://good.example:${outside.port}`;

const refusal = async (work: Promise<unknown>): Promise<ErrorCode | null> =>
  work.then(
    () => null,
    (error: { code: ErrorCode }) => error.code,
  );

describe("refused before anything is sent", () => {
  const realGuard = createUrlGuard();
  test.each([
    "http://127.0.0.1/",
    "http://127.1/",
    "http://2130706433/",
    "http://0x7f.0.0.1/",
    "http://017700000001/",
    "http://0/",
    "http://[::1]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[64:ff9b::7f00:1]/",
    "http://[fe80::1]/",
    "http://[fd00:ec2::254]/latest/meta-data",
    "http://169.254.169.254/latest/meta-data/",
    "http://10.0.0.1:6379/",
    "http://①②⑦.0.0.1/",
    "http://localhost/",
    "http://localhost./",
    "http://LOCALHOST:80/",
    "file:///etc/passwd",
    "ftp://example.com/",
    "gopher://127.0.0.1:6379/_INFO",
    "data:text/plain,hello",
    "javascript:alert(1)",
    "http://user:password@example.com/",
    "//example.com",
    "",
    `http://example.com/${"x".repeat(3_000)}`,
  ])("%s", async (url) => {
    expect(await refusal(realGuard.fetch(url))).toBe("url.refused");
    expect(await refusal(realGuard.check(url))).toBe("url.refused");
  });

  test("a name that leads inside, wholly or in part", async () => {
    for (const host of ["inside.example", "half.example"])
      expect(await refusal(guard.fetch(`http://${host}:${inside.port}/`))).toBe("url.refused");
    expect(insideAsked).toEqual([]);
  });

  test("a name that does not exist", async () => {
    expect(await refusal(guard.fetch("http://nothing.example/"))).toBe("url.unreachable");
  });
});

test("the request goes to the address that was checked, asked for once, with the name as host", async () => {
  let asked = 0;
  // A name server that answers differently the second time.
  const rebinding = createUrlGuard({ ...options, resolve: async () => (asked++ === 0 ? [PUBLIC] : ["127.0.0.1"]) });
  const answer = await rebinding.fetch(`http://rebinding.example:${outside.port}/`);
  expect(new TextDecoder().decode(answer.body)).toBe("hello");
  expect(asked).toBe(1);
  expect(seen.at(-1)?.host).toBe(`rebinding.example:${outside.port}`);
  expect(await refusal(rebinding.fetch(`http://rebinding.example:${outside.port}/`))).toBe("url.refused");
});

describe("redirects", () => {
  const to = (url: string, as = 302) => `${base}/to?as=${as}&url=${encodeURIComponent(url)}`;

  test("to the inside are refused, by name or number", async () => {
    for (const target of [`http://127.0.0.1:${inside.port}/`, `http://inside.example:${inside.port}/`, "file:///etc/passwd"])
      expect(await refusal(guard.fetch(to(target)))).toBe("url.refused");
    expect(insideAsked).toEqual([]);
  });

  test("elsewhere lose what was meant for the first host", async () => {
    const request = { method: "POST", headers: { authorization: "Bearer x", "x-signature": "y" }, body: "data" };
    await guard.fetch(to(`http://other.example:${outside.port}/`, 307), request);
    expect(seen.at(-1)).toMatchObject({ authorization: null, method: "POST", body: "data" });
    await guard.fetch(to(`${base}/`, 302), request);
    expect(seen.at(-1)).toMatchObject({ authorization: "Bearer x", method: "GET", body: "" });
  });

  test("without end are ended", async () => {
    expect(await refusal(guard.fetch(`${base}/loop`))).toBe("url.refused");
  });
});

test("an answer without end, or one that swells when unpacked, is cut", async () => {
  expect(await refusal(guard.fetch(`${base}/large`, { maxBytes: 200_000 }))).toBe("url.too-large");
  expect(await refusal(guard.fetch(`${base}/zipped`, { maxBytes: 200_000 }))).toBe("url.too-large");
});

test("a silent host is given up", async () => {
  expect(await refusal(guard.fetch(`${base}/silent`, { timeoutMs: 50 }))).toBe("url.unreachable");
  const gone = new AbortController();
  gone.abort();
  expect(await refusal(guard.fetch(`${base}/`, { signal: gone.signal }))).toBe("url.unreachable");
});

test("listed hosts may be private, on the listed port only", async () => {
  const listed = createUrlGuard({ ...options, allowed: [`inside.example:${inside.port}`] });
  expect((await listed.fetch(`http://inside.example:${inside.port}/`)).status).toBe(200);
  expect(await refusal(listed.fetch(`http://inside.example:${outside.port}/`))).toBe("url.refused");
  expect(await refusal(listed.fetch(`http://127.0.0.1:${inside.port}/`))).toBe("url.refused");
});

test("a client with its own reading gets the answer as it is: pinned, refused inside, a redirect not followed", async () => {
  const before = [...insideAsked];
  const answer = await guard.open(new URL(`${base}/`), { method: "POST", body: "words", headers: { authorization: "Bearer x" } });
  expect(await answer.text()).toBe("hello");
  expect(seen.at(-1)).toEqual({ host: `good.example:${outside.port}`, authorization: "Bearer x", method: "POST", body: "words" });
  expect(await refusal(guard.open(`http://inside.example:${inside.port}/`))).toBe("url.refused");
  expect((await guard.open(`${base}/to?url=http://inside.example:${inside.port}/`)).status).toBe(302);
  expect(insideAsked).toEqual(before);
});
