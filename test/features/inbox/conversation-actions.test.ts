/** What agents do with conversations: each deed is checked on the live socket, in the thread or on the customer's phone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../../src/events/view";
import type { ApiClient } from "../../helpers/api-client";
import { until } from "../../helpers/until";
import { activityOf, type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
  await world.admin.post("/labels", { name: "VIP", color: "#b45309" });
  await world.admin.post("/labels", { name: "factura" });
});
afterAll(() => world[Symbol.asyncDispose]());

const act = (client: ApiClient, id: string, actions: unknown[], version?: number) =>
  client.post<ConversationView>(`/conversations/${id}/actions`, { actions, ...(version === undefined ? {} : { version }) });
const get = (id: string) => world.admin.data<ConversationView>(`/conversations/${id}`);

describe("assignment", () => {
  test("take, pass on, put back: told live, written into the thread, and nothing of it reaches the customer", async () => {
    using live = await world.live();
    const rosa = world.customer();
    const { id } = await rosa.opens();
    const { lucia, pedro } = world;
    expect((await lucia.post<ConversationView>(`/conversations/${id}/take`)).body.data).toMatchObject({
      status: "assigned",
      assignedAgent: lucia.id,
    });
    await lucia.post(`/conversations/${id}/assign`, { agent: pedro.id });
    await live.waitFor("the assignment", ({ event, data }) => event === "assignment:new" && data?.agent === pedro.id);
    expect((await pedro.post<ConversationView>(`/conversations/${id}/assign`, { agent: null })).body.data).toMatchObject({
      status: "open",
      assignedAgent: null,
    });
    const lines = activityOf(await rosa.thread());
    expect(lines).toEqual(["Lucia took it", "Lucia assigned it to Pedro", "Pedro put it back into the queue"]);
    await live.settle();
    expect(rosa.heard()).toEqual([]);
  });

  test("to somebody who does not exist: 404, and nothing changes", async () => {
    const before = await world.customer().opens();
    const refused = await world.lucia.post(`/conversations/${before.id}/assign`, { agent: "0".repeat(24) });
    expect([refused.status, refused.body.code]).toEqual([404, "agent.not-found"]);
    expect(await get(before.id)).toEqual(before);
  });
});

describe("status, priority and labels", () => {
  test("several at once, each with its line; doing it again changes nothing", async () => {
    const rosa = world.customer();
    const { id, version } = await rosa.opens();
    const actions = [
      { do: "priority", priority: "urgent" },
      { do: "label", add: ["vip", "factura"] },
      { do: "status", status: "resolved" },
    ];
    const done = await act(world.lucia, id, actions);
    expect(done.body.data).toMatchObject({
      priority: "urgent",
      labels: ["vip", "factura"],
      status: "resolved",
      unreadCount: 0,
      version: version + 1,
      waitingSince: null,
      isUnattended: false,
    });
    expect((await act(world.lucia, id, actions)).body.data.version).toBe(version + 1);
    const lines = activityOf(await rosa.thread());
    expect(lines).toEqual(["Lucia set the priority to urgent", "Lucia added vip, factura", "Lucia resolved it"]);
    const [line] = (await rosa.thread()).filter(({ type }) => type === "activity");
    expect(line).toMatchObject({ author: world.lucia.id, private: true, payload: { kind: "status", to: "resolved" } });
  });

  test("an unknown label: none of the actions happens", async () => {
    const { id } = await world.customer().opens();
    const refused = await act(world.lucia, id, [
      { do: "priority", priority: "high" },
      { do: "label", add: ["unheard"] },
    ]);
    expect([refused.status, refused.body.code]).toEqual([422, "label.unknown"]);
    expect((await get(id)).priority).toBe("normal");
  });

  test("a customer's message reopens what was resolved, and it stays with whom it was", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await act(world.lucia, id, [{ do: "take" }, { do: "status", status: "resolved" }]);
    using live = await world.live();
    await rosa.writes("una cosa más");
    await live.waitFor("the reopened conversation", ({ event, data }) => {
      const { conversation } = (data ?? {}) as { conversation?: ConversationView };
      return event === "conversation:updated" && conversation?.id === id && conversation.status === "assigned";
    });
    expect(await get(id)).toMatchObject({ assignedAgent: world.lucia.id, resolvedAt: null, isUnattended: true, unreadCount: 1 });
  });

  test("closing, muting and merging need a permission that agents do not have", async () => {
    const { id } = await world.customer().opens();
    for (const action of [
      { do: "status", status: "closed" },
      { do: "mute", on: true },
    ]) {
      const refused = await act(world.lucia, id, [action]);
      expect([refused.status, refused.body.code]).toEqual([403, "auth.forbidden"]);
    }
    expect((await world.lucia.post(`/conversations/${id}/merge`, { from: id })).status).toBe(403);
    expect((await get(id)).status).toBe("open");
  });
});

describe("two who act at once", () => {
  test("the second one gets 409 with what it is now, by body and by If-Match", async () => {
    const { id, version } = await world.customer().opens();
    expect((await act(world.lucia, id, [{ do: "take" }], version)).status).toBe(200);
    const late = await act(world.pedro, id, [{ do: "take" }], version);
    expect(late).toMatchObject({
      status: 409,
      body: { code: "request.stale", current: { id, assignedAgent: world.lucia.id, version: version + 1 } },
    });
    const header = (value: string) =>
      world.pedro.post<ConversationView>(`/conversations/${id}/assign`, { agent: world.pedro.id }, { "if-match": value });
    expect((await header(`"${version}"`)).status).toBe(409);
    expect((await header("soon")).status).toBe(422);
    expect((await header(`"${version + 1}"`)).body.data.assignedAgent).toBe(world.pedro.id);
  });

  test("of many with the same version exactly one succeeds", async () => {
    const { id, version } = await world.customer().opens();
    const answers = await Promise.all(
      Array.from({ length: 12 }, (_, at) =>
        act(at % 2 ? world.lucia : world.pedro, id, [{ do: "priority", priority: at % 3 ? "high" : "low" }], version),
      ),
    );
    expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
    expect((await get(id)).version).toBe(version + 1);
  });

  test("a customer who writes is no reason for a conflict", async () => {
    const rosa = world.customer();
    const { id, version } = await rosa.opens();
    await rosa.writes("¿hola?");
    expect((await act(world.lucia, id, [{ do: "priority", priority: "high" }], version)).status).toBe(200);
  });
});

describe("snooze", () => {
  test("until a time: it comes back by itself, also after a restart", async () => {
    await using own = await openInboxWorld();
    const rosa = own.customer();
    const { id } = await rosa.opens();
    const until_ = new Date(Date.now() + 1_500).toISOString();
    const asleep = await own.lucia.post<ConversationView>(`/conversations/${id}/snooze`, { until: until_ });
    expect(asleep.body.data).toMatchObject({ status: "waiting", waitingFor: "snooze", snoozedUntil: until_, unreadCount: 0 });
    await own.app.stop();
    await using again = await openInboxWorld({ dataDir: own.dataDir });
    const woken = await until(async () => {
      const now = await again.admin.data<ConversationView>(`/conversations/${id}`);
      return now.status === "open" ? now : null;
    });
    expect(woken).toMatchObject({ waitingFor: null, snoozedUntil: null, isUnattended: true, unreadCount: 1 });
  });

  test("until the next reply", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await act(world.lucia, id, [{ do: "take" }]);
    await world.lucia.post(`/conversations/${id}/snooze`, { until: null });
    expect(await get(id)).toMatchObject({ waitingFor: "snooze", snoozedUntil: null });
    await rosa.writes("ya volví");
    expect(await get(id)).toMatchObject({ status: "assigned", waitingFor: null, assignedAgent: world.lucia.id });
  });

  test.each(["2020-01-01T00:00:00Z", "tomorrow"])("until %s: refused", async (time) => {
    const { id } = await world.customer().opens();
    expect((await world.lucia.post(`/conversations/${id}/snooze`, { until: time })).status).toBe(422);
  });
});

test("muted: the customer is stored but neither counted, reopened nor answered", async () => {
  await using own = await openInboxWorld({ env: { ASSISTANT: "auto" } });
  const rosa = own.customer();
  const { id } = await rosa.opens();
  await rosa.hears(1);
  await own.admin.patch(`/conversations/${id}`, { isMuted: true, status: "resolved" });
  await rosa.writes("¡¡compre ya!!");
  const luis = own.customer();
  await luis.writes("hola");
  await luis.hears(1);
  expect(rosa.heard()).toHaveLength(1);
  expect(await rosa.conversation()).toMatchObject({ status: "resolved", unreadCount: 0, isMuted: true });
  await own.admin.patch(`/conversations/${id}`, { isMuted: false });
  await rosa.writes("perdón");
  await rosa.hears(2);
});

test("unread again, and seen again", async () => {
  const { id } = await world.customer().opens();
  await world.lucia.post(`/conversations/${id}/read`);
  expect((await get(id)).unreadCount).toBe(0);
  expect((await world.lucia.post<ConversationView>(`/conversations/${id}/unread`)).body.data.unreadCount).toBe(1);
});

test("followers come and go", async () => {
  const { id } = await world.customer().opens();
  const path = `/conversations/${id}/participants/${world.pedro.id}`;
  expect((await world.lucia.put<ConversationView>(path)).body.data.participants).toEqual([world.pedro.id]);
  await world.lucia.delete(path);
  expect((await get(id)).participants).toEqual([]);
});

test("merged: one thread with everything, and answers still reach the customer", async () => {
  const rosa = world.customer();
  const first = await rosa.opens("la primera");
  await world.admin.patch(`/conversations/${first.id}`, { status: "closed" });
  await rosa.writes("la segunda");
  const second = await rosa.conversation();
  const merged = await world.admin.post<ConversationView>(`/conversations/${second.id}/merge`, { from: first.id });
  expect(merged.body.data).toMatchObject({ id: second.id, isOpen: true });
  expect(await get(first.id)).toMatchObject({ status: "closed", mergedInto: second.id });
  const said = (await world.admin.data<{ content: string; role: string }[]>(`/conversations/${second.id}/messages`))
    .filter(({ role }) => role === "user")
    .map(({ content }) => content);
  expect(said).toEqual(["la segunda", "la primera"]);
  await world.lucia.post(`/conversations/${second.id}/messages`, { text: "Ya lo vi todo." });
  await rosa.hears(1);
  const other = await world.customer().opens();
  const refused = await world.admin.post(`/conversations/${second.id}/merge`, { from: other.id });
  expect([refused.status, refused.body.code]).toEqual([422, "conversation.merge-refused"]);
  // Nothing is taken into what has been taken in: two could take in each other, and what was said would be nowhere.
  await world.admin.patch(`/conversations/${second.id}`, { status: "closed" });
  const back = await world.admin.post(`/conversations/${first.id}/merge`, { from: second.id });
  expect([back.status, back.body.code]).toEqual([422, "conversation.merge-refused"]);
  expect((await get(second.id)).mergedInto).toBeNull();
});
