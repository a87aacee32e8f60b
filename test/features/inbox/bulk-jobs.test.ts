/** Actions on many conversations at once: everything that matches, once each, with progress, across a restart. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView, JobView } from "../../../src/events/view";
import { ApiClient } from "../../helpers/api-client";
import { until } from "../../helpers/until";
import { activityOf, type Customer, type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(60_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
  await world.admin.post("/labels", { name: "promo" });
});
afterAll(() => world[Symbol.asyncDispose]());

const bulk = (client: ApiClient, body: unknown) => client.post<JobView>("/conversations/bulk", body);
const ended = (client: ApiClient, id: string) =>
  until(
    async () => {
      const job = await client.data<JobView>(`/jobs/${id}`);
      return job.finishedAt && job;
    },
    { what: "the end of the job" },
  );

async function crowd(size: number, from = world): Promise<Customer[]> {
  const customers = Array.from({ length: size }, () => from.customer());
  await from.app.receive(...customers.map(({ from }) => ({ from, id: `wamid.bulk.${from}`, text: "hola" })));
  for (const one of customers) await one.conversation();
  return customers;
}

test("everything that matches, beyond one page: told live, one line of activity each", async () => {
  using live = await world.live();
  const customers = await crowd(130);
  const outside = await crowd(1);
  await world.admin.post(`/conversations/${(await outside[0]!.conversation()).id}/take`);
  const asked = await bulk(world.lucia, {
    filter: { tab: "unassigned" },
    actions: [
      { do: "label", add: ["promo"] },
      { do: "status", status: "resolved" },
    ],
  });
  expect(asked.status).toBe(200);
  const job = await ended(world.lucia, asked.body.data.id);
  expect(job).toMatchObject({ state: "done", total: 130, done: 130, failed: 0, by: world.lucia.id });
  for (const one of customers.slice(0, 5)) {
    expect(await one.conversation()).toMatchObject({ status: "resolved", labels: ["promo"] });
    expect(activityOf(await one.thread())).toEqual(["Lucia added promo", "Lucia resolved it"]);
  }
  expect(await outside[0]!.conversation()).toMatchObject({ status: "assigned", labels: [] });
  const all = await world.admin.data<ConversationView[]>("/conversations?label=promo&limit=100");
  expect(all).toHaveLength(100);
  await live.waitFor(
    "a resolved one",
    ({ event, data }) =>
      event === "conversation:updated" && (data?.conversation as ConversationView | undefined)?.status === "resolved",
  );
});

test("named ones: what cannot be done is counted with its reason, the rest is done", async () => {
  const [rosa, luis] = await crowd(2);
  const [first, second] = [await rosa!.conversation(), await luis!.conversation()];
  await world.admin.patch(`/conversations/${second.id}`, { status: "closed" });
  const gone = "0".repeat(24);
  const asked = await bulk(world.lucia, { ids: [first.id, second.id, gone, first.id], actions: [{ do: "take" }] });
  expect(await ended(world.lucia, asked.body.data.id)).toMatchObject({
    total: 3,
    done: 1,
    failed: 2,
    failures: [
      { conversation: second.id, code: "conversation.closed" },
      { conversation: gone, code: "conversation.not-found" },
    ],
  });
  expect((await rosa!.conversation()).assignedAgent).toBe(world.lucia.id);
});

test("stopped in the middle and started again: each conversation is changed exactly once", async () => {
  await using own = await openInboxWorld();
  const customers = await crowd(90, own);
  const asked = await bulk(own.admin, { filter: {}, actions: [{ do: "priority", priority: "urgent" }] });
  await until(async () => (await own.admin.data<JobView>(`/jobs/${asked.body.data.id}`)).done > 0, { every: 1 });
  await own.app.stop();
  await using again = await openInboxWorld({ dataDir: own.dataDir });
  const job = await ended(again.admin, asked.body.data.id);
  expect(job).toMatchObject({ state: "done", total: 90, done: 90, failed: 0 });
  const all = await again.admin.data<ConversationView[]>("/conversations?priority=urgent&limit=100");
  expect(all).toHaveLength(90);
  for (const { id, version } of all) {
    expect(version).toBe(1);
    const thread = await again.admin.data<never[]>(`/conversations/${id}/messages`);
    expect(activityOf(thread)).toEqual(["Admin set the priority to urgent"]);
  }
  expect(customers).toHaveLength(90);
});

test("cancelled: what has been done stays done, and nothing more happens", async () => {
  await crowd(60);
  const asked = await bulk(world.admin, { filter: { tab: "unassigned" }, actions: [{ do: "priority", priority: "low" }] });
  const cancelled = await world.admin.post<JobView>(`/jobs/${asked.body.data.id}/cancel`);
  expect(cancelled.body.data.state).toBe("cancelled");
  const low = async () => (await world.admin.data<ConversationView[]>("/conversations?priority=low&limit=100")).length;
  const then = await low();
  await bulk(world.admin, {
    ids: [(await world.admin.data<ConversationView[]>("/conversations"))[0]!.id],
    actions: [{ do: "unread" }],
  }).then(({ body }) => ended(world.admin, body.data.id));
  expect(await low()).toBe(then);
  const twice = await world.admin.post(`/jobs/${asked.body.data.id}/cancel`);
  expect([twice.status, twice.body.code]).toEqual([409, "job.over"]);
});

test("what an agent may not do to one they may not do to many; jobs of others are theirs alone", async () => {
  const refused = await bulk(world.lucia, { filter: {}, actions: [{ do: "status", status: "closed" }] });
  expect([refused.status, refused.body.code]).toEqual([403, "auth.forbidden"]);
  const wrong = await bulk(world.lucia, { filter: { since: "yesterday" }, actions: [{ do: "unread" }] });
  expect([wrong.status, wrong.body.code]).toEqual([422, "request.invalid"]);
});

test("a job ends with the rights of whoever asked for it: shut out, demoted, or its key revoked", async () => {
  await using own = await openInboxWorld();
  await crowd(300, own);
  const start = async (client: ApiClient, priority: string) => {
    const asked = await bulk(client, { filter: {}, actions: [{ do: "priority", priority }] });
    expect(asked.status).toBe(200);
    return asked.body.data.id;
  };
  const made = await own.admin.post<{ secret: string; key: { id: string } }>("/api-keys", {
    name: "Another system",
    permissions: ["conversations.read", "conversations.write"],
  });
  const key = new ApiClient(own.app.url);
  key.token = made.body.data.secret;
  await own.admin.post("/roles", { name: "reader", title: "Reader", permissions: ["conversations.read"], reach: "all" });
  for (const [client, priority, lose] of [
    [own.lucia, "urgent", () => own.admin.post(`/agents/${own.lucia.id}/deactivate`)],
    [own.pedro, "high", () => own.admin.patch(`/agents/${own.pedro.id}`, { role: "reader" })],
    [key, "low", () => own.admin.delete(`/api-keys/${made.body.data.key.id}`)],
  ] as const) {
    const id = await start(client, priority);
    expect((await lose()).status).toBe(200);
    const job = (await ended(own.admin, id)) as JobView;
    expect([priority, job.state]).toEqual([priority, "cancelled"]);
    expect(job.done).toBeLessThan(300);
  }
});

test("a label that is removed disappears from whatever carries it", async () => {
  const label = await world.admin.post<{ id: string }>("/labels", { name: "efímera" });
  const rosa = world.customer();
  const { id } = await rosa.opens();
  await world.admin.patch(`/conversations/${id}`, { labels: ["efímera"] });
  await world.admin.delete(`/labels/${label.body.data.id}`);
  await until(async () => (await rosa.conversation()).labels.length === 0);
  expect(activityOf(await rosa.thread()).at(-1)).toBe("Chasqui removed efímera");
});
