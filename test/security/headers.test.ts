/** What every answer carries, whoever gives it: pages, files of the app, the API, its refusals, media, downloads, and Meta's door. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { signBody } from "../../src/channels/whatsapp/signature";
import { createStaticFiles } from "../../src/http/static";
import { createSandboxApp, pngOf, type SandboxApp } from "../features/channels/sandbox-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

let app: SandboxApp;
let file = "";
let ticket = "";
beforeAll(async () => {
  app = await createSandboxApp({ env: { CORS_ORIGINS: "https://crm.example" } });
  await app.plays({ type: "image", data: Buffer.from(await pngOf(900)).toString("base64"), mimeType: "image/png" });
  const message = await until(async () => {
    const last = (await app.messages()).at(-1);
    return last?.attachments[0]?.url ? last : null;
  });
  file = message.attachments[0]?.url ?? "";
  ticket = (await app.api.post<{ url: string }>(`${file.replace("/api/v2", "")}/ticket`)).body.data.url;
});
afterAll(() => app[Symbol.asyncDispose]());

interface Row {
  what: string;
  path: string | (() => string);
  status: number;
  init?: RequestInit;
  /** Where it is another one than that of answers which are no pages. */
  policy?: RegExp;
  guest?: boolean;
}

const NO_PAGE = /^default-src 'none'/;
const json = { "content-type": "application/json" };
const page = { headers: { accept: "text/html" } };
const ROWS: Row[] = [
  { what: "a list", path: "/api/v2/contacts", status: 200 },
  { what: "its HEAD", path: "/api/v2/contacts", status: 200, init: { method: "HEAD" } },
  { what: "who is not signed in", path: "/api/v2/contacts", status: 401, guest: true },
  { what: "what is not there", path: `/api/v2/contacts/${"0".repeat(24)}`, status: 404 },
  { what: "a route that is not there", path: "/api/v2/nothing", status: 404 },
  { what: "a wrong id", path: "/api/v2/contacts/x", status: 422 },
  { what: "a broken body", path: "/api/v2/labels", status: 400, init: { method: "POST", body: "{", headers: json } },
  {
    what: "a wrong type",
    path: "/api/v2/labels",
    status: 415,
    init: { method: "POST", body: "a=b", headers: { "content-type": "text/plain" } },
  },
  {
    what: "a large body",
    path: "/api/v2/labels",
    status: 413,
    init: { method: "POST", body: "x".repeat(5_000_000), headers: json },
  },
  { what: "a broken escape", path: "/api/v2/contacts/%", status: 422 },
  { what: "the description", path: "/api/v2/openapi.json", status: 200, guest: true },
  { what: "alive", path: "/health", status: 200, guest: true },
  { what: "ready", path: "/ready", status: 200, guest: true },
  { what: "no upgrade", path: "/api/v2/live", status: 404 },
  { what: "a file", path: () => file, status: 200 },
  { what: "a piece of it", path: () => file, status: 206, init: { headers: { range: "bytes=0-9" } } },
  { what: "an impossible piece", path: () => file, status: 416, init: { headers: { range: "bytes=999999999-" } } },
  { what: "its preview", path: () => `${file}/thumbnail`, status: 200 },
  { what: "a file by ticket", path: () => ticket, status: 200, guest: true },
  { what: "by a wrong ticket", path: () => `${ticket}x`, status: 401, guest: true },
  { what: "a file that is not there", path: `/api/v2/media/${"0".repeat(24)}`, status: 404 },
  { what: "a download of the audit log", path: "/api/v2/audit/export?format=csv", status: 200 },
  {
    what: "Meta's question",
    path: "/api/v2/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=x",
    status: 403,
    guest: true,
  },
  { what: "an unsigned event", path: "/api/v2/webhook", status: 401, init: { method: "POST", body: "{}" }, guest: true },
  {
    what: "a preflight",
    path: "/api/v2/contacts",
    status: 204,
    init: { method: "OPTIONS", headers: { origin: "https://crm.example", "access-control-request-method": "GET" } },
    guest: true,
  },
  {
    what: "a script of the app that is not there",
    path: "/missing-ABCD1234.js",
    status: 404,
    policy: /^default-src 'self'/,
    guest: true,
  },
  {
    what: "an unknown path for programs",
    path: "/nothing/at/all",
    status: 404,
    policy: /^default-src '(none|self)'/,
    guest: true,
  },
  { what: "POST to a page", path: "/", status: 404, init: { method: "POST" }, policy: /^default-src '(none|self)'/, guest: true },
];

const answerTo = ({ path, init = {}, guest = false }: Pick<Row, "path" | "init" | "guest">) =>
  fetch(app.url + (typeof path === "string" ? path : path()), {
    ...init,
    redirect: "manual",
    headers: { ...(guest ? {} : { authorization: `Bearer ${app.api.token}` }), ...(init.headers as Record<string, string>) },
  });

function faultsOf(response: Response, policy: RegExp): string[] {
  const { headers } = response;
  const wanted: [string, RegExp][] = [
    ["content-security-policy", policy],
    ["x-content-type-options", /^nosniff$/],
    ["x-frame-options", /^DENY$/],
    ["referrer-policy", /^(no-referrer|same-origin)$/],
    ["cache-control", /./],
  ];
  const lacks = wanted
    .filter(([name, value]) => !value.test(headers.get(name) ?? ""))
    .map(([name]) => `${name}: ${headers.get(name)}`);
  const tells = ["server", "x-powered-by", "x-aspnet-version"].filter((name) => headers.has(name));
  const open = headers.get("access-control-allow-origin") === "*" ? ["anybody's pages may read it"] : [];
  return [...lacks, ...tells, ...open];
}

test.each(ROWS.map((row): [string, Row] => [row.what, row]))("%s", async (_, row) => {
  const response = await answerTo(row);
  expect([response.status, faultsOf(response, row.policy ?? NO_PAGE)]).toEqual([row.status, []]);
  await response.body?.cancel();
});

test("Meta's event that is taken", async () => {
  await using own = await createSandboxApp({
    env: { WHATSAPP_APP_SECRET: "an app secret of the test", WHATSAPP_VERIFY_TOKEN: "word" },
  });
  const taken = await fetch(`${own.url}/api/v2/webhook`, {
    method: "POST",
    body: "{}",
    headers: { "x-hub-signature-256": signBody("an app secret of the test", "{}") },
  });
  expect([taken.status, faultsOf(taken, NO_PAGE)]).toEqual([200, []]);
  const asked = await fetch(`${own.url}/api/v2/webhook?hub.mode=subscribe&hub.challenge=<b>1</b>&hub.verify_token=word`);
  expect([asked.status, asked.headers.get("content-type"), faultsOf(asked, NO_PAGE)]).toEqual([
    200,
    "text/plain; charset=utf-8",
    [],
  ]);
});

test("pages and files of the app, built or not", async () => {
  const directory = mkdtempSync(join(tmpdir(), "chasqui-headers-"));
  try {
    mkdirSync(join(directory, "media"));
    writeFileSync(join(directory, "index.html"), "<!doctype html>");
    writeFileSync(join(directory, "main-ABCD1234.js"), "1");
    for (const files of [createStaticFiles({ directory }), createStaticFiles({ directory: join(directory, "media") })])
      for (const path of ["/", "/conversations/1", "/main-ABCD1234.js", "/missing.css"]) {
        const response = files(new Request(`http://localhost${path}`, page));
        expect([path, response && faultsOf(response, /^default-src 'self'.*frame-ancestors 'none'/)]).toEqual([path, []]);
        expect(response?.headers.get("content-security-policy")).not.toMatch(/script-src[^;]*(unsafe|\*|data:|https?:)/);
      }
  } finally {
    rmSync(directory, { recursive: true });
  }
});
