/** What agents do with messages: notes, jumps, stars, canned replies, drafts, forwarding, erasure, retries; seen in the thread, live, or on the phone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView, MessageView } from "../../../src/events/view";
import type { CannedReplyView, DraftView } from "../../../src/events/writing-view";
import { graphFailure } from "../../helpers/graph-recorder";
import { until } from "../../helpers/until";
import { type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

const get = (id: string) => world.admin.data<ConversationView>(`/conversations/${id}`);
const note = (client: InboxWorld["lucia"], id: string, text: string, mentions: string[] = []) =>
  client.post<MessageView>(`/conversations/${id}/notes`, { text, mentions });

describe("notes", () => {
  test("are seen by agents alone; who is mentioned hears it, finds it in the tab, and it is gone once looked at", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    using live = await world.live(world.pedro);
    live.send({ type: "subscribe", topics: [`agent:${world.pedro.id}`] });
    await live.settle();
    const written = await note(world.lucia, id, "@Pedro ¿lo ves tú?", [world.pedro.id]);
    expect(written.body.data).toMatchObject({ type: "note", private: true, author: world.lucia.id, mentions: [world.pedro.id] });
    await live.waitFor("the mention", ({ event, data }) => event === "mention:new" && data?.message === written.body.data.id);
    expect(await get(id)).toMatchObject({ mentions: [world.pedro.id], participants: [world.pedro.id] });
    const tab = await world.pedro.data<ConversationView[]>("/conversations?tab=mentions");
    expect(tab.map((one) => one.id)).toEqual([id]);
    expect(await world.pedro.data("/conversations/counts")).toMatchObject({ mentions: 1 });
    await world.pedro.post(`/conversations/${id}/read`);
    expect(await world.pedro.data("/conversations/counts")).toMatchObject({ mentions: 0 });
    await world.lucia.post(`/conversations/${id}/messages`, { text: "visible" });
    await rosa.hears(1);
    expect(rosa.heard()).toEqual(["visible"]);
  });

  test("are changed and removed by whoever wrote them", async () => {
    const { id } = await world.customer().opens();
    const { id: message } = (await note(world.lucia, id, "primero")).body.data;
    const foreign = await world.pedro.patch(`/messages/${message}`, { text: "otro" });
    expect([foreign.status, foreign.body.code]).toEqual([403, "message.not-yours"]);
    const changed = await world.lucia.patch<MessageView>(`/messages/${message}`, { text: "segundo" });
    expect(changed.body.data).toMatchObject({ content: "segundo", editedAt: expect.any(String) });
    expect((await world.pedro.delete(`/messages/${message}`)).status).toBe(403);
    expect((await world.lucia.delete(`/messages/${message}`)).body.data).toEqual({ id: message, message: null });
    expect((await world.lucia.get(`/messages/${message}`)).status).toBe(404);
    const [inbound] = await world.admin.data<MessageView[]>(`/conversations/${id}/messages`);
    const refused = await world.admin.patch(`/messages/${inbound?.id}`, { text: "falso" });
    expect([refused.status, refused.body.code]).toEqual([422, "message.not-a-note"]);
  });

  test("do not stop the assistant", async () => {
    await using own = await openInboxWorld({ env: { ASSISTANT: "auto" }, assistantLatencyMs: 400 });
    const rosa = own.customer();
    const { id } = await rosa.opens();
    await note(own.lucia, id, "mírala");
    await rosa.hears(1);
    expect(await own.admin.data<ConversationView>(`/conversations/${id}`)).toMatchObject({ isAIEnabled: true });
  });
});

test("a thread is read both ways, and from a message or a time in the middle", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens("mensaje 0");
  for (let at = 1; at < 20; at++) await note(world.lucia, id, `mensaje ${at}`);
  const path = `/conversations/${id}/messages`;
  interface Span {
    data: MessageView[];
    page: { next: string | null; previous: string | null };
  }
  const read = async (query: string) => (await world.admin.get(`${path}?limit=4${query}`)).body as never as Span;
  const numbers = ({ data }: Span) => data.map(({ content }) => Number(content.split(" ")[1]));
  const newest = await read("");
  expect([numbers(newest), newest.page.previous]).toEqual([[19, 18, 17, 16], null]);
  const older = await read(`&cursor=${newest.page.next}`);
  expect(numbers(older)).toEqual([15, 14, 13, 12]);
  const back = await read(`&cursor=${older.page.previous}&direction=newer`);
  expect([numbers(back), back.page.previous]).toEqual([[19, 18, 17, 16], null]);
  const all = await world.admin.data<MessageView[]>(`${path}?limit=100`);
  const middle = all.find(({ content }) => content === "mensaje 10");
  const around = await read(`&around=${middle?.id}`);
  expect(numbers(around)).toEqual([11, 10, 9, 8]);
  expect(numbers(await read(`&cursor=${around.page.previous}&direction=newer`))).toEqual([15, 14, 13, 12]);
  expect(numbers(await read(`&cursor=${around.page.next}`))).toEqual([7, 6, 5, 4]);
  expect(numbers(await read(`&at=${encodeURIComponent(middle?.createdAt ?? "")}`))).toContain(10);
  expect((await world.admin.get(`${path}?at=yesterday`)).status).toBe(422);
  const other = await world.customer().opens();
  expect((await world.admin.get(`/conversations/${other.id}/messages?around=${middle?.id}`)).status).toBe(404);
  const ofContact = await world.admin.data<MessageView[]>(`/contacts/${middle?.contact}/messages?limit=100`);
  expect(ofContact.map((one) => one.id)).toEqual(all.map((one) => one.id));
});

test("stars are personal, labels are everybody's", async () => {
  await world.admin.post("/labels", { name: "pago" });
  const rosa = world.customer();
  await rosa.opens("transferí 50");
  const [message] = await rosa.thread();
  await world.lucia.patch(`/messages/${message?.id}`, { starred: true, labels: ["pago"] });
  expect((await world.lucia.data<MessageView[]>("/messages/starred")).map(({ id }) => id)).toEqual([message!.id]);
  expect(await world.pedro.data("/messages/starred")).toEqual([]);
  expect(await world.pedro.data(`/messages/${message?.id}`)).toMatchObject({ labels: ["pago"], starredBy: [world.lucia.id] });
  await world.lucia.patch(`/messages/${message?.id}`, { starred: false });
  expect(await world.lucia.data("/messages/starred")).toEqual([]);
});

test("erasing: what it said is gone everywhere, for those who may", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens("mi tarjeta es 4111");
  const [message] = await rosa.thread();
  expect((await world.lucia.delete(`/messages/${message?.id}`)).status).toBe(403);
  const erased = await world.admin.delete<{ message: MessageView }>(`/messages/${message?.id}`);
  expect(erased.body.data.message).toMatchObject({ content: "", payload: {}, attachments: [], erasedAt: expect.any(String) });
  expect((await get(id)).lastMessage?.text).toBe("");
});

test("forwarded: the other customer receives the same words", async () => {
  const [rosa, luis] = [world.customer(), world.customer()];
  await rosa.opens("la dirección es Av. Arequipa 100");
  const { id } = await luis.opens();
  const [message] = (await rosa.thread()).filter(({ role }) => role === "user");
  const sent = await world.lucia.post<MessageView[]>(`/messages/${message?.id}/forward`, { conversations: [id] });
  expect(sent.body.data).toHaveLength(1);
  await luis.hears(1);
  expect(luis.heard()).toEqual(["la dirección es Av. Arequipa 100"]);
  const { id: hidden } = (await note(world.lucia, id, "secreto")).body.data;
  expect((await world.lucia.post(`/messages/${hidden}/forward`, { conversations: [id] })).status).toBe(422);
});

test("a failed message that is sent again really leaves", async () => {
  const rosa = world.customer();
  const { id } = await rosa.opens();
  const { graph } = world.app;
  graph.judge = ({ text }) =>
    text === "la segunda llega" && graph.sent.every((one) => one.text !== "abierto") ? graphFailure(131_026) : null;
  const { id: message } = (await world.lucia.post<MessageView>(`/conversations/${id}/messages`, { text: "la segunda llega" }))
    .body.data;
  await until(async () => (await world.lucia.data<MessageView>(`/messages/${message}`)).delivery?.state === "failed", {
    what: "the failure",
  });
  graph.judge = null;
  expect((await world.lucia.post(`/messages/${message}/retry`)).status).toBe(200);
  await rosa.hears(1);
  expect(rosa.heard()).toEqual(["la segunda llega"]);
});

test("drafts: kept for their writer, told to their other windows, gone when empty", async () => {
  const { id } = await world.customer().opens();
  using live = await world.live(world.lucia);
  live.send({ type: "subscribe", topics: [`agent:${world.lucia.id}`] });
  await live.settle();
  const path = `/conversations/${id}/drafts`;
  await world.lucia.put(`${path}/reply`, { text: "Hola Rosa, le" });
  await world.lucia.put(`${path}/note`, { text: "preguntar" });
  await live.waitFor(
    "the draft",
    ({ event, data }) => event === "draft:updated" && (data?.draft as DraftView)?.text === "Hola Rosa, le",
  );
  expect((await world.lucia.data<DraftView[]>(path)).map(({ kind, text }) => [kind, text]).sort()).toEqual([
    ["note", "preguntar"],
    ["reply", "Hola Rosa, le"],
  ]);
  expect(await world.pedro.data(path)).toEqual([]);
  // Writing on changes nothing of when it was begun.
  const reply = async () => (await world.lucia.data<DraftView[]>(path)).find(({ kind }) => kind === "reply");
  const before = await reply();
  await world.lucia.put(`${path}/reply`, { text: "Hola Rosa, le aviso" });
  const after = await reply();
  expect(after?.begunAt).toBe(before?.begunAt ?? "");
  expect(Date.parse(after?.updatedAt ?? "")).toBeGreaterThan(Date.parse(after?.begunAt ?? ""));
  await world.lucia.put(`${path}/reply`, { text: " " });
  expect((await world.lucia.data<DraftView[]>("/drafts")).map(({ kind }) => kind)).toEqual(["note"]);
});

describe("canned replies", () => {
  test("found by what is typed, filled in, counted", async () => {
    const create = (body: object) => world.lucia.post<CannedReplyView>("/canned-replies", body);
    const { id } = (
      await create({
        shortcut: "Saludo",
        title: "Bienvenida",
        text: "Hola {{contact.name}}, soy {{ agent.first_name }}. {{contact.username|amigo}} {{x.y}}",
      })
    ).body.data;
    await create({ shortcut: "envio", title: "Envíos a Cusco", text: "24 h", folder: "Ventas" });
    const found = async (query: string) =>
      (await world.lucia.data<CannedReplyView[]>(`/canned-replies?${query}`)).map(({ shortcut }) => shortcut);
    expect(await found("prefix=sal")).toEqual(["saludo"]);
    expect(await found("prefix=cus")).toEqual(["envio"]);
    expect(await found("folder=Ventas")).toEqual(["envio"]);
    expect(await world.pedro.data("/canned-replies")).toEqual([]);
    const again = await create({ shortcut: "SALUDO", title: "x", text: "y" });
    expect([again.status, again.body.code]).toEqual([409, "canned-reply.exists"]);
    const rosa = world.customer();
    const conversation = await rosa.opens();
    const filled = await world.lucia.post<{ text: string; missing: string[] }>(`/canned-replies/${id}/render`, {
      conversation: conversation.id,
    });
    expect(filled.body.data).toEqual({ text: `Hola ${conversation.contact.name}, soy Lucia. amigo `, missing: ["x.y"] });
    await world.lucia.post(`/conversations/${conversation.id}/messages`, { text: filled.body.data.text });
    await rosa.hears(1);
    expect(rosa.heard()[0]).toStartWith(`Hola ${conversation.contact.name}`);
    expect((await world.lucia.data<CannedReplyView[]>("/canned-replies"))[0]).toMatchObject({ shortcut: "saludo", uses: 1 });
  });

  test("shared ones need the permission, and two changes at once conflict", async () => {
    const body = { shortcut: "gracias", title: "Gracias", text: "¡Gracias!", scope: "shared" };
    expect((await world.lucia.post("/canned-replies", body)).status).toBe(403);
    const { id } = (await world.admin.post<CannedReplyView>("/canned-replies", body)).body.data;
    expect((await world.pedro.data<CannedReplyView[]>("/canned-replies")).map((one) => one.id)).toEqual([id]);
    expect((await world.pedro.patch(`/canned-replies/${id}`, { text: "no" })).status).toBe(403);
    expect((await world.admin.patch(`/canned-replies/${id}`, { text: "Muchas gracias", version: 0 })).status).toBe(200);
    expect(await world.admin.patch(`/canned-replies/${id}`, { text: "tarde", version: 0 })).toMatchObject({
      status: 409,
      body: { code: "request.stale", current: { text: "Muchas gracias" } },
    });
    expect((await world.admin.delete(`/canned-replies/${id}`)).status).toBe(200);
  });
});
