/** Lines and processes that die without a word: whoever was behind them is not here any more, a minute later. Real time. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../src/events/view";
import { openSharedStore } from "../flow/several-processes";
import { ApiClient, postWebhook, webhookOf } from "../helpers/api-client";
import { hire } from "../helpers/people";
import { startRedis } from "../helpers/redis-server";
import { ADMIN, startServer } from "../helpers/server-process";
import { APP_SECRET, createTestApp, NUMBER, VERIFY_TOKEN } from "../helpers/test-app";
import { until } from "../helpers/until";
import { silentSocket } from "./silent-socket";
import { typedLive } from "./typed-live-client";

setDefaultTimeout(240_000);

test("a machine that has gone to sleep answers no ping: its line is closed after a minute, and its person is offline", async () => {
  await using app = await createTestApp({ env: { ASSISTANT: "off" } });
  const ana = await hire(app, { email: "ana@test.local", role: "agent" });
  using witness = await typedLive(app.url, app.api.token);
  using asleep = await silentSocket(app.url, ana.api.token);
  await witness.waitTold("presence:changed", ({ presence }) => presence.agent === ana.id && presence.state === "online");
  const since = performance.now();
  await until(
    async () => {
      await witness.settle();
      return witness.told("presence:changed").some(({ presence }) => presence.agent === ana.id && presence.state === "offline");
    },
    { within: 120_000, every: 1_000, what: "offline" },
  );
  console.log(`offline after ${Math.round((performance.now() - since) / 1_000)} s`);
  expect(asleep.isClosed()).toBe(true);
  expect(witness.closed()).toBeNull();
});

const isInstalled = Bun.which("redis-server") !== null;
if (!isInstalled) console.log("Redis is not installed: a process that dies is not tested.");

test.skipIf(!isInstalled)("kill -9 of one of two processes: nobody is here, looks or types through it any more", async () => {
  await using redis = await startRedis();
  await using store = await openSharedStore();
  const env = {
    MONGODB_URI: store.uri,
    REDIS_URL: redis?.url ?? "",
    JWT_ACCESS_SECRET: "a".repeat(32),
    JWT_REFRESH_SECRET: "b".repeat(32),
    ENCRYPTION_KEY: "c".repeat(32),
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    SANDBOX: "on",
    ASSISTANT: "off",
  };
  await using dies = await startServer({ env });
  await using lives = await startServer({ env });
  const api = await new ApiClient(lives.url).signIn(ADMIN);
  const ana = await hire({ api, url: lives.url }, { email: "ana@test.local", role: "agent" });
  const body = webhookOf(NUMBER, [{ from: "51987740000", id: "wamid.dies.1", text: "hola" }]);
  expect(await postWebhook(lives.url, APP_SECRET, body)).toBe(200);
  const { id } = await until(async () => (await api.data<ConversationView[]>("/conversations"))[0], { what: "the conversation" });
  using witness = await typedLive(lives.url, api.token);
  witness.send({ type: "subscribe", topics: [`conversation:${id}`] });
  using client = await typedLive(dies.url, ana.api.token);
  client.send({ type: "viewing", conversationId: id });
  await witness.waitTold("viewing:changed", ({ viewers }) => viewers.some(({ agent }) => agent === ana.id));
  await witness.waitTold("presence:changed", ({ presence }) => presence.agent === ana.id && presence.state === "online");
  await dies.kill();
  const since = performance.now();
  await until(
    async () => {
      await witness.settle();
      const isOffline = witness
        .told("presence:changed")
        .some(({ presence }) => presence.agent === ana.id && presence.state === "offline");
      return isOffline && witness.told("viewing:changed").at(-1)?.viewers.length === 0;
    },
    { within: 120_000, every: 1_000, what: "nobody" },
  );
  console.log(`gone after ${Math.round((performance.now() - since) / 1_000)} s`);
});
