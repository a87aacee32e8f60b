/** Who is this customer: identities, names, numbers that appear late, and people who must never become one. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { newId } from "../../src/core/id";
import type { Contact } from "../../src/features/contacts/contact.model";
import type { Sender } from "../../src/features/contacts/contact.service";
import { createContactListService } from "../../src/features/contacts/contact-list.service";
import { openRooms, type Rooms } from "../helpers/rooms";

let rooms: Rooms;
beforeAll(async () => {
  rooms = await openRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const resolve = (...senders: Sender[]): Promise<Contact[]> =>
  rooms.eventLog.change((change) =>
    rooms.services.contacts.resolveSenders(
      senders.map((sender, index) => ({ sender, at: 1_790_000_000_000 + index })),
      change,
    ),
  );
const one = async (sender: Sender): Promise<Contact> => (await resolve(sender))[0] as Contact;
const lists = () =>
  createContactListService({
    contacts: rooms.models.contacts,
    reach: { contactFilter: async () => ({}), assertContact: async () => {} },
    findByWords: async () => [],
  });
const search = async (identity: string) => (await lists().listContacts({ limit: 10, identity, filters: [] }, {} as never)).items;

/** Identities that no other test uses. */
const person = () => {
  const digits = newId().replace(/\D/g, "").padEnd(9, "7").slice(-9);
  return { waId: `51${digits}`, userId: `PE.${newId()}`, username: `rosa.${newId()}` };
};

test("the same WhatsApp id is the same contact, also within one call and from two at once", async () => {
  const { waId } = person();
  const [a, b] = await resolve({ waId, profileName: "Rosa" }, { waId, profileName: "Rosa" });
  const [c, d] = await Promise.all([one({ waId }), one({ waId })]);
  expect(new Set([a, b, c, d].map((contact) => contact?._id)).size).toBe(1);
});

test("two new people in one call are two contacts", async () => {
  const [a, b] = await resolve({ waId: person().waId }, { waId: person().waId });
  expect(a?._id).not.toBe(b?._id ?? "");
});

test("a customer without a number is found by user id, is named after the username, and has no phone", async () => {
  const { userId, username } = person();
  const contact = await one({ userId, username });
  expect(contact).toMatchObject({ phone: null, name: `@${username}`, username, identityKeys: [`bsuid:${userId}`] });
  expect((await one({ userId }))._id).toBe(contact._id);
});

test("a number learned later belongs to the same contact, and both ways lead to it", async () => {
  const { waId, userId, username } = person();
  const before = await one({ userId, username });
  const after = await one({ userId, waId, username, profileName: "Rosa Quispe" });
  expect(after._id).toBe(before._id);
  expect(after).toMatchObject({ name: "Rosa Quispe", phone: `+${waId}` });
  expect((await one({ waId }))._id).toBe(before._id);
  expect((await search(waId)).map(({ id }) => id)).toEqual([before._id]);
});

test("a user id learned later belongs to the same contact", async () => {
  const { waId, userId } = person();
  const before = await one({ waId });
  expect((await one({ waId, userId }))._id).toBe(before._id);
  expect((await one({ userId }))._id).toBe(before._id);
});

test("the name follows the profile; an empty profile name takes nothing away", async () => {
  const { waId } = person();
  expect((await one({ waId })).name).toBe(`+${waId}`);
  expect((await one({ waId, profileName: "  Rosa " })).name).toBe("Rosa");
  expect((await one({ waId, profileName: " " })).name).toBe("Rosa");
  expect((await one({ waId, profileName: "Rosa Quispe" })).name).toBe("Rosa Quispe");
});

describe("people are never merged", () => {
  test("who share a username", async () => {
    const a = person();
    const b = person();
    const first = await one({ userId: a.userId, username: a.username });
    const second = await one({ userId: b.userId, username: a.username });
    expect(second._id).not.toBe(first._id);
  });

  test("when a message names the user id of one and the number of another", async () => {
    const a = person();
    const b = person();
    const first = await one({ userId: a.userId });
    const second = await one({ waId: b.waId });
    const mixed = await one({ userId: a.userId, waId: b.waId });
    expect(mixed._id).toBe(first._id);
    expect((await one({ waId: b.waId }))._id).toBe(second._id);
    const stored = (await rooms.services.contacts.getContact(first._id)).identityKeys;
    expect(stored).not.toContain(`wa:${b.waId}`);
  });

  test("whose numbers look alike once formatted for sending", async () => {
    const tail = person().waId.slice(-9);
    const withOne = await one({ waId: `5215${tail}` });
    const without = await one({ waId: `525${tail}` });
    expect(withOne._id).not.toBe(without._id);
  });
});

test("messages without any sender are kept together instead of being lost", async () => {
  const [a, b] = await resolve({}, {});
  expect(a?._id).toBe(b?._id ?? "?");
  expect(a?.name).toBe("Unknown sender");
});

describe("searching by identity", () => {
  test("finds the exact number, user id or username, with and without @", async () => {
    const me = person();
    const { _id } = await one({ ...me, profileName: "Rosa" });
    for (const identity of [me.waId, me.userId, me.username, `@${me.username}`])
      expect((await search(identity)).map(({ id }) => id)).toEqual([_id]);
  });

  test("is no pattern: parts and wildcards find nothing", async () => {
    const me = person();
    await one(me);
    for (const identity of [me.waId.slice(0, -1), ".*", "%", `${me.username}x`]) expect(await search(identity)).toEqual([]);
  });
});

test("an older message does not set the time of the last one back", async () => {
  const { waId } = person();
  const at = async (time: number) =>
    (
      await rooms.eventLog.change((change) => rooms.services.contacts.resolveSenders([{ sender: { waId }, at: time }], change))
    )[0];
  await at(2_000);
  expect((await at(1_000))?.lastMessageAt?.getTime()).toBe(2_000);
});
