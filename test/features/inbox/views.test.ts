/** Saved views and labels: whose they are, what they show, who may change them. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../../src/events/view";
import { type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

interface View {
  id: string;
  version: number;
  name: string;
}
const names = async (client = world.lucia) => (await client.data<View[]>("/views")).map(({ name }) => name);

test("a personal view is its owner's alone, and shows what its filter says now", async () => {
  const created = await world.lucia.post<View>("/views", { name: "Mis urgentes", filter: { agent: "me", priority: ["urgent"] } });
  expect(created.status).toBe(200);
  expect(await names()).toContain("Mis urgentes");
  expect(await names(world.pedro)).not.toContain("Mis urgentes");
  const { id } = created.body.data;
  for (const path of ["conversations", "count"]) expect((await world.pedro.get(`/views/${id}/${path}`)).status).toBe(404);
  const conversation = await world.customer().opens();
  const listed = () => world.lucia.data<ConversationView[]>(`/views/${id}/conversations`);
  expect(await listed()).toEqual([]);
  await world.lucia.post(`/conversations/${conversation.id}/actions`, {
    actions: [{ do: "take" }, { do: "priority", priority: "urgent" }],
  });
  expect((await listed()).map((one) => one.id)).toEqual([conversation.id]);
  expect(await world.lucia.data(`/views/${id}/count`)).toEqual({ count: 1 });
});

test("a shared view needs the permission, and then everybody sees it as theirs", async () => {
  const body = { name: "Míos", scope: "shared", filter: { tab: "mine" } };
  expect((await world.lucia.post("/views", body)).status).toBe(403);
  const { id, version } = (await world.admin.post<View>("/views", body)).body.data;
  expect(await names(world.pedro)).toContain("Míos");
  const conversation = await world.customer().opens();
  await world.pedro.post(`/conversations/${conversation.id}/take`);
  expect((await world.pedro.data<ConversationView[]>(`/views/${id}/conversations`)).map((one) => one.id)).toEqual([
    conversation.id,
  ]);
  expect((await world.lucia.patch(`/views/${id}`, { name: "otro" })).status).toBe(403);
  expect((await world.lucia.delete(`/views/${id}`)).status).toBe(403);
  expect((await world.admin.patch<View>(`/views/${id}`, { name: "Lo mío", version })).body.data.version).toBe(version + 1);
  expect(await world.admin.patch(`/views/${id}`, { name: "tarde", version })).toMatchObject({
    status: 409,
    body: { code: "request.stale", current: { name: "Lo mío" } },
  });
  expect((await world.admin.delete(`/views/${id}`)).status).toBe(200);
  expect(await names(world.pedro)).not.toContain("Lo mío");
});

test.each([[{ tab: "everything" }], [{ since: "yesterday" }], [{ unheard: true }], [{ status: [] }]])(
  "a filter that means nothing is refused: %j",
  async (filter) => {
    expect((await world.lucia.post("/views", { name: "x", filter })).status).toBe(422);
  },
);

test("labels: managed with a permission, kept in lower case, one of a name", async () => {
  expect((await world.lucia.post("/labels", { name: "nueva" })).status).toBe(403);
  const created = await world.admin.post<{ id: string }>("/labels", { name: "Cliente Nuevo", color: "#00aa88" });
  expect(created.body.data).toMatchObject({ name: "cliente nuevo", color: "#00aa88" });
  const again = await world.admin.post("/labels", { name: "CLIENTE NUEVO" });
  expect([again.status, again.body.code]).toEqual([409, "label.exists"]);
  await world.admin.patch(`/labels/${created.body.data.id}`, { description: "primer mes" });
  expect(await world.lucia.data("/labels")).toMatchObject([{ name: "cliente nuevo", description: "primer mes" }]);
  expect((await world.admin.post("/labels", { name: "a,b" })).status).toBe(422);
});
