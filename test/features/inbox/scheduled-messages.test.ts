/** Messages that are sent later: they reach the phone once, at their time, also across a restart; or say why they did not. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { MessageView } from "../../../src/events/view";
import type { ScheduledMessageView } from "../../../src/events/writing-view";
import { until } from "../../helpers/until";
import { activityOf, type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const soon = (ms: number) => new Date(Date.now() + ms).toISOString();
const schedule = (id: string, body: object, from = world) =>
  from.lucia.post<ScheduledMessageView>(`/conversations/${id}/scheduled`, body);
const listed = async (id: string, from = world) => from.lucia.data<ScheduledMessageView[]>(`/conversations/${id}/scheduled`);
const ended = (id: string, from = world) =>
  until(async () => (await listed(id, from)).find(({ state }) => state !== "scheduled"), { what: "the end of the schedule" });

test("sent at its time, once, in the name of whoever asked for it", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens();
  using live = await world.live();
  expect((await schedule(id, { dueAt: soon(700), content: { text: "más tarde" } })).body.data).toMatchObject({
    state: "scheduled",
  });
  expect(rosa.heard()).toEqual([]);
  await rosa.hears(1);
  const one = await ended(id);
  expect(one).toMatchObject({ state: "sent", usedFallback: false, error: null });
  expect(await world.admin.data<MessageView>(`/messages/${one.message}`)).toMatchObject({
    author: world.lucia.id,
    content: "más tarde",
  });
  await live.waitFor(
    "the event",
    ({ event, data }) => event === "scheduled-message:updated" && (data!.scheduled as ScheduledMessageView).state === "sent",
  );
  expect(rosa.heard()).toEqual(["más tarde"]);
});

test("waits through a restart", async () => {
  await using own = await openInboxWorld();
  const rosa = own.customer();
  const { id } = await rosa.opens();
  await schedule(id, { dueAt: soon(1_500), content: { text: "sigo aquí" } }, own);
  await own.app.stop();
  await using again = await openInboxWorld({ dataDir: own.dataDir });
  await until(() => again.app.graph.sent.some(({ text }) => text === "sigo aquí"));
  expect(await ended(id, again)).toMatchObject({ state: "sent" });
  expect(again.app.graph.sent.filter(({ text }) => text === "sigo aquí")).toHaveLength(1);
});

test("changed and called off while it waits, not afterwards", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens();
  const { id: first, version } = (await schedule(id, { dueAt: soon(60_000), content: { text: "uno" } })).body.data;
  const changed = await world.pedro.patch<ScheduledMessageView>(`/scheduled/${first}`, {
    content: { text: "dos" },
    dueAt: soon(500),
    version,
  });
  expect(changed.body.data).toMatchObject({ content: { text: "dos" }, version: version + 1 });
  expect(await world.pedro.patch(`/scheduled/${first}`, { content: { text: "tres" }, version })).toMatchObject({ status: 409 });
  const { id: second } = (await schedule(id, { dueAt: soon(60_000), content: { text: "nunca" } })).body.data;
  expect((await world.lucia.delete<ScheduledMessageView>(`/scheduled/${second}`)).body.data.state).toBe("cancelled");
  await rosa.hears(1);
  expect(rosa.heard()).toEqual(["dos"]);
  await until(async () => (await listed(id)).find((one) => one.id === first)?.state === "sent");
  expect(await world.lucia.delete(`/scheduled/${first}`)).toMatchObject({
    status: 409,
    body: { code: "scheduled-message.over" },
  });
});

test("called off by the customer's answer, when that is wanted", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens();
  await schedule(id, { dueAt: soon(900), content: { text: "¿sigue ahí?" }, cancelOnReply: true });
  await rosa.writes("aquí estoy");
  expect(await ended(id)).toMatchObject({ state: "cancelled", message: null });
  expect(rosa.heard()).toEqual([]);
  expect(activityOf(await rosa.thread()).at(-1)).toContain("the customer has written meanwhile");
});

test("the window closes meanwhile: the failure is shown with its reason", async () => {
  const rosa = world.customer();
  const old = Date.now() - 24 * 3_600_000 + 1_500;
  await world.app.receive({ from: rosa.from, id: `wamid.old.${rosa.from}`, text: "hola", at: old });
  const { id } = await rosa.conversation();
  await schedule(id, { dueAt: soon(2_500), content: { text: "tarde" } });
  expect(await ended(id)).toMatchObject({ state: "failed", error: expect.stringContaining("24 hours") });
  expect(rosa.heard()).toEqual([]);
  expect(activityOf(await rosa.thread()).at(-1)).toContain("was not sent");
});

test.each([
  [{ dueAt: "2020-01-01T00:00:00Z", content: { text: "x" } }],
  [{ dueAt: "soon", content: { text: "x" } }],
  [{ dueAt: "2099-01-01T00:00:00Z", content: { text: "x" }, fallback: { text: "y" } }],
  [{ dueAt: "2099-01-01T00:00:00Z", content: {} }],
])("what makes no sense is refused: %j", async (body) => {
  const { id } = await world.customer().opens();
  expect((await schedule(id, body)).status).toBe(422);
});
