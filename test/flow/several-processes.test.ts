/** Several processes on one MongoDB: each lane and each turn belongs to one of them at a time, whoever took the webhook. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../src/events/view";
import { webhookOf } from "../helpers/api-client";
import { startGraphRecorder } from "../helpers/graph-recorder";
import { createTestApp, NUMBER } from "../helpers/test-app";
import { until } from "../helpers/until";
import { openSharedStore } from "./several-processes";

setDefaultTimeout(120_000);

test("two servers: everybody is answered once and in order, whichever of them took the webhook", async () => {
  await using store = await openSharedStore();
  await using graph = startGraphRecorder();
  graph.delayMs = 15;
  const env = { MONGODB_URI: store.uri, WHATSAPP_GRAPH_URL: graph.url };
  await using one = await createTestApp({ env });
  await using other = await createTestApp({ env });
  const customers = Array.from({ length: 25 }, (_, index) => `519876700${String(index).padStart(2, "0")}`);
  const said: string[] = [];
  for (let round = 0; round < 4; round++)
    await Promise.all(
      customers.map(async (from, index) => {
        const text = `k${index}r${round}z`;
        said.push(text);
        const body = webhookOf(NUMBER, [{ from, id: `wamid.shared.${index}.${round}`, text }]);
        const [first, second] = (index + round) % 2 === 0 ? [one, other] : [other, one];
        expect(await first.post(body)).toBe(200);
        // Meta delivers some things twice, and a balancer sends them anywhere.
        if (index % 3 === 0) expect(await second.post(body)).toBe(200);
      }),
    );
  const heard = () => graph.sent.flatMap(({ to, text }) => (text.match(/k\d+r\dz/g) ?? []).map((mark) => ({ to, mark })));
  await until(() => said.every((mark) => heard().some((one) => one.mark === mark)), { within: 60_000, what: "every answer" });
  await Bun.sleep(1_500);
  const all = heard();
  expect(all.map(({ mark }) => mark).toSorted()).toEqual(said.toSorted());
  for (const [index, from] of customers.entries()) {
    const mine = all.filter(({ to }) => to.includes(from)).map(({ mark }) => mark);
    expect(mine).toEqual([0, 1, 2, 3].map((round) => `k${index}r${round}z`));
  }
});

test("a person answers through one server while the other one's assistant thinks: only the person's words are sent", async () => {
  await using store = await openSharedStore();
  await using graph = startGraphRecorder();
  const env = { MONGODB_URI: store.uri, WHATSAPP_GRAPH_URL: graph.url };
  await using thinks = await createTestApp({ env, assistantLatencyMs: 1_500 });
  await using person = await createTestApp({ env, assistantLatencyMs: 1_500 });
  expect(await thinks.receive({ from: "51987670100", id: "wamid.shared.person", text: "¿tienen mantas?" })).toBe(200);
  const [conversation] = await until(
    async () => {
      const found = await person.api.data<ConversationView[]>("/conversations");
      return found.length > 0 ? found : null;
    },
    { what: "the conversation on the other server" },
  );
  const { status } = await person.api.post(`/conversations/${conversation?.id}/messages`, { text: "Soy Lucía." });
  expect(status).toBe(200);
  await until(() => graph.sent.length > 0, { what: "the person's reply" });
  // Longer than the assistant needs.
  await Bun.sleep(3_000);
  expect(graph.sent.map(({ text }) => text)).toEqual(["Soy Lucía."]);
});
