/** The web app's files: encodings, caching, fallbacks, and what must never be served. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { brotliDecompressSync, gunzipSync } from "node:zlib";
import { createStaticFiles, type StaticFiles } from "../../src/http/static";
import { precompress } from "../../src/tools/build/precompress";

const INDEX = "<!doctype html><title>Chasqui</title><app-root></app-root>";
const SCRIPT = `console.log("chasqui");\n`.repeat(200);
const PAGE = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

let root: string;
let files: StaticFiles;

beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), "chasqui-static-"));
  const web = join(root, "web");
  mkdirSync(join(web, "media"), { recursive: true });
  writeFileSync(join(web, "index.html"), INDEX);
  writeFileSync(join(web, "main-ABCD1234.js"), SCRIPT);
  for (const name of [
    "chunk-BBjxpx5j.js",
    "chunk-u9Aq_u-3.js",
    "styles-Q3LW5HA7.css",
    "theme.js",
    "theme-switcher.js",
    "icon-BIG.svg",
  ])
    writeFileSync(join(web, name), "x");
  writeFileSync(join(web, "icons.svg"), "<svg/>");
  writeFileSync(join(web, "media", "voice note-ABCD1234.mp3"), new Uint8Array([1, 2, 3]));
  writeFileSync(join(web, ".stamp"), "a note of the build");
  writeFileSync(join(root, "secret.txt"), "not for the web");
  await precompress(web);
  files = createStaticFiles({ directory: web });
});
afterAll(() => rmSync(root, { recursive: true }));

const ask = (path: string, headers: Record<string, string> = {}, method = "GET") =>
  files(new Request(`http://localhost${path}`, { method, headers }));
const answer = (path: string, headers: Record<string, string> = {}, method = "GET") => {
  const response = ask(path, headers, method);
  if (!response) throw new Error(`${method} ${path} was not answered`);
  return response;
};

describe("what is served", () => {
  test("the page at / and /index.html, never cached without asking", async () => {
    for (const path of ["/", "/index.html", "/?from=mail", "/#top"]) {
      const response = answer(path);
      expect(response.status).toBe(200);
      expect(response.headers.get("content-type")).toBe("text/html;charset=utf-8");
      expect(response.headers.get("cache-control")).toBe("no-cache");
      expect(await response.text()).toBe(INDEX);
    }
  });

  test("hashed names for a year, others revalidated", () => {
    for (const name of ["main-ABCD1234.js", "chunk-BBjxpx5j.js", "chunk-u9Aq_u-3.js", "styles-Q3LW5HA7.css"])
      expect([name, answer(`/${name}`).headers.get("cache-control")]).toEqual([name, "public, max-age=31536000, immutable"]);
    for (const name of ["icons.svg", "theme.js", "theme-switcher.js", "icon-BIG.svg"])
      expect([name, answer(`/${name}`).headers.get("cache-control")]).toEqual([name, "no-cache"]);
  });

  test("a name with a space, in a folder, by its escaped path", async () => {
    const response = answer("/media/voice%20note-ABCD1234.mp3");
    expect(response.headers.get("content-type")).toBe("audio/mpeg");
    expect(await response.bytes()).toEqual(new Uint8Array([1, 2, 3]));
  });

  test("a strict policy and nosniff on every answer, also 304 and 404", () => {
    const etag = answer("/").headers.get("etag")!;
    for (const response of [
      answer("/"),
      answer("/main-ABCD1234.js"),
      answer("/gone.js"),
      answer("/", { "if-none-match": etag }),
    ]) {
      const policy = response.headers.get("content-security-policy")!;
      expect(policy).toBe(
        "default-src 'self'; script-src 'self'; script-src-attr 'none'; img-src 'self' data: blob:; media-src 'self' blob:; style-src 'self' 'unsafe-inline'; " +
          "connect-src 'self'; frame-ancestors 'none'; base-uri 'self'; object-src 'none'; form-action 'self'",
      );
      expect(policy).not.toMatch(/script-src[^;]*unsafe|unsafe-eval/);
      expect(response.headers.get("x-content-type-options")).toBe("nosniff");
      expect(response.headers.get("x-frame-options")).toBe("DENY");
    }
  });
});

describe("encodings", () => {
  const encodingOf = (acceptEncoding: string, path = "/main-ABCD1234.js") =>
    answer(path, { "accept-encoding": acceptEncoding }).headers.get("content-encoding");

  test.each([
    ["gzip, deflate, br, zstd", "br"],
    ["gzip, deflate, zstd", "zstd"],
    ["gzip, deflate", "gzip"],
    ["x-gzip", "gzip"],
    ["BR", "br"],
    ["br;q=0, zstd", "zstd"],
    ["br;q=0.2, zstd;q=0.9", "zstd"],
    ["br; q=0.5, identity;q=0.1", "br"],
    ["br;q=0.5, identity", null],
    ["*", "br"],
    ["br;q=0, *;q=0.5", "zstd"],
    ["*;q=0", null],
    ["identity;q=0, deflate", null],
    ["brotli", null],
    ["br;q=nonsense, gzip", "gzip"],
    ["", null],
    [";;,,", null],
  ])("%p gets %p", (header, expected) => {
    expect(encodingOf(header)).toBe(expected);
    expect(encodingOf(header)).toBe(expected);
  });

  test("each encoding decodes to the same file and has its own ETag", async () => {
    const of = (encoding: string) => answer("/main-ABCD1234.js", { "accept-encoding": encoding });
    expect(brotliDecompressSync(await of("br").bytes()).toString()).toBe(SCRIPT);
    expect(gunzipSync(await of("gzip").bytes()).toString()).toBe(SCRIPT);
    expect(Buffer.from(Bun.zstdDecompressSync(await of("zstd").bytes())).toString()).toBe(SCRIPT);
    expect(await of("identity").text()).toBe(SCRIPT);
    const tags = ["br", "gzip", "zstd", "identity"].map((encoding) => of(encoding).headers.get("etag"));
    expect(new Set(tags).size).toBe(4);
    for (const encoding of ["br", "identity"]) expect(of(encoding).headers.get("vary")).toBe("Accept-Encoding");
  });

  test("small files are not compressed and siblings are not files of their own", () => {
    expect(encodingOf("br, gzip", "/icons.svg")).toBeNull();
    for (const suffix of ["br", "zst", "gz"]) expect(answer(`/main-ABCD1234.js.${suffix}`).status).toBe(404);
  });

  test("thousands of different headers change nothing", () => {
    for (let i = 0; i < 3_000; i++) expect(encodingOf(`x-${i}, br;q=0.${(i % 9) + 1}`)).toBe("br");
    expect(encodingOf("zstd")).toBe("zstd");
  });
});

describe("conditional requests", () => {
  const path = "/main-ABCD1234.js";
  const etag = () => answer(path, { "accept-encoding": "br" }).headers.get("etag")!;
  const status = (ifNoneMatch: string, encoding = "br") =>
    answer(path, { "accept-encoding": encoding, "if-none-match": ifNoneMatch }).status;

  test("the tag alone, weak, in a list, and * give 304 without a body", async () => {
    for (const header of [etag(), `W/${etag()}`, `"other" , ${etag()}`, `"a",W/${etag()},"b"`, "*", " * "])
      expect(status(header)).toBe(304);
    const response = answer(path, { "accept-encoding": "br", "if-none-match": etag() });
    expect(await response.text()).toBe("");
    expect(response.headers.get("etag")).toBe(etag());
    expect(response.headers.get("content-type")).toBeNull();
    expect(response.headers.get("content-encoding")).toBeNull();
  });

  test("another tag, another encoding's tag and a part of the tag give the file", () => {
    expect(status('"other"')).toBe(200);
    expect(status(etag(), "gzip")).toBe(200);
    expect(status(etag().slice(0, -2))).toBe(200);
    expect(status("")).toBe(200);
  });
});

describe("paths without a file", () => {
  test("a page of the app gets index.html", async () => {
    const response = answer("/inbox/conversations/12", PAGE);
    expect(response.status).toBe(200);
    expect(await response.text()).toBe(INDEX);
    expect(response.headers.get("cache-control")).toBe("no-cache");
  });

  test("a missing file is 404, also when HTML would be accepted", async () => {
    for (const path of ["/missing.js", "/media/missing-ABCD1234.png", "/favicon.ico"]) {
      const response = answer(path, PAGE);
      expect(response.status).toBe(404);
      expect(await response.text()).not.toContain("app-root");
    }
  });

  test.each([
    ["an API path", "/api/v2/nothing", PAGE, "GET"],
    ["the API root", "/api", PAGE, "GET"],
    ["an escaped API path", "/%61pi/v2/nothing", PAGE, "GET"],
    ["a program that asks for anything", "/inbox", { accept: "*/*" }, "GET"],
    ["no Accept at all", "/inbox", {}, "GET"],
    ["a JSON client", "/inbox", { accept: "application/json" }, "GET"],
    ["POST", "/", PAGE, "POST"],
    ["DELETE of a file", "/index.html", PAGE, "DELETE"],
    ["OPTIONS", "/", PAGE, "OPTIONS"],
  ])("%s is left to others", (_, path, headers, method) => {
    expect(ask(path, headers as Record<string, string>, method)).toBeNull();
  });

  test("a path that only starts like the API is a page", () => {
    expect(answer("/apiary", PAGE).status).toBe(200);
  });

  test("nothing outside the directory is reachable", async () => {
    for (const path of [
      "/../secret.txt",
      "/..%2fsecret.txt",
      "/%2e%2e/secret.txt",
      "/media/../../secret.txt",
      "/..%5csecret.txt",
      `/${root}/secret.txt`,
      "//secret.txt",
      "/secret.txt%00.js",
    ]) {
      const response = ask(path, PAGE);
      expect(response?.status ?? 404).toBe(404);
    }
  });

  test("files with a leading dot are not served", () => {
    expect(answer("/.stamp", PAGE).status).toBe(404);
  });

  test("a malformed escape is not an error", () => {
    expect(ask("/%ff%zz", {})).toBeNull();
    expect(answer("/%ff.js").status).toBe(404);
  });
});

test("HEAD carries no body", async () => {
  for (const path of ["/", "/main-ABCD1234.js", "/gone.js"]) expect((await answer(path, {}, "HEAD").bytes()).byteLength).toBe(0);
});

test("HEAD over the wire has the headers of GET and no body", async () => {
  using server = Bun.serve({ port: 0, fetch: (request) => files(request) ?? new Response(null, { status: 404 }) });
  for (const path of ["/main-ABCD1234.js", "/"]) {
    const options = { headers: { "accept-encoding": "gzip" }, decompress: false };
    const get = await fetch(new URL(path, server.url), options);
    const head = await fetch(new URL(path, server.url), { ...options, method: "HEAD" });
    expect(head.status).toBe(200);
    for (const name of ["content-length", "content-type", "content-encoding", "etag", "cache-control", "vary"])
      expect([name, head.headers.get(name)]).toEqual([name, get.headers.get(name)]);
    expect((await get.bytes()).byteLength).toBe(Number(head.headers.get("content-length")));
    expect(await head.text()).toBe("");
  }
});

test("without a build the page says how to make one and assets are 404", async () => {
  const unbuilt = createStaticFiles({ directory: join(root, "nothing-here") });
  const page = unbuilt(new Request("http://localhost/", { headers: PAGE }))!;
  expect(page.status).toBe(503);
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(await page.text()).toContain("npm run web:build");
  expect(unbuilt(new Request("http://localhost/inbox", { headers: PAGE }))!.status).toBe(503);
  expect(unbuilt(new Request("http://localhost/main.js"))!.status).toBe(404);
  expect(unbuilt(new Request("http://localhost/api/v2/health", { headers: PAGE }))).toBeNull();
});
