/** Downloads that break, lead astray or never end: the file comes later, or the message says why not; nothing leaves for elsewhere. */
import { afterEach, beforeEach, expect, setDefaultTimeout, test } from "bun:test";
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { createApp } from "../../../src/app";
import { readConfig } from "../../../src/config/env";
import { derivedId } from "../../../src/core/id";
import { silentLog } from "../../../src/core/log";
import type { ConversationView, MessageView } from "../../../src/events/view";
import { ApiClient, postWebhook } from "../../helpers/api-client";
import { ADMIN } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { APP_SECRET, NUMBER, VERIFY_TOKEN } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { pngOf } from "../channels/sandbox-app";

setDefaultTimeout(60_000);

const TOKEN = "a token nobody else may see";
const MEDIA_ID = "900800700600";

interface Upstream {
  /** Answers the question for the file's address. */
  resolve: () => Response | Promise<Response>;
  /** Answers the download. */
  file: (request: Request) => Response | Promise<Response>;
  asked: string[];
}

let upstream: Upstream;
let outsider: ReturnType<typeof Bun.serve>;
let graph: ReturnType<typeof Bun.serve>;
let dir: ReturnType<typeof tempDir>;
/** What reached a server that is none of WhatsApp's. */
let leaked: string[];

const address = (url: string) =>
  Response.json({ messaging_product: "whatsapp", url, mime_type: "image/png", sha256: "x", file_size: "10", id: MEDIA_ID });

beforeEach(() => {
  dir = tempDir();
  leaked = [];
  outsider = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      leaked.push(request.headers.get("authorization") ?? "no token");
      return new Response("outside");
    },
  });
  graph = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    fetch: (request) => {
      const { pathname } = new URL(request.url);
      upstream.asked.push(pathname);
      if (pathname === "/file") return upstream.file(request);
      if (pathname.endsWith(MEDIA_ID)) return upstream.resolve();
      return Response.json({ error: { message: "Unsupported get request.", code: 100 } }, { status: 400 });
    },
  });
  upstream = {
    resolve: () => address(`http://127.0.0.1:${graph.port}/file`),
    file: async () => new Response(await pngOf(8)),
    asked: [],
  };
});

afterEach(async () => {
  await outsider.stop(true);
  await graph.stop(true);
  dir[Symbol.dispose]();
});

async function start() {
  const config = readConfig({
    PORT: "0",
    DATA_DIR: join(dir.path, "data"),
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: TOKEN,
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_GRAPH_URL: `http://127.0.0.1:${graph.port}`,
    SANDBOX: "off",
    HOST: "127.0.0.1",
    ASSISTANT: "off",
  });
  const app = await createApp(config, { log: silentLog });
  const { url } = await app.start();
  const api = await new ApiClient(url).signIn(ADMIN);
  return {
    url,
    api,
    stop: () => app.stop(),
    receive: () => postWebhook(url, APP_SECRET, imageWebhook()),
    message: async (): Promise<MessageView | undefined> => {
      const [conversation] = await api.data<ConversationView[]>("/conversations");
      return conversation ? (await api.data<MessageView[]>(`/conversations/${conversation.id}/messages`))[0] : undefined;
    },
    [Symbol.asyncDispose]: () => app.stop(),
  };
}

const imageWebhook = () => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "330011223344556",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "5115550177", phone_number_id: NUMBER },
            contacts: [{ profile: { name: "Rosa" }, wa_id: "51987000222" }],
            messages: [
              {
                from: "51987000222",
                id: "wamid.image.1",
                timestamp: String(Math.floor(Date.now() / 1000)),
                type: "image",
                image: { id: MEDIA_ID, mime_type: "image/png", sha256: "eA==", caption: "mira" },
              },
            ],
          },
        },
      ],
    },
  ],
});

type Running = Awaited<ReturnType<typeof start>>;
const settled = (app: Running) =>
  until(async () => {
    const [file] = (await app.message())?.attachments ?? [];
    return file && (file.url || file.error) ? file : null;
  });

test("an address that leads to another machine is not followed, and the token stays at home", async () => {
  upstream.resolve = () => address(`http://127.0.0.1:${outsider.port}/steal`);
  await using app = await start();
  await app.receive();
  expect(await settled(app)).toMatchObject({ url: null, error: "The file's address is not one of WhatsApp's." });
  expect(leaked).toEqual([]);
});

test("a redirect to a private address is not followed", async () => {
  upstream.file = () => new Response(null, { status: 302, headers: { location: `http://127.0.0.1:${outsider.port}/inside` } });
  await using app = await start();
  await app.receive();
  expect(await settled(app)).toMatchObject({ url: null, error: "The file's address leads elsewhere." });
  expect(leaked).toEqual([]);
});

test("a file that is larger than it may be is given up before it fills the disk", async () => {
  upstream.resolve = () =>
    Response.json({ url: `http://127.0.0.1:${graph.port}/file`, mime_type: "video/mp4", file_size: "200000000", id: MEDIA_ID });
  await using app = await start();
  await app.receive();
  expect(await settled(app)).toMatchObject({ url: null, error: "The file is larger than the 100 MB that are accepted." });
  expect(upstream.asked).not.toContain("/file");
});

test("a crash in the middle of a download: after the start the file comes, and once", async () => {
  const never = Promise.withResolvers<Response>();
  upstream.file = () => never.promise;
  {
    await using app = await start();
    await app.receive();
    await until(() => upstream.asked.includes("/file"));
    expect((await app.message())?.attachments[0]?.url).toBeNull();
  }
  never.resolve(new Response(null, { status: 500 }));
  upstream.file = async () => new Response(await pngOf(8));
  await using app = await start();
  const file = await settled(app);
  expect(file.mimeType).toBe("image/png");
  expect(file.url).toMatch(/^\/api\/v2\/media\/[0-9a-f]{24}$/);
  const answer = await fetch(app.url + file.url, { headers: { authorization: `Bearer ${app.api.token}` } });
  expect(Buffer.from(await answer.bytes()).equals(Buffer.from(await pngOf(8)))).toBe(true);
});

test("an id that is gone fails with WhatsApp's reason; asked for again, and there, it comes", async () => {
  const gone = () =>
    Response.json({ error: { message: "Unsupported get request.", code: 100, error_subcode: 33 } }, { status: 400 });
  upstream.resolve = gone;
  await using app = await start();
  await app.receive();
  const file = await settled(app);
  expect(file.error).toContain("Unsupported get request");
  const id = file.media ?? "";
  expect((await app.api.data<{ state: string }>(`/media/${id}/info`)).state).toBe("failed");
  upstream.resolve = () => address(`http://127.0.0.1:${graph.port}/file`);
  expect((await app.api.post(`/media/${id}/retry`)).status).toBe(200);
  const there = await until(async () => (await app.message())?.attachments[0]?.url);
  expect(there).toBe(`/api/v2/media/${id}`);
  expect((await app.message())?.attachments[0]?.error).toBeUndefined();
});

test("a token that has expired is no reason to give a file up", async () => {
  upstream.resolve = () =>
    Response.json({ error: { message: "Session has expired", type: "OAuthException", code: 190 } }, { status: 401 });
  await using app = await start();
  await app.receive();
  const id = await until(async () => {
    const message = await app.message();
    return message && derivedId(message.id, `media:${MEDIA_ID}`);
  });
  await until(async () => (await app.api.data<{ error: string | null }>(`/media/${id}/info`)).error);
  expect((await app.api.data<{ state: string }>(`/media/${id}/info`)).state).toBe("pending");
  expect((await app.message())?.attachments[0]?.error).toBeUndefined();
});

test("a file that arrives after its sender was erased is not kept", async () => {
  const held = Promise.withResolvers<Response>();
  upstream.file = () => held.promise;
  await using app = await start();
  await app.receive();
  await until(() => upstream.asked.includes("/file"));
  const [conversation] = await app.api.data<ConversationView[]>("/conversations");
  const begun = await app.api.post<{ id: string }>(`/data-protection/contacts/${conversation?.contact.id}/erase`);
  const done = () => app.api.data<{ state: string }>(`/data-protection/erasures/${begun.body.data.id}`);
  await until(async () => (await done()).state === "done");
  held.resolve(new Response(await pngOf(900)));
  const kept = () =>
    readdirSync(join(dir.path, "data/media"), { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  // It comes, with its preview, and goes again.
  await until(() => kept().length > 0);
  await until(() => kept().length === 0);
});
