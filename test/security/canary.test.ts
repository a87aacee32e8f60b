/**
 * Secrets are planted wherever there are any, everything is made to work and to fail, and then they are looked for wherever something
 * comes out: logs of every level, errors, the audit log, exports, every GET of the API, the description, and the files on disk.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { Secret, TOTP } from "otpauth";
import { SMTPServer } from "smtp-server";
import { createLog, type LogLevel } from "../../src/core/log";
import { exampleOf } from "../../src/http/openapi-example";
import { connection, type GraphSwitch, second, startGraphSwitch } from "../features/channels/graph-switch";
import { ApiClient, postWebhook, webhookOf } from "../helpers/api-client";
import { createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type Operation, operationsOf } from "./api-fuzzer";

setDefaultTimeout(120_000);

const planted = new Map<string, string>();
/** A secret nothing else contains, long enough for every rule. */
function plant(name: string): string {
  const value = `canary-${name}-${crypto.randomUUID()}`;
  planted.set(name, value);
  return value;
}
const adopt = (name: string, value: string | undefined): string => {
  if (!value || value.length < 8) throw new Error(`${name} is no secret to look for: ${value}`);
  planted.set(name, value);
  return value;
};

/** As it is, and as it would stand inside base64 (of a header, of a URL), wherever it begins. */
function forms(secret: string): string[] {
  const inBase64 = [0, 1, 2].map((shift) => {
    const text = Buffer.from("x".repeat(shift) + secret).toString("base64");
    return text.slice(shift === 0 ? 0 : 4, -4);
  });
  return [secret, ...inBase64.filter((text) => text.length > 20)];
}
const leaksIn = (text: string, only: (name: string) => boolean = () => true): string[] =>
  [...planted].filter(([name, secret]) => only(name) && forms(secret).some((form) => text.includes(form))).map(([name]) => name);

/** Not secrets, but nothing for a log of a product that runs. */
const CUSTOMER_TEXT = ["message", "unreadable", "unsigned", "failing-reply"].map((name) => plant(`text-${name}`));
const [MESSAGE = "", UNREADABLE = "", UNSIGNED = "", FAILING = ""] = CUSTOMER_TEXT;
const isSecret = (name: string) => !name.startsWith("text-");

interface World extends AsyncDisposable {
  app: TestApp;
  graph: GraphSwitch;
  lines: string[];
  /** Whatever was answered on the way, except the answers that show a secret once. */
  answers: string[];
}

async function openWorld(level: LogLevel): Promise<World> {
  const lines: string[] = [];
  const answers: string[] = [];
  const graph = await startGraphSwitch();
  const mail = new SMTPServer({
    disabledCommands: ["STARTTLS"],
    allowInsecureAuth: true,
    onAuth: (_, __, done) => done(new Error("Invalid user name or password")),
  });
  mail.on("error", () => {});
  await new Promise<void>((resolve) => mail.listen(0, "127.0.0.1", () => resolve()));
  const { port } = mail.server.address() as { port: number };
  const app = await createTestApp({
    log: createLog({ level, write: (line) => void lines.push(line) }),
    env: {
      ASSISTANT: "auto",
      ALLOW_PRIVATE_URLS: "127.0.0.1",
      WHATSAPP_GRAPH_URL: graph.url,
      WHATSAPP_ACCESS_TOKEN: plant("env-access-token"),
      WHATSAPP_APP_SECRET: plant("env-app-secret"),
      WHATSAPP_APP_SECRET_PREVIOUS: plant("env-app-secret-previous"),
      WHATSAPP_VERIFY_TOKEN: plant("env-verify-token"),
      WHATSAPP_VERIFY_TOKEN_PREVIOUS: plant("env-verify-token-previous"),
      JWT_ACCESS_SECRET: plant("jwt-access-secret"),
      JWT_REFRESH_SECRET: plant("jwt-refresh-secret"),
      ENCRYPTION_KEY: plant("encryption-key"),
      ENCRYPTION_KEY_PREVIOUS: plant("encryption-key-previous"),
      OPENAI_API_KEY: plant("openai-key"),
      OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`,
      SMTP_URL: `smtp://mailer:${plant("smtp-password")}@127.0.0.1:${port}`,
      OIDC_ISSUER: `http://127.0.0.1:${port}`,
      OIDC_CLIENT_ID: "chasqui",
      OIDC_CLIENT_SECRET: plant("oidc-client-secret"),
      S3_BUCKET: "media",
      S3_ENDPOINT: `http://127.0.0.1:${port}`,
      S3_ACCESS_KEY_ID: "id",
      S3_SECRET_ACCESS_KEY: plant("s3-secret"),
    },
  });
  graph.aim(app.url);
  return {
    app,
    graph,
    lines,
    answers,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      await graph[Symbol.asyncDispose]();
      await new Promise<void>((resolve) => mail.close(() => resolve()));
    },
  };
}

/** Everything that has to do with secrets, done rightly and wrongly. */
async function live({ app, answers }: World): Promise<void> {
  const { api, url } = app;
  const keep = async <T extends { body: unknown }>(answer: Promise<T>): Promise<T> => {
    const given = await answer;
    answers.push(JSON.stringify(given.body));
    return given;
  };
  const raw = async (path: string, init: RequestInit) => {
    const answer = await fetch(url + path, { redirect: "manual", ...init });
    answers.push(`${[...answer.headers].join("\n")}\n${await answer.text()}`);
  };
  adopt("access-token", api.token);

  // People: passwords right and wrong, tokens, links, keys, authenticators.
  const guest = new ApiClient(url);
  const email = "ana@example.com";
  const wrong = plant("wrong-password");
  await keep(guest.post("/auth/sign-in", { email, password: wrong }));
  await keep(guest.post("/auth/sign-in", { email, password: wrong.repeat(10) }));
  await keep(guest.post("/auth/sign-in", { email: { $ne: wrong }, password: wrong, [plant("field-name-1")]: wrong }));
  await keep(guest.post("/auth/refresh", { refreshToken: plant("invented-refresh-token") }));
  await keep(guest.post("/auth/password/reset", { token: plant("invented-reset-token"), password: plant("reset-password") }));
  await keep(
    guest.post("/auth/invitation/accept", { token: plant("invented-invitation"), password: plant("accept-password"), name: "x" }),
  );
  guest.token = plant("invented-bearer");
  await keep(guest.get("/auth/me"));
  guest.token = `ck_${plant("invented-key")}`;
  await keep(guest.get("/auth/me"));
  await raw("/api/v2/auth/refresh", {
    method: "POST",
    headers: { cookie: `refresh=${plant("cookie")}; journey=${plant("journey-cookie")}` },
  });
  await raw("/api/v2/auth/single-sign-on/start", {});
  await raw(`/api/v2/auth/single-sign-on/callback?code=${plant("oidc-code")}&state=x`, {
    headers: { cookie: `journey=${plant("journey")}` },
  });

  const invited = await api.post<{ invitation: { link: string | null; sent: boolean } }>("/agents", {
    email,
    name: "Ana",
    role: "agent",
  });
  expect([invited.status, invited.body.data.invitation.sent]).toEqual([200, false]);
  const token = adopt("invitation-token", invited.body.data.invitation.link?.split("#")[1]?.replace(/^token=/, ""));
  const password = plant("password");
  await keep(guest.post("/auth/invitation/accept", { token, password: "short", name: "Ana" }));
  expect((await guest.post("/auth/invitation/accept", { token, password, name: "Ana" })).status).toBe(200);
  const session = await guest.post<{ accessToken: string; refreshToken: string }>("/auth/sign-in", {
    email,
    password,
    tokens: "body",
  });
  expect(session.status).toBe(200);
  const ana = new ApiClient(url);
  ana.token = adopt("second-access-token", session.body.data.accessToken);
  const refreshToken = adopt("refresh-token", session.body.data.refreshToken);
  for (let round = 0; round < 3; round++) await guest.post("/auth/refresh", { refreshToken });
  const again = await guest.post<{ accessToken: string }>("/auth/sign-in", { email, password });
  ana.token = adopt("third-access-token", again.body.data.accessToken);
  await keep(ana.put("/auth/password", { current: plant("wrong-current"), next: plant("next-password") }));
  const begun = await ana.post<{ secret: string; uri: string }>("/auth/second-factor", { password });
  const secret = adopt("totp-secret", begun.body.data.secret);
  await keep(ana.post("/auth/second-factor/confirm", { code: "000000" }));
  const code = new TOTP({ secret: Secret.fromBase32(secret), digits: 6, period: 30, algorithm: "SHA1" }).generate();
  const confirmed = await ana.post<{ recoveryCodes: string[] }>("/auth/second-factor/confirm", { code });
  adopt("recovery-code", JSON.stringify(confirmed.body.data).match(/[a-z2-7]{4}(-[a-z2-7]{4}){3}/)?.[0]);
  await guest.post("/auth/password/forgot", { email });
  const made = await api.post<{ secret: string }>("/api-keys", { name: "Another system", permissions: ["contacts.read"] });
  const key = new ApiClient(url);
  key.token = adopt("api-key", made.body.data.secret);
  await keep(key.get("/contacts"));
  await keep(key.get("/agents"));

  // Numbers: connected, changed, refused by Meta.
  const secrets = { accessToken: second.accessToken, appSecret: plant("app-secret"), verifyToken: plant("verify-token") };
  adopt("channel-access-token", second.accessToken);
  await keep(api.post("/channels", { ...connection(second), ...secrets, accessToken: plant("refused-token") }));
  const channel = await keep(api.post<{ id: string }>("/channels", { ...connection(second), ...secrets }));
  expect(channel.status).toBe(200);
  await keep(
    api.patch(`/channels/${channel.body.data.id}`, {
      appSecret: plant("next-app-secret"),
      verifyToken: plant("next-verify-token"),
    }),
  );
  await keep(api.patch(`/channels/${channel.body.data.id}`, { accessToken: plant("refused-next-token") }));
  await keep(api.patch(`/channels/${channel.body.data.id}`, { appSecret: `${plant("secret-with-blanks")} x` }));
  await keep(api.post(`/channels/${channel.body.data.id}/check`));
  await raw(`/api/v2/webhook?hub.mode=subscribe&hub.challenge=1&hub.verify_token=${plant("asked-verify-token")}`, {});

  // Another system that does not answer.
  const hook = { name: "Shop", url: `http://${new URL(url).host}/health`, events: ["label:updated"] };
  const endpoint = await api.post<{ endpoint: { id: string }; secret: string }>("/webhook-endpoints", hook);
  const hookPath = `/webhook-endpoints/${endpoint.body.data.endpoint.id}`;
  adopt("webhook-secret", endpoint.body.data.secret);
  adopt("next-webhook-secret", (await api.post<{ secret: string }>(`${hookPath}/secret`, {})).body.data.secret);
  await keep(api.post(`${hookPath}/test`));
  await keep(api.patch(hookPath, { url: `http://user:${plant("password-in-address")}@127.0.0.1/` }));
  await keep(api.get(`${hookPath}/deliveries`));

  // Customers: what is understood, what is not, what is not signed, and a reply that cannot be sent.
  const appSecret = planted.get("env-app-secret") ?? "";
  const said = (id: string, text: string) => webhookOf(NUMBER, [{ from: "51987111222", id, text }]);
  expect(await postWebhook(url, appSecret, said("wamid.canary.1", MESSAGE))).toBe(200);
  await postWebhook(url, appSecret, {
    object: "whatsapp_business_account",
    entry: [{ id: "1", changes: [{ field: "messages", value: { messages: [{ text: UNREADABLE }] } }] }],
  });
  await raw("/api/v2/webhook", {
    method: "POST",
    body: JSON.stringify(said("wamid.canary.2", UNSIGNED)),
    headers: { "x-hub-signature-256": `sha256=${"0".repeat(64)}` },
  });
  const talk = await until(async () =>
    (await api.data<{ id: string; channel: string }[]>("/conversations?tab=all")).find(
      ({ channel: number }) => number === NUMBER,
    ),
  );
  await keep(api.post(`/conversations/${talk.id}/messages`, { text: FAILING }));
  await until(async () =>
    (await api.get<{ content: string }[]>(`/conversations/${talk.id}/messages`)).body.data.some(
      ({ content }) => content === FAILING,
    ),
  );
  await raw("/api/v2/media", {
    method: "POST",
    body: "%PDF-1.7",
    headers: { authorization: `Bearer ${api.token}`, "content-type": "application/pdf" },
  });
  await raw(`/api/v2/media/${"0".repeat(24)}/file?ticket=${plant("ticket")}`, {});
  await keep(api.patch("/settings/security", { version: 0, values: { passwordMinimum: plant("wrong-setting") } }));
  await keep(
    api.post(
      "/labels",
      { name: "x", color: "y", [plant("field-name-2")]: plant("field-value") },
      { "idempotency-key": plant("idempotency-key") },
    ),
  );
}

let world: World;
beforeAll(async () => {
  world = await openWorld("debug");
  await live(world);
});
afterAll(() => world[Symbol.asyncDispose]());

test("the planted secrets are found where they are: the search itself works", () => {
  const secret = planted.get("smtp-password") ?? "";
  expect(leaksIn(`x ${secret} y`)).toEqual(["smtp-password"]);
  for (const shift of ["", "a", "ab"])
    expect(leaksIn(`Basic ${Buffer.from(`${shift}${secret}:tail`).toString("base64")}`)).toEqual(["smtp-password"]);
  expect(planted.size).toBeGreaterThan(50);
});

describe("logs", () => {
  test("of the level debug tell no secret, whatever failed", async () => {
    // Names and values a client has invented are not our secrets, but even those stay out.
    const found = world.lines.flatMap((line) => leaksIn(line, isSecret).map((name) => `${name}: ${line.slice(0, 600)}`));
    expect(found).toEqual([]);
    expect(world.lines.length).toBeGreaterThan(30);
    for (const part of ["a request was refused", "webhook refused"])
      expect(world.lines.some((line) => line.includes(part))).toBe(true);
  });

  test("of every other level tell neither secrets nor what customers write", async () => {
    for (const level of ["info", "warn", "error"] as const) {
      const before = new Map(planted);
      planted.clear();
      for (const [name, value] of before) if (!isSecret(name)) planted.set(name, value);
      await using other = await openWorld(level);
      await live(other);
      const found = other.lines.flatMap((line) => leaksIn(line).map((name) => `${level} ${name}: ${line.slice(0, 600)}`));
      planted.clear();
      for (const [name, value] of before) planted.set(name, value);
      expect(found).toEqual([]);
      if (level !== "error") expect(other.lines.length).toBeGreaterThan(0);
    }
  });
});

test("answers on the way, refusals above all, repeat no secret; an unknown field is named, its value is not", () => {
  const found = world.answers.flatMap((text) =>
    leaksIn(text, (name) => isSecret(name) && !name.startsWith("field-name")).map((name) => `${name}: ${text.slice(0, 600)}`),
  );
  expect(found).toEqual([]);
});

describe("what is read afterwards", () => {
  const read = async (path: string): Promise<string> => {
    const answer = await fetch(world.app.url + path, {
      headers: { authorization: `Bearer ${world.app.api.token}` },
      redirect: "manual",
    });
    return `${[...answer.headers].join("\n")}\n${await answer.text()}`;
  };
  /** Ids by the list they come from, for paths with an id. */
  async function idsOf(path: string): Promise<string[]> {
    const base = path.split("/{")[0] ?? path;
    const list = JSON.parse((await read(base)).split("\n").at(-1) ?? "{}") as { data?: { id?: string; name?: string }[] };
    return Array.isArray(list.data) ? list.data.flatMap(({ id }) => id ?? []) : [];
  }

  test("every GET of the API", async () => {
    const document = (await (await fetch(`${world.app.url}/api/v2/openapi.json`)).json()) as Parameters<typeof operationsOf>[0];
    const gets = operationsOf(document).filter(({ method, path }) => method === "GET" && !path.includes("single-sign-on"));
    const found: string[] = [];
    let filled = 0;
    for (const operation of gets)
      for (const path of await pathsTo(operation, idsOf)) {
        const text = await read(path);
        if (text.includes('"success":true')) filled++;
        found.push(...leaksIn(text, isSecret).map((name) => `${path} ${name}: ${text.slice(0, 400)}`));
      }
    expect(found).toEqual([]);
    expect(filled).toBeGreaterThan(30);
  });

  test.each([
    "/health",
    "/ready",
    "/metrics",
    "/api/v2/openapi.json",
    "/api/v2/audit?limit=100",
    "/api/v2/audit/export?format=csv",
    "/api/v2/audit/export?format=jsonl",
    "/docs",
    "/",
  ])("%s", async (path) => {
    expect(leaksIn(await read(path), isSecret)).toEqual([]);
  });

  test("the archive of a customer and the export of contacts", async () => {
    const [contact] = await world.app.api.data<{ id: string }[]>("/contacts?identity=51987111222");
    const archive = await read(`/api/v2/data-protection/contacts/${contact?.id}/export`);
    expect(archive).toContain(MESSAGE);
    expect(leaksIn(archive, isSecret)).toEqual([]);
  });

  test("the files on disk hold what is needed, locked or hashed", async () => {
    await world.app.stop();
    const found: string[] = [];
    for (const entry of readdirSync(world.app.dataDir, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      found.push(...leaksIn(readFileSync(path).toString("latin1"), isSecret).map((name) => `${entry.name}: ${name}`));
    }
    expect(found).toEqual([]);
  });
});

/** The path itself, or with the ids that its list shows. */
async function pathsTo({ path, parameters }: Operation, idsOf: (path: string) => Promise<string[]>): Promise<string[]> {
  const query = parameters
    .filter((one) => one.in === "query" && one.required)
    .map(({ name, schema }) => `${name}=${encodeURIComponent(String(exampleOf(schema)))}`)
    .join("&");
  const ids = path.includes("{") ? (await idsOf(path)).slice(0, 3) : [];
  const places = path.includes("{")
    ? [...ids, String(exampleOf(parameters.find((one) => one.in === "path")?.schema ?? {}))]
    : [""];
  return places.map((id) => path.replace(/\{\w+\}/g, encodeURIComponent(id)) + (query ? `?${query}` : ""));
}
