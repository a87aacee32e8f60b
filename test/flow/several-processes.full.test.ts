/** One of two servers is killed at work: the other takes over its lanes and turns once their leases have run out. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../src/events/view";
import { ApiClient, postWebhook, webhookOf } from "../helpers/api-client";
import { startGraphRecorder } from "../helpers/graph-recorder";
import { ADMIN, startServer } from "../helpers/server-process";
import { until } from "../helpers/until";
import { NUMBER, SECRET } from "./journey";
import { openSharedStore } from "./several-processes";

setDefaultTimeout(240_000);

/** The lease of a turn is a minute, that of a lane half of it. */
const TAKEOVER_MS = 150_000;

test("kill -9 of one: nobody is lost, nobody is answered twice, and what it was sending is settled or left to a person", async () => {
  await using store = await openSharedStore();
  // Each server has its own line to WhatsApp, so that it is known who sends.
  await using graphOfDead = startGraphRecorder();
  await using graph = startGraphRecorder();
  graphOfDead.delayMs = 400;
  const env = {
    MONGODB_URI: store.uri,
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: SECRET,
    WHATSAPP_VERIFY_TOKEN: "verify-me",
    SANDBOX: "on",
    BATCH_WAIT_MS: "200",
    BATCH_MAX_WAIT_MS: "600",
    SETTLE_MS: "2000",
  };
  await using dies = await startServer({ env: { ...env, WHATSAPP_GRAPH_URL: graphOfDead.url } });
  await using lives = await startServer({ env: { ...env, WHATSAPP_GRAPH_URL: graph.url } });
  const customers = Array.from({ length: 40 }, (_, index) => `519876710${String(index).padStart(2, "0")}`);
  const say = (round: number) =>
    Promise.all(
      customers.map(async (from, index) => {
        const body = webhookOf(NUMBER, [{ from, id: `wamid.dies.${index}.${round}`, text: `k${index}r${round}z` }]);
        const taken = await postWebhook((index % 2 === 0 ? dies : lives).url, SECRET, body).catch(() => 0);
        // Meta delivers again what was not taken, to whoever is there.
        if (taken !== 200) expect(await postWebhook(lives.url, SECRET, body)).toBe(200);
      }),
    );
  await say(0);
  await until(() => graphOfDead.tried.length >= 5, { what: "calls in flight" });
  await dies.kill();
  await say(1);

  const api = await new ApiClient(lives.url).signIn(ADMIN);
  const unresolved = () => api.data<MessageView[]>("/deliveries?state=unknown&limit=100");
  await until(async () => (await api.data<{ waiting: number }>("/deliveries/counts")).waiting === 0, { within: TAKEOVER_MS });
  const marksOf = (text: string) => text.match(/k\d+r\dz/g) ?? [];
  const sent = () => [...graphOfDead.sent, ...graph.sent];
  const settledMarks = async () =>
    new Set([...sent().flatMap(({ text }) => marksOf(text)), ...(await unresolved()).flatMap(({ content }) => marksOf(content))]);
  const all = customers.flatMap((_, index) => [`k${index}r0z`, `k${index}r1z`]);
  await until(
    async () => {
      const settled = await settledMarks();
      return all.every((mark) => settled.has(mark));
    },
    { within: TAKEOVER_MS, every: 500, what: "everybody's answer" },
  );
  const heard = sent().flatMap(({ to, text }) => marksOf(text).map((mark) => ({ to, mark })));
  expect(heard.length).toBe(new Set(heard.map(({ mark }) => mark)).size);
  for (const [index, from] of customers.entries()) {
    const mine = heard.filter(({ to }) => to.includes(from)).map(({ mark }) => mark);
    expect(mine).toEqual([`k${index}r0z`, `k${index}r1z`].filter((mark) => mine.includes(mark)));
  }
  expect(graphOfDead.sent.length).toBeGreaterThan(0);
  expect((await unresolved()).length).toBeLessThanOrEqual(graphOfDead.tried.length);
  console.log(`${heard.length} of ${all.length} messages answered, ${(await unresolved()).length} sends left to a person`);
});
