/** The process dies while it gives conversations out: none is given twice, none is forgotten, nobody gets more than they take. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView, MessageView } from "../../../src/events/view";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { startGraphRecorder } from "../../helpers/graph-recorder";
import { hire } from "../../helpers/people";
import { ADMIN, type ServerProcess, startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { APP_SECRET, NUMBER, VERIFY_TOKEN } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { randomOf } from "../../http/live-swarm";
import { activityOf } from "../inbox/inbox-world";

setDefaultTimeout(180_000);

const CAPACITY = 4;
const CUSTOMERS = 24;
const ROUNDS = 3;

test("kill -9 again and again while the queue is given out", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const env = {
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: APP_SECRET,
    WHATSAPP_VERIFY_TOKEN: VERIFY_TOKEN,
    WHATSAPP_GRAPH_URL: graph.url,
    SANDBOX: "on",
    ASSISTANT: "off",
  };
  const random = randomOf(3);
  const start = () => startServer({ env, dataDir: dir.path });
  let server: ServerProcess = await start();
  try {
    let api = await new ApiClient(server.url).signIn(ADMIN);
    for (const name of ["ana", "beto", "cleo"])
      await hire({ api, url: server.url }, { email: `${name}@test.local`, role: "agent" });
    const messages = Array.from({ length: CUSTOMERS }, (_, index) => ({
      from: `5198780${String(index).padStart(4, "0")}`,
      id: `wamid.crash.${index}`,
      text: "hola",
    }));
    expect(await postWebhook(server.url, APP_SECRET, webhookOf(NUMBER, messages))).toBe(200);
    const list = () => api.data<ConversationView[]>("/conversations?limit=100");
    await until(async () => (await list()).length === CUSTOMERS, { what: "every conversation" });
    const values = { strategy: "least-busy", capacity: CAPACITY, needsPresence: false };
    await api.patch("/settings/assignment", { version: 0, values });

    let resolved = 0;
    for (let round = 0; round < ROUNDS; round++) {
      // In the middle of giving out, at another moment each time.
      await Bun.sleep(220 + random() * 120);
      await server.kill();
      server = await start();
      api = await new ApiClient(server.url).signIn(ADMIN);
      await until(async () => (await list()).filter(({ status }) => status === "assigned").length > 0, { what: "some work" });
      const done = (await list()).filter(({ status }) => status === "assigned").slice(0, 3);
      resolved += done.length;
      await Promise.all(done.map(({ id }) => api.patch(`/conversations/${id}`, { status: "resolved" })));
    }
    const wanted = Math.min(CUSTOMERS, 3 * CAPACITY + resolved);
    await until(async () => (await list()).filter(({ assignedAgent }) => assignedAgent !== null).length === wanted, {
      within: 30_000,
      what: `${wanted} conversations with somebody`,
    });
    await Bun.sleep(500);
    const loads = (await api.data<{ name: string; load: number }[]>("/assignment/load")).filter(({ name }) => name !== "Admin");
    expect(Math.max(...loads.map(({ load }) => load))).toBeLessThanOrEqual(CAPACITY);
    for (const { id, assignedAgent } of await list()) {
      const thread = await api.data<MessageView[]>(`/conversations/${id}/messages?limit=100`);
      const given = activityOf(thread).filter((line) => line.includes("assigned it to"));
      expect([id, given.length]).toEqual([id, assignedAgent === null ? 0 : 1]);
    }
  } finally {
    await server.stop();
  }
});
