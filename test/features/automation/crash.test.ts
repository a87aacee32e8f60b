/** The server dies between two actions of a rule: after the next start the first is not repeated, and the rest is done. */
import { expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import type { ConversationView, MessageView } from "../../../src/events/view";
import type { RunView } from "../../../src/features/automation-actions/automation-run.service";
import { ApiClient, postWebhook, webhookOf } from "../../helpers/api-client";
import { startGraphRecorder } from "../../helpers/graph-recorder";
import { type ServerProcess, startServer } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { APP_SECRET, NUMBER } from "../../helpers/test-app";
import { until } from "../../helpers/until";

setDefaultTimeout(120_000);

test("killed while another server is asked: what was done stays done, what was not is done, and each message is sent once", async () => {
  using dir = tempDir();
  await using graph = await startGraphRecorder();
  const asked: string[] = [];
  let server: ServerProcess | null = null;
  const hook = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    idleTimeout: 0,
    async fetch(request) {
      asked.push(request.headers.get("x-chasqui-delivery") ?? "");
      // The first time the asking process dies before it gets an answer.
      if (asked.length === 1) await server?.kill();
      return new Response("ok");
    },
  });
  const options = {
    dataDir: join(dir.path, "data"),
    env: {
      WHATSAPP_PHONE_NUMBER_ID: NUMBER,
      WHATSAPP_ACCESS_TOKEN: "a token of the test",
      WHATSAPP_APP_SECRET: APP_SECRET,
      WHATSAPP_VERIFY_TOKEN: "verify-me",
      WHATSAPP_GRAPH_URL: graph.url,
      SANDBOX: "on",
      ASSISTANT: "off",
      ALLOW_PRIVATE_URLS: `127.0.0.1:${hook.port}`,
    },
  };
  server = await startServer(options);
  let api = await new ApiClient(server.url).signIn(server.admin);
  await api.post("/labels", { name: "vip" });
  await api.post("/automation-rules", {
    name: "Crash",
    trigger: { event: "message:received" },
    actions: [
      { do: "reply", text: "una sola vez" },
      { do: "note", text: "nota" },
      { do: "priority", priority: "high" },
      { do: "webhook", url: `http://127.0.0.1:${hook.port}/` },
      { do: "label", add: ["vip"] },
    ],
  });
  const body = webhookOf(NUMBER, [{ from: "51987699001", id: "wamid.crash.1", text: "hola" }]);
  expect(await postWebhook(server.url, APP_SECRET, body)).toBe(200);
  await until(() => asked.length === 1, { within: 30_000, what: "the first call" });
  await until(() => server?.pid !== undefined && graph.sent.length <= 1);

  await using again = await startServer(options);
  api = await new ApiClient(again.url).signIn(again.admin);
  const [run] = await until(
    async () => {
      const runs = await api.data<RunView[]>("/automation-runs");
      return runs[0]?.finishedAt ? runs : null;
    },
    { within: 30_000, what: "the finished run" },
  );
  expect(run?.outcomes.map((one) => [one.do, one.state])).toEqual([
    ["reply", "done"],
    ["note", "done"],
    ["priority", "done"],
    ["webhook", "done"],
    ["label", "done"],
  ]);
  // Asked twice, under one id.
  expect(asked).toHaveLength(2);
  expect(new Set(asked).size).toBe(1);
  const [conversation] = await api.data<ConversationView[]>("/conversations");
  expect(conversation).toMatchObject({ labels: ["vip"], priority: "high" });
  const thread = await api.data<MessageView[]>(`/conversations/${conversation?.id}/messages?limit=100`);
  expect(thread.filter(({ type }) => type === "note")).toHaveLength(1);
  expect(thread.filter(({ content }) => content === "una sola vez")).toHaveLength(1);
  // The same event delivered again is no new event.
  expect(await postWebhook(again.url, APP_SECRET, body)).toBe(200);
  await until(() => graph.sent.some(({ text }) => text === "una sola vez"), { within: 70_000 });
  await Bun.sleep(500);
  expect(graph.sent.filter(({ text }) => text === "una sola vez")).toHaveLength(1);
  expect(await api.data<RunView[]>("/automation-runs")).toHaveLength(1);
  await hook.stop(true);
});
