/** Conversations and contacts found by an attribute of the contact, and labels that are gone. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { SYSTEM } from "../../../src/core/actor";
import { systemClock } from "../../../src/core/clock";
import { newId } from "../../../src/core/id";
import type { ContactView, ConversationView } from "../../../src/events/view";
import { createContactAttributeService } from "../../../src/features/contacts/contact-attribute.service";
import { attributeMark } from "../../../src/features/contacts/contact-marks";
import { createConversationListService } from "../../../src/features/conversations/conversation-list.service";
import { openRooms } from "../../helpers/rooms";
import { until } from "../../helpers/until";
import { type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(60_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
  for (const key of ["city", "vip"])
    await world.admin.post("/attributes", { key, name: key, type: key === "vip" ? "boolean" : "text" });
});
afterAll(() => world[Symbol.asyncDispose]());

const idsOf = (rows: readonly { id: string }[]) => rows.map(({ id }) => id).sort();

test("by an attribute of the contact: in lists, by address and as a view; other filters hold too", async () => {
  const talks: ConversationView[] = [];
  for (const [city, vip] of [
    ["Lima", true],
    ["lima", false],
    ["Puno", true],
  ] as const) {
    const talk = await world.customer().opens();
    await world.admin.patch(`/contacts/${talk.contact.id}`, { attributes: { city, vip } });
    talks.push(talk);
  }
  const list = (query: string) => world.admin.data<ConversationView[]>(`/conversations?${query}`);
  expect(idsOf(await list("attribute=city:Lima"))).toEqual(idsOf(talks.slice(0, 2)));
  expect(await list("attribute=city:Cusco")).toEqual([]);
  await world.admin.post(`/conversations/${talks[0]!.id}/take`);
  expect(idsOf(await list("attribute=city:Lima&agent=me"))).toEqual([talks[0]!.id]);
  const filter = {
    attributes: [
      { key: "city", value: "Lima" },
      { key: "vip", value: true },
    ],
  };
  const view = await world.admin.post<{ id: string }>("/views", { name: "VIP in Lima", scope: "personal", filter });
  expect(view.status).toBe(200);
  expect(idsOf(await world.admin.data<ConversationView[]>(`/views/${view.body.data.id}/conversations`))).toEqual([talks[0]!.id]);
  const people = await world.admin.data<ContactView[]>("/contacts?attribute=city:Lima");
  expect(idsOf(people)).toEqual(idsOf(talks.slice(0, 2).map(({ contact }) => contact)));
  expect((await world.admin.get("/conversations?attribute=city")).status).toBe(422);
});

test("an attribute that thousands have: page after page, each once, none left out", async () => {
  await using rooms = await openRooms();
  const now = Date.now();
  const [contacts, talks, expected] = [[] as object[], [] as object[], [] as string[]];
  for (let index = 0; index < 4_000; index++) {
    const city = index % 3 === 0 ? "Lima" : "Puno";
    const [contact, talk] = [newId(), newId()];
    contacts.push({ _id: contact, identityKeys: [`k${index}`], marks: [attributeMark("city", city)] });
    const at = new Date(now - Math.floor(index / 2) * 1_000);
    const state = {
      status: "open",
      waitingFor: null,
      isOpen: true,
      assignedAgent: null,
      team: null,
      labels: [],
      participants: [],
    };
    talks.push({ _id: talk, contact, channel: "1", ...state, lastMessageAt: at, createdAt: at, isAIEnabled: false });
    if (city === "Lima") expected.push(talk);
  }
  await rooms.models.contacts.collection.insertMany(contacts as never[]);
  await rooms.models.conversations.collection.insertMany(talks as never[]);
  const lists = createConversationListService({
    conversations: rooms.models.conversations,
    attributes: createContactAttributeService(rooms.models),
    clock: systemClock,
  });
  const filter = { attributes: [{ key: "city", value: "lima" }] };
  const seen: string[] = [];
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const page = await lists.list(filter, { limit: 100, ...(cursor ? { cursor } : {}) }, SYSTEM);
    seen.push(...idsOf(page.items));
    cursor = page.next;
  }
  expect(seen.toSorted()).toEqual(expected.toSorted());
  expect(await lists.count(filter, SYSTEM)).toBe(1_000);
});

test("a label that is removed leaves contacts as well as conversations", async () => {
  const label = await world.admin.post<{ id: string }>("/labels", { name: "gone soon" });
  await world.admin.post("/labels", { name: "stays" });
  const ids: string[] = [];
  for (let index = 0; index < 60; index++) {
    const made = await world.admin.post<ContactView>("/contacts", {
      name: `Carries it ${index}`,
      labels: ["gone soon", "stays"],
    });
    expect(made.status).toBe(200);
    ids.push(made.body.data.id);
  }
  expect((await world.admin.delete(`/labels/${label.body.data.id}`)).status).toBe(200);
  await until(async () => (await world.admin.data<unknown[]>("/contacts?label=gone%20soon")).length === 0, {
    what: "contacts without the label",
  });
  for (const id of [ids[0], ids.at(-1)])
    expect(await world.admin.data<ContactView>(`/contacts/${id}`)).toMatchObject({ labels: ["stays"], version: 1 });
});

test("the messages of a contact, page by page over all conversations", async () => {
  const customer = world.customer();
  const first = await customer.opens("1");
  for (const text of ["2", "3"]) await customer.writes(text);
  await world.admin.post(`/conversations/${first.id}/close`, {});
  await customer.writes("4");
  const texts: string[] = [];
  await until(async () => (await world.admin.data<unknown[]>(`/contacts/${first.contact.id}/messages`)).length >= 4);
  for (let cursor: string | null | undefined; cursor !== null; ) {
    const { body } = await world.admin.get<{ content: string; role: string }[]>(
      `/contacts/${first.contact.id}/messages?limit=2${cursor ? `&cursor=${cursor}` : ""}`,
    );
    texts.push(...body.data.filter(({ role }) => role === "user").map(({ content }) => content));
    cursor = body.page?.next ?? null;
  }
  expect(texts).toEqual(["4", "3", "2", "1"]);
});
