/** How far each agent has read: their own, in every window of theirs, over merges, restarts, and until they or the customer go. */
import { expect, setDefaultTimeout, test } from "bun:test";
import type { ReadPositionView } from "../../../src/events/reading-view";
import type { ContactView, ConversationView, MessageView } from "../../../src/events/view";
import { hire, keyClient, makeRole } from "../../helpers/people";
import { tempDir } from "../../helpers/temp-dir";
import { until } from "../../helpers/until";
import { typedLive } from "../../http/typed-live-client";
import { type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(60_000);

const positionOf = (client: InboxWorld["lucia"] | InboxWorld["admin"], id: string) =>
  client.data<ReadPositionView>(`/conversations/${id}/position`);

/** What the customer has said, oldest first. */
const saidIn = (thread: readonly MessageView[]): MessageView[] => thread.filter(({ role }) => role === "user").reverse();

test("each agent has their own; it moves forward only; their other window hears of it, nobody else's does", async () => {
  await using world = await openInboxWorld();
  const rosa = world.customer();
  const { id } = await rosa.opens("uno");
  await rosa.writes("dos");
  await rosa.writes("tres");
  const [one, two, three] = saidIn(await rosa.thread()) as [MessageView, MessageView, MessageView];
  expect(await positionOf(world.lucia, id)).toEqual({ conversation: id, message: null, at: null, unread: 3 });

  using other = await typedLive(world.app.url, world.lucia.token);
  using pedros = await typedLive(world.app.url, world.pedro.token);
  other.send({ type: "subscribe", topics: [`agent:${world.lucia.id}`] });
  pedros.send({ type: "subscribe", topics: [`agent:${world.lucia.id}`, `agent:${world.pedro.id}`] });
  await other.settle();
  const moved = await world.lucia.put<ReadPositionView>(`/conversations/${id}/position`, { message: two.id });
  expect(moved.body.data).toMatchObject({ message: two.id, unread: 1 });
  const told = await other.waitTold("read-position:updated", ({ position }) => position.message === two.id);
  expect(told).toEqual({ agent: world.lucia.id, position: moved.body.data });

  // Two windows that tell what they show, one of them late.
  expect(await other.ask("position.move", { id, message: one.id })).toEqual(moved.body.data);
  expect(await positionOf(world.pedro, id)).toMatchObject({ message: null, unread: 3 });
  expect(await other.ask("position.move", { id, message: three.id })).toMatchObject({ message: three.id, unread: 0 });
  // What people together have not seen is another matter.
  expect((await world.admin.data<ConversationView>(`/conversations/${id}`)).unreadCount).toBe(3);
  await pedros.settle();
  expect(pedros.told("read-position:updated")).toEqual([]);
  expect(other.told("read-position:updated")).toHaveLength(2);
});

test("reading moves it to the end also when somebody else has read before; not seen moves it back", async () => {
  await using world = await openInboxWorld();
  const rosa = world.customer();
  const { id } = await rosa.opens("uno");
  await rosa.writes("dos");
  expect((await world.lucia.post(`/conversations/${id}/read`)).status).toBe(200);
  expect(await positionOf(world.lucia, id)).toMatchObject({ unread: 0 });
  expect(await positionOf(world.pedro, id)).toMatchObject({ message: null, unread: 2 });
  // Nothing is unread for the company any more; Pedro has not read it all the same.
  using pedro = await typedLive(world.app.url, world.pedro.token);
  pedro.send({ type: "subscribe", topics: [`agent:${world.pedro.id}`] });
  pedro.send({ type: "read", conversationId: id });
  await pedro.waitTold("read-position:updated", ({ position }) => position.unread === 0);
  const heard = pedro.frames.length;
  pedro.send({ type: "read", conversationId: id });
  await pedro.settle();
  expect(pedro.frames.slice(heard).filter(({ type }) => type === "event")).toEqual([]);

  await rosa.writes("tres");
  expect(await positionOf(world.pedro, id)).toMatchObject({ unread: 1 });
  await world.pedro.post(`/conversations/${id}/actions`, { actions: [{ do: "read" }] });
  expect(await positionOf(world.pedro, id)).toMatchObject({ unread: 0 });
  await world.pedro.post(`/conversations/${id}/unread`);
  const [, two] = saidIn(await rosa.thread());
  expect(await positionOf(world.pedro, id)).toMatchObject({ message: two?.id, unread: 1 });
  expect(await positionOf(world.lucia, id)).toMatchObject({ message: two?.id, unread: 1 });
});

test("after a merge nothing that somebody has not read counts as read", async () => {
  await using world = await openInboxWorld();
  const rosa = world.customer();
  const first = await rosa.opens("viejo uno");
  await rosa.writes("viejo dos");
  const old = saidIn(await rosa.thread()) as [MessageView, MessageView];
  await world.pedro.put(`/conversations/${first.id}/position`, { message: old[0].id });
  await world.lucia.put(`/conversations/${first.id}/position`, { message: old[1].id });
  await world.admin.patch(`/conversations/${first.id}`, { status: "closed" });
  await rosa.writes("nuevo");
  const second = await until(async () => {
    const talk = await rosa.conversation();
    return talk.id !== first.id ? talk : null;
  });
  const fresh = saidIn(await rosa.thread())[0] as MessageView;
  for (const agent of [world.lucia, world.pedro, world.admin])
    await agent.put(`/conversations/${second.id}/position`, { message: fresh.id });
  using live = await typedLive(world.app.url, world.pedro.token);
  live.send({ type: "subscribe", topics: [`agent:${world.pedro.id}`] });
  await live.settle();
  expect((await world.admin.post(`/conversations/${second.id}/merge`, { from: first.id })).status).toBe(200);

  // Lucia had read both. Pedro had stopped in the middle of the older one, the admin had never looked at it.
  expect(await positionOf(world.lucia, second.id)).toMatchObject({ message: fresh.id, unread: 0 });
  expect(await positionOf(world.pedro, second.id)).toMatchObject({ message: old[0].id, unread: 2 });
  expect(await positionOf(world.admin, second.id)).toMatchObject({ message: null, unread: 3 });
  await live.waitTold("read-position:updated", ({ position }) => position.conversation === second.id && position.unread === 2);
  expect(await positionOf(world.pedro, first.id)).toMatchObject({ message: null, unread: 0 });

  // When the customer turns out to be somebody else's twin, the conversation keeps what was read of it.
  const twin = (await world.admin.post<ContactView>("/contacts", { name: "Rosa dos", phone: "+51987000111" })).body.data;
  expect((await world.admin.post(`/contacts/${twin.id}/merge`, { contact: second.contact.id })).status).toBe(200);
  expect(await positionOf(world.pedro, second.id)).toMatchObject({ message: old[0].id, unread: 2 });
});

test("it survives a restart, and goes with the agent and with the customer", async () => {
  using dir = tempDir();
  let [id, contact, lucia, pedro] = ["", "", "", ""];
  {
    await using world = await openInboxWorld({ dataDir: dir.path });
    const rosa = world.customer();
    const talk = await rosa.opens("uno");
    [id, contact, lucia, pedro] = [talk.id, talk.contact.id, world.lucia.id, world.pedro.id];
    for (const agent of [world.lucia, world.pedro]) await agent.post(`/conversations/${id}/read`);
  }
  await using world = await openInboxWorld({ dataDir: dir.path });
  expect(await positionOf(world.lucia, id)).toMatchObject({ unread: 0 });
  expect((await world.admin.post(`/agents/${pedro}/deactivate`)).status).toBe(200);
  const { id: erasure } = (await world.admin.post<{ id: string }>(`/data-protection/contacts/${contact}/erase`)).body.data;
  const receipt = await until(async () => {
    const found = await world.admin.data<{ state: string; removed: object }>(`/data-protection/erasures/${erasure}`);
    return found.state === "done" ? found : null;
  });
  // Pedro's went with him.
  expect(receipt.removed).toMatchObject({ "read-positions": 1 });
  await using rooms = await world.app.openStored();
  const stored = rooms.store.connection.db?.collection("readPositions");
  expect(await stored?.countDocuments({})).toBe(0);
  expect(await rooms.models.events.countDocuments({ event: "read-position:updated", data: { $regex: id } })).toBe(0);
  expect(lucia).not.toBe("");
});

test("what is not theirs to read has no position, and a key reads nothing", async () => {
  await using world = await openInboxWorld();
  const [rosa, juan] = [world.customer(), world.customer()];
  const [{ id }, other] = [await rosa.opens(), await juan.opens()];
  const [foreign] = await juan.thread();
  const put = (message: string, path = `/conversations/${id}/position`) => world.lucia.put(path, { message });
  expect(await put(foreign?.id ?? "")).toMatchObject({ status: 404, body: { code: "message.not-found" } });
  expect(await put("0".repeat(24))).toMatchObject({ status: 404, body: { code: "message.not-found" } });
  expect(await put("last")).toMatchObject({ status: 422 });
  const nowhere = `/conversations/${"0".repeat(24)}/position`;
  expect(await put(foreign?.id ?? "", nowhere)).toMatchObject({ status: 404, body: { code: "conversation.not-found" } });
  expect(await world.admin.get(nowhere)).toMatchObject({ status: 404, body: { code: "conversation.not-found" } });

  await makeRole(world.app, { name: "own", permissions: ["conversations.read"], reach: "own" });
  const guest = await hire(world.app, { email: "guest@example.com", role: "own" });
  for (const answer of [
    await guest.api.get(`/conversations/${other.id}/position`),
    await guest.api.put(`/conversations/${other.id}/position`, { message: foreign?.id }),
  ])
    expect(answer).toMatchObject({ status: 404, body: { code: "conversation.not-found" } });
  const key = await keyClient(world.app, { permissions: ["conversations.read"] });
  expect(await key.api.get(`/conversations/${id}/position`)).toMatchObject({ status: 403, body: { code: "auth.person-only" } });
});
