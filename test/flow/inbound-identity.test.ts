/** Who wrote, through changes of number and user id, in any order and in one delivery; and merges that can be taken back. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView } from "../../src/events/view";
import { until } from "../helpers/until";
import { change, createInboundWorld, type InboundWorld, type Person, said, seconds, text, wamid } from "./inbound-world";

setDefaultTimeout(30_000);

let world: InboundWorld;
beforeAll(async () => {
  world = await createInboundWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

let people = 0;
const number = () => `5194${String(++people).padStart(7, "0")}`;
const userId = () => `PE.94${String(++people).padStart(16, "0")}`;
const movedTo = (from: string, to: string, more: Record<string, unknown> = {}) => ({
  from,
  type: "system",
  system: { type: "user_changed_number", body: "cambió de número", wa_id: to, ...more },
});
const textsOf = async (identity: string) => (await world.threadOf(identity)).map(({ content }) => content);
const known = (identity: string): Promise<ContactView> => until(() => world.contactOf(identity));
/** A system message, which comes without contacts. */
const system = (message: Record<string, unknown>) => change({ messages: [{ id: wamid(), timestamp: seconds(), ...message }] });

describe("a changed number", () => {
  test("in the same delivery as the messages before and after it", async () => {
    const [before, after] = [number(), number()];
    const at = Math.floor(Date.now() / 1000);
    await world.post(
      said(
        [
          { wa_id: before, name: "Sofía" },
          { ...text("uno"), timestamp: String(at - 2) },
        ],
        [{}, { ...movedTo(before, after), timestamp: String(at - 1) }],
        [
          { wa_id: after, name: "Sofía" },
          { ...text("dos"), timestamp: String(at) },
        ],
      ),
    );
    expect((await world.threadWith(after, 3)).map(({ type }) => type)).toEqual(["text", "system", "text"]);
    expect((await known(before)).id).toBe((await known(after)).id);
    expect((await known(after)).phone).toBe(`+${after}`);
  });

  test("whose first message overtook the news: both are one contact, and that can be taken back", async () => {
    const [before, after] = [number(), number()];
    await world.send({ wa_id: before, name: "Luz" }, text("con el viejo"));
    const old = await known(before);
    await world.send({ wa_id: after, name: "Luz" }, text("con el nuevo"));
    const twin = await known(after);
    expect(twin.id).not.toBe(old.id);
    await world.post(system(movedTo(before, after)));
    await until(async () => (await world.contactOf(after))?.id === old.id);
    await world.send({ wa_id: after, name: "Luz" }, text("sigo"));
    await until(async () => (await textsOf(after)).includes("sigo"));
    const [merge] = await world.app.api.data<{ id: string; source: string }[]>(`/contacts/${old.id}/merges`);
    expect(merge?.source).toBe(twin.id);
    expect((await world.app.api.post(`/contact-merges/${merge?.id}/undo`)).status).toBe(200);
    expect((await world.contactOf(after))?.id).toBe(twin.id);
    expect(await textsOf(after)).toEqual(["con el nuevo"]);
  });

  test("that belonged to somebody else years ago does not lead to them any more, nor mix with them", async () => {
    const [before, recycled] = [number(), number()];
    await world.send({ wa_id: recycled, name: "Antiguo dueño" }, text("hace años"));
    const stranger = await known(recycled);
    await world.send({ wa_id: before, name: "Eva" }, text("hola"));
    const eva = await known(before);
    const later = seconds(Date.now() + 20 * 3_600_000);
    await world.post(system({ ...movedTo(before, recycled), timestamp: later }));
    await until(async () => (await world.contactOf(before))?.phone === `+${recycled}`);
    await world.send({ wa_id: recycled, name: "Eva" }, text("soy Eva"));
    await until(async () => (await textsOf(before)).includes("soy Eva"));
    const all = await world.app.api.data<ContactView[]>(`/contacts?identity=${recycled}`);
    expect(all.find(({ id }) => id === stranger.id)?.phone).toBeNull();
    expect((await world.app.api.data<unknown[]>(`/conversations?contact=${stranger.id}`)).length).toBe(1);
    expect((await world.contactOf(before))?.id).toBe(eva.id);
  });

  test("is followed in the other form of the number too", async () => {
    const [before, after] = ["5215594000001", "5215594000002"];
    await world.send({ wa_id: before }, text("uno"));
    await known(before);
    await world.post(system(movedTo("525594000001", "525594000002")));
    await world.send({ wa_id: after }, text("dos"));
    await until(async () => (await textsOf(before)).join() === "uno,cambió de número,dos");
    await world.send({ wa_id: before, name: "Otro" }, text("soy otro"));
    const other = await until(async () =>
      (await world.app.api.data<ContactView[]>(`/contacts?identity=${before}`)).find(({ name }) => name === "Otro"),
    );
    expect(other.id).not.toBe((await known(after)).id);
  });

  test.each(["customer_changed_number", "user_changed_number"])("is told in an older or a newer shape: %s", async (type) => {
    const [before, after] = [number(), number()];
    await world.send({ wa_id: before }, text("uno"));
    const { id } = await known(before);
    const told = type === "customer_changed_number" ? { customer: before, new_wa_id: after } : { wa_id: after };
    await world.post(system({ from: before, type: "system", system: { type, body: "x", ...told } }));
    await until(async () => (await world.contactOf(after))?.id === id);
  });
});

describe("a changed user id", () => {
  test("leads to the same contact, without any number", async () => {
    const [before, after] = [userId(), userId()];
    await world.send({ user_id: before, username: "@rio.bravo", name: "" }, text("uno"));
    const contact = await known(before);
    expect(contact).toMatchObject({ name: "@rio.bravo", phone: null });
    const news = { type: "user_changed_user_id", body: "x", user_id: after, previous_user_id: before };
    await world.post(system({ type: "system", system: news }));
    await world.send({ user_id: after, name: "" }, text("dos"));
    expect((await world.threadWith(after, 3)).map(({ type }) => type)).toEqual(["text", "system", "text"]);
    expect((await known(after)).id).toBe(contact.id);
  });

  test("that hides the number: the old one is no longer theirs, and what we write goes to the id", async () => {
    const [wa_id, before, after] = [number(), userId(), userId()];
    await world.send({ wa_id, user_id: before, name: "Gil" }, text("uno"));
    const { id } = await known(before);
    const news = { type: "user_changed_user_id", body: "x", user_id: after, previous_user_id: before };
    await world.post(system({ type: "system", system: news }));
    await until(async () => (await world.contactOf(after))?.phone === null);
    const conversation = await until(() => world.conversationOf(after));
    await world.app.api.post(`/conversations/${conversation.id}/messages`, { text: "hola" }, { "idempotency-key": after });
    const sent = await until(() => world.app.graph.sent.find((one) => JSON.stringify(one).includes(after)));
    expect(JSON.stringify(sent)).not.toContain(wa_id);
    await world.send({ wa_id, name: "Otro" }, text("tengo este número ahora"));
    const other = await until(async () =>
      (await world.app.api.data<ContactView[]>(`/contacts?identity=${wa_id}`)).find(({ name }) => name === "Otro"),
    );
    expect(other.id).not.toBe(id);
  });

  test("told by its own field is found by number when the old id was never heard of", async () => {
    const [wa_id, after] = [number(), userId()];
    await world.send({ wa_id }, text("uno"));
    const { id } = await known(wa_id);
    await world.post(
      change(
        { user_id_update: [{ wa_id, user_id: { previous: userId(), current: after }, timestamp: seconds() }] },
        "user_id_update",
      ),
    );
    await until(async () => (await world.contactOf(after))?.id === id);
    expect((await world.contactOf(after))?.phone).toBe(`+${wa_id}`);
  });
});

test("a note that the identity changed names no new identity, and takes nothing over", async () => {
  const wa_id = number();
  await world.send({ wa_id, name: "Inés" }, text("hola"));
  const { id } = await known(wa_id);
  await world.post(
    system({
      from: wa_id,
      type: "system",
      system: { type: "customer_identity_changed", body: "x", identity: { acknowledged: true, created_timestamp: 1, hash: "h" } },
    }),
  );
  await world.threadWith(wa_id, 2);
  await world.post(change({ messages: [{ id: wamid(), timestamp: seconds(), ...text("de nadie") }] }));
  await until(async () => (await world.app.api.data<ContactView[]>("/contacts")).some(({ name }) => name === "Unknown sender"));
  expect((await world.contactOf(wa_id))?.id).toBe(id);
  expect(await world.threadOf(wa_id)).toHaveLength(2);
});

describe("whoever is known by little", () => {
  test("by username alone: their own contact, until an identity comes with it", async () => {
    const username = `sol.${people++}`;
    const person: Person = { username, name: "Sol" };
    await world.send(person, text("uno"));
    await world.send(person, text("dos"));
    await world.threadWith(username, 2);
    const id = userId();
    await world.send({ ...person, user_id: id }, text("tres"));
    await world.threadWith(id, 3);
    expect((await known(id)).id).toBe((await known(username)).id);
    await world.send({ ...person, user_id: userId(), name: "Otro Sol" }, text("otra persona con ese nombre"));
    await until(async () => (await world.app.api.data<ContactView[]>(`/contacts?identity=${username}`)).length === 2);
    expect(await world.threadOf(id)).toHaveLength(3);
  });

  test("by username alone is whoever has it now, when somebody does", async () => {
    const [id, username] = [userId(), `mar.${people++}`];
    await world.send({ user_id: id, username, name: "Mar" }, text("uno"));
    await known(id);
    await world.send({ username, name: "Mar" }, text("dos"));
    await world.threadWith(id, 2);
  });

  test("by the only contact of the value, when the message names nobody", async () => {
    const wa_id = number();
    const contacts = [{ wa_id, profile: { name: "Uma" } }];
    await world.post(change({ contacts, messages: [{ id: wamid(), timestamp: seconds(), ...text("sin remitente") }] }));
    expect((await world.threadWith(wa_id, 1))[0]?.content).toBe("sin remitente");
  });

  test("by a number written with plus and blanks", async () => {
    const wa_id = number();
    await world.send({ wa_id }, text("uno"));
    await known(wa_id);
    await world.send({ wa_id: `+${wa_id.slice(0, 2)} ${wa_id.slice(2)}` }, text("dos"));
    await world.threadWith(wa_id, 2);
  });
});

test("a new customer whose first messages come at once, in every form, is one contact", async () => {
  const [old, today, id] = ["5215594100001", "525594100001", userId()];
  const forms: Person[] = [
    { wa_id: old },
    { wa_id: today },
    { wa_id: old, user_id: id },
    { user_id: id },
    { wa_id: today, user_id: id },
  ];
  const sent = await Promise.all(forms.map((person, index) => world.send(person, text(`forma ${index}`))));
  expect(new Set(sent)).toEqual(new Set([200]));
  await until(async () => (await world.threadOf(today)).length + (await world.threadOf(old)).length > 0);
  const thread = await until(async () => {
    const found = await world.threadOf(id);
    return found.length === forms.length ? found : null;
  });
  expect(new Set(thread.map(({ contact }) => contact)).size).toBe(1);
});

describe("a merge that is taken back", () => {
  const merge = async (target: ContactView, source: ContactView) =>
    (await world.app.api.post<{ id: string }>(`/contacts/${target.id}/merge`, { contact: source.id })).body.data.id;
  const undo = (id: string) => world.app.api.post(`/contact-merges/${id}/undo`);

  test("gives back what was learned through the merged identity, and leaves the rest", async () => {
    const [first, second, id] = [number(), number(), userId()];
    await world.send({ wa_id: first, name: "Jorge" }, text("casa"));
    await world.send({ wa_id: second, name: "Jorge P." }, text("trabajo"));
    const [target, source] = [await known(first), await known(second)];
    const merged = await merge(target, source);
    await world.send({ wa_id: second, user_id: id, name: "Jorge P." }, text("ahora con id"));
    await until(async () => (await world.contactOf(id))?.id === target.id);
    expect((await undo(merged)).status).toBe(200);
    expect((await world.contactOf(id))?.id).toBe(source.id);
    await world.send({ user_id: id, name: "Jorge P." }, text("solo con id"));
    await until(async () => (await textsOf(second)).includes("solo con id"));
    expect((await world.contactOf(first))?.identities.map(({ value }) => value)).toEqual([first]);
  });

  test("and done while both of them write: nothing is lost, and it is all in one place each time", async () => {
    const [first, second] = [number(), number()];
    await world.send({ wa_id: first, name: "A" }, text("a"));
    await world.send({ wa_id: second, name: "B" }, text("b"));
    const [target, source] = [await known(first), await known(second)];
    const write = (round: number) =>
      Promise.all(
        Array.from({ length: 10 }, (_, index) =>
          world.send({ wa_id: index % 2 ? first : second, name: "C" }, text(`${round}.${index}`)),
        ),
      );
    for (let round = 0; round < 3; round++) {
      const [answers, merged] = await Promise.all([write(round), merge(target, source)]);
      expect(new Set(answers)).toEqual(new Set([200]));
      await write(round + 10);
      expect((await world.contactOf(second))?.id).toBe(target.id);
      const [, undone] = await Promise.all([write(round + 20), undo(merged)]);
      expect(undone.status).toBe(200);
      expect([(await world.contactOf(first))?.id, (await world.contactOf(second))?.id]).toEqual([target.id, source.id]);
    }
    const all = async () => {
      const ids = [target.id, source.id].map((id) => world.app.api.data<{ id: string }[]>(`/conversations?contact=${id}`));
      const talks = (await Promise.all(ids)).flat();
      const pages = await Promise.all(
        talks.map(({ id }) => world.app.api.data<unknown[]>(`/conversations/${id}/messages?limit=100`)),
      );
      return pages.flat().length;
    };
    await until(async () => (await all()) === 92);
  });

  test("gives back phone and opt-out, and can be done again", async () => {
    const [id, wa_id] = [userId(), number()];
    await world.send({ user_id: id, name: "Sin número" }, text("uno"));
    await world.send({ wa_id, name: "Con número" }, text("dos"));
    await world.post(
      change(
        { user_preferences: [{ wa_id, category: "marketing_messages", value: "stop", timestamp: Number(seconds()) }] },
        "user_preferences",
      ),
    );
    const source = await until(async () => {
      const found = await world.contactOf(wa_id);
      return found?.optedOutAt ? found : null;
    });
    const target = await known(id);
    for (let round = 0; round < 2; round++) {
      const merged = await merge(target, source);
      expect(await world.contactOf(id)).toMatchObject({ phone: `+${wa_id}`, optedOutAt: source.optedOutAt });
      expect((await undo(merged)).status).toBe(200);
      expect(await world.contactOf(id)).toMatchObject({ id: target.id, phone: null, optedOutAt: null });
      expect(await world.contactOf(wa_id)).toMatchObject({ id: source.id, phone: `+${wa_id}` });
    }
    expect(await textsOf(wa_id)).toEqual(["dos"]);
  });

  test("is refused while the contact is part of another one, and works in turn", async () => {
    const numbers = [number(), number(), number()] as const;
    for (const wa_id of numbers) await world.send({ wa_id, name: wa_id }, text(wa_id));
    const [a, b, c] = [await known(numbers[0]), await known(numbers[1]), await known(numbers[2])];
    const inner = await merge(b, a);
    const outer = await merge(c, b);
    const early = await undo(inner);
    expect([early.status, early.body.code]).toEqual([409, "contact.merged"]);
    expect((await world.contactOf(numbers[0]))?.id).toBe(c.id);
    expect((await undo(outer)).status).toBe(200);
    expect((await world.contactOf(numbers[0]))?.id).toBe(b.id);
    expect((await undo(inner)).status).toBe(200);
    for (const [index, { id }] of [a, b, c].entries()) {
      expect((await world.contactOf(numbers[index] as string))?.id).toBe(id);
      expect(await textsOf(numbers[index] as string)).toEqual([numbers[index] as string]);
    }
  });
});
