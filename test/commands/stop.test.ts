/** SIGTERM in the middle of work: exit code 0 within 30 s, nothing acknowledged is lost, nothing is answered twice. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { join } from "node:path";
import type { MessageView } from "../../src/events/view";
import { NUMBER, SECRET, startJourney } from "../flow/journey";
import { ApiClient, postWebhook, webhookOf } from "../helpers/api-client";
import { startGraphRecorder } from "../helpers/graph-recorder";
import { startServer } from "../helpers/server-process";
import { tempDir } from "../helpers/temp-dir";
import { until } from "../helpers/until";
import { signInLive } from "../http/live-client";

setDefaultTimeout(90_000);

test("a message is accepted and SIGTERM comes at once, in every stage: after the restart each is answered once", async () => {
  using dir = tempDir();
  await using graph = startGraphRecorder();
  const env = {
    WHATSAPP_PHONE_NUMBER_ID: NUMBER,
    WHATSAPP_ACCESS_TOKEN: "a token of the test",
    WHATSAPP_APP_SECRET: SECRET,
    WHATSAPP_VERIFY_TOKEN: "verify-me",
    WHATSAPP_GRAPH_URL: graph.url,
    SANDBOX: "on",
    BATCH_WAIT_MS: "200",
    BATCH_MAX_WAIT_MS: "1000",
  };
  graph.delayMs = 150;
  const customers = ["51987651001", "51987651002", "51987651003", "51987651004"];
  // Milliseconds after the 200: before ingest, inside the batch, while the assistant thinks, while the reply is sent.
  const moments = [0, 100, 400, 850];
  for (const [index, from] of customers.entries()) {
    const server = await startServer({ dataDir: dir.path, env });
    expect(
      await postWebhook(server.url, SECRET, webhookOf(NUMBER, [{ from, id: `wamid.stop.${index}`, text: `pregunta ${index}` }])),
    ).toBe(200);
    await Bun.sleep(moments[index] ?? 0);
    const asked = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - asked).toBeLessThan(30_000);
    expect(server.output()).toContain('"message":"stopped"');
    expect(existsSync(join(dir.path, "control.sock"))).toBe(false);
  }
  const last = await startServer({ dataDir: dir.path, env });
  await until(() => graph.sent.length >= customers.length, { within: 20_000, what: "every answer" });
  await Bun.sleep(1_500);
  for (const [index, from] of customers.entries()) {
    const answers = graph.sent.filter(({ to }) => to === `+${from}`);
    expect(answers).toHaveLength(1);
    expect(answers[0]?.text).toContain(`pregunta ${index}`);
  }
  const api = await new ApiClient(last.url).signIn(last.admin);
  expect(await api.data<unknown[]>("/contacts")).toHaveLength(customers.length);
  expect(await last.stop()).toBe(0);
});

test("webhooks in flight end with 200 or without an answer, and every 200 is kept; sockets hear 1001, the port is free", async () => {
  await using journey = await startJourney({ ASSISTANT: "off" });
  using client = await signInLive(journey.server.url, journey.api.token);
  const wamids = Array.from({ length: 40 }, (_, index) => `wamid.flight.${index}`);
  const answers = Promise.allSettled(wamids.map((id) => journey.receive([{ from: "51987651010", id, text: "hola" }])));
  await Bun.sleep(5);
  expect(await journey.server.stop()).toBe(0);
  expect((await client.waitClosed()).code).toBe(1001);
  const kept = (await answers).flatMap((answer, index) => {
    // Meta delivers again what found no connection; an answer that says something else than 200 would be a mistake.
    if (answer.status === "fulfilled") expect(answer.value).toBe(200);
    return answer.status === "fulfilled" ? [wamids[index]] : [];
  });
  const { port } = new URL(journey.server.url);
  const next = Bun.serve({ hostname: "127.0.0.1", port: Number(port), reusePort: false, fetch: () => new Response() });
  await next.stop(true);
  await journey.killAndRestart();
  const stored = await until(async () => {
    const [conversation] = await journey.api.data<{ id: string }[]>("/conversations");
    if (!conversation) return kept.length === 0 ? [] : null;
    const all = await journey.api.data<MessageView[]>(`/conversations/${conversation.id}/messages?limit=100`);
    return all.length >= kept.length ? all.map(({ wamid }) => wamid) : null;
  });
  expect(stored).toEqual(expect.arrayContaining(kept));
});

test("a reply that an agent has sent just before is not lost", async () => {
  await using journey = await startJourney({ ASSISTANT: "off" });
  await journey.receive([{ from: "51987651020", id: "wamid.agent.1", text: "hola" }]);
  const [conversation] = await until(async () => {
    const all = await journey.api.data<{ id: string }[]>("/conversations");
    return all.length > 0 ? all : null;
  });
  journey.graph.delayMs = 400;
  const sent = await journey.api.post<MessageView>(`/conversations/${conversation?.id}/messages`, { text: "Soy Lucía." });
  expect(sent.status).toBe(200);
  expect(await journey.server.stop()).toBe(0);
  await journey.killAndRestart();
  await until(() => journey.graph.sent.length > 0, { what: "the agent's reply" });
  await Bun.sleep(1_200);
  expect(journey.graph.sent.map(({ text }) => text)).toEqual(["Soy Lucía."]);
  expect((await journey.api.data<MessageView>(`/messages/${sent.body.data.id}`)).delivery?.state).toBe("sent");
});
