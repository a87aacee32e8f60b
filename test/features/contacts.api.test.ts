import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import type { AttributeView, ContactNoteView } from "../../src/events/customer-view";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import type { TimelineEntry } from "../../src/features/contact-timeline/contact-timeline.schema";
import { marksOf } from "../../src/features/contacts/contact-marks";
import type { SegmentView } from "../../src/features/segments/segment.schema";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

let app: TestApp;
beforeAll(async () => {
  app = await createTestApp();
  for (const name of ["vip", "lista", "moroso", "a", "b"]) await app.api.post("/labels", { name });
});
afterAll(() => app[Symbol.asyncDispose]());

let made = 0;
const number = () => `5190000${String(++made).padStart(4, "0")}`;
const create = async (body: object): Promise<ContactView> => {
  const answer = await app.api.post<ContactView>("/contacts", { name: `Contact ${++made}`, ...body });
  if (answer.status !== 200) throw new Error(JSON.stringify(answer.body));
  return answer.body.data;
};
const refused = async (method: "post" | "patch", path: string, body: object, status: number, code: string) => {
  const answer = await app.api[method]<unknown>(path, body);
  expect([answer.status, answer.body.code]).toEqual([status, code]);
  return answer.body as unknown as { details: { path: string }[]; current: unknown };
};
const names = (contacts: ContactView[]) => contacts.map(({ name }) => name);

describe("creating and changing", () => {
  test("a contact made by a person is the one who then writes from that number, however it is written", async () => {
    const made = await create({
      name: "Íñigo López",
      phone: "+52 1 55 1234 0001",
      email: "inigo@example.com",
      labels: [" VIP ", "vip"],
    });
    expect(made).toMatchObject({ phone: "+525512340001", labels: ["vip"], source: "manual", version: 0 });
    await app.receive({ from: "5215512340001", id: "wamid.c1", text: "hola", name: "iñi" });
    const [found] = await until(async () => {
      const all = await app.api.data<ContactView[]>("/contacts?identity=5215512340001");
      return all.length > 0 ? all : null;
    });
    expect(found).toMatchObject({ id: made.id });
  });

  test("two contacts never have the same number or external id, and the answer says whose it is", async () => {
    const phone = number();
    const first = await create({ phone, externalId: `crm-${phone}` });
    const answer = await refused("post", "/contacts", { name: "Other", phone: `+${phone}` }, 409, "contact.exists");
    expect(answer).toMatchObject({ details: [{ path: "body.phone" }], current: { id: first.id } });
    await refused("post", "/contacts", { name: "Other", externalId: `crm-${phone}` }, 409, "contact.exists");
    const second = await create({});
    await refused("patch", `/contacts/${second.id}`, { phone }, 409, "contact.exists");
    await app.api.patch(`/contacts/${first.id}`, { externalId: null });
    expect((await app.api.patch<ContactView>(`/contacts/${second.id}`, { externalId: `crm-${phone}` })).status).toBe(200);
  });

  test.each([
    [{ name: "" }, 422, "request.invalid"],
    [{ name: "x", phone: "hello 1234567" }, 422, "contact.phone"],
    [{ name: "x", phone: "0012345" }, 422, "contact.phone"],
    [{ name: "x", email: "nobody" }, 422, "request.invalid"],
    [{ name: "x", attributes: { unheard_of: 1 } }, 422, "attribute.invalid"],
    [{ name: "x", attributes: { __proto__x: 1 } }, 422, "attribute.invalid"],
    [{ name: "x", labels: ["unheard of"] }, 422, "label.unknown"],
    [{ name: "x", nonsense: 1 }, 422, "request.invalid"],
    [{ name: "x".repeat(301) }, 422, "request.invalid"],
  ])("%j is refused", async (body, status, code) => {
    await refused("post", "/contacts", body, status, code);
  });

  test("whoever decided upon an old version is told the contact as it is now", async () => {
    const { id, version } = await create({ company: "Old" });
    const first = await app.api.patch<ContactView>(`/contacts/${id}`, { version, company: "New" });
    expect(first.body.data).toMatchObject({ company: "New", version: version + 1 });
    const late = await refused("patch", `/contacts/${id}`, { version, company: "Late" }, 409, "request.conflict");
    expect(late.current).toMatchObject({ id, company: "New", version: version + 1 });
    const header = (value: string) =>
      fetch(`${app.url}/api/v2/contacts/${id}`, {
        method: "PATCH",
        headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/json", "if-match": value },
        body: JSON.stringify({ company: "By header" }),
      });
    expect((await header(`"${version}"`)).status).toBe(409);
    expect((await header("many")).status).toBe(422);
    expect((await header(`"${version + 1}"`)).status).toBe(200);
  });

  test("a name that a person gave is not replaced by the profile", async () => {
    const phone = number();
    await app.receive({ from: phone, id: `wamid.${phone}`, text: "hola", name: "nick" });
    const [contact] = await until(async () => {
      const all = await app.api.data<ContactView[]>(`/contacts?identity=${phone}`);
      return all.length > 0 ? all : null;
    });
    await app.api.patch(`/contacts/${contact!.id}`, { name: "Nicolás Vega" });
    await app.receive({ from: phone, id: `wamid.${phone}.2`, text: "otra", name: "nick2" });
    await until(
      async () => (await app.api.data<ContactView>(`/contacts/${contact!.id}`)).lastMessageAt !== contact!.lastMessageAt || null,
    ).catch(() => {});
    expect((await app.api.data<ContactView>(`/contacts/${contact!.id}`)).name).toBe("Nicolás Vega");
  });
});

describe("custom attributes", () => {
  beforeAll(async () => {
    for (const body of [
      { key: "city", name: "City", type: "list", options: ["Lima", "Cusco"] },
      { key: "age", name: "Age", type: "number" },
      { key: "born", name: "Born", type: "date" },
      { key: "member", name: "Member", type: "boolean" },
      { key: "site", name: "Site", type: "link" },
      { key: "hint", name: "Hint", type: "text" },
    ])
      expect((await app.api.post("/attributes", body)).status).toBe(200);
  });

  test.each([
    [{ city: "lima" }, { city: "Lima" }],
    [{ age: "42" }, { age: 42 }],
    [{ age: "4,5" }, { age: 4.5 }],
    [{ born: "2000-02-29" }, { born: "2000-02-29" }],
    [{ member: "sí" }, { member: true }],
    [{ site: "https://example.com/a" }, { site: "https://example.com/a" }],
    [{ hint: " azul " }, { hint: "azul" }],
  ])("%j is kept as %j", async (attributes, expected) => {
    expect((await create({ attributes })).attributes).toEqual(expected);
  });

  test.each([
    { city: "Puno" },
    { age: "old" },
    { age: "" },
    { born: "2001-02-29" },
    { born: "yesterday" },
    { member: "maybe" },
    { site: "javascript:alert(1)" },
  ])("%j does not fit", async (attributes) => {
    const { details } = await refused("post", "/contacts", { name: "x", attributes }, 422, "attribute.invalid");
    expect(details[0]?.path).toBe(`body.attributes.${Object.keys(attributes)[0]}`);
  });

  test("one value is changed and taken away without touching the others", async () => {
    const { id } = await create({ attributes: { city: "Lima", age: 1 } });
    const { body } = await app.api.patch<ContactView>(`/contacts/${id}`, { attributes: { age: null, hint: "x" } });
    expect(body.data.attributes).toEqual({ city: "Lima", hint: "x" });
  });

  test("keys are unique, lists need options, and definitions can be changed and removed", async () => {
    await refused("post", "/attributes", { key: "city", name: "x", type: "text" }, 409, "attribute.exists");
    await refused("post", "/attributes", { key: "l", name: "x", type: "list" }, 422, "request.invalid");
    await refused("post", "/attributes", { key: "Big", name: "x", type: "text" }, 422, "request.invalid");
    const all = await app.api.data<AttributeView[]>("/attributes");
    const hint = all.find(({ key }) => key === "hint")!;
    await refused("patch", `/attributes/${hint.id}`, { options: ["a"] }, 422, "request.invalid");
    expect((await app.api.patch(`/attributes/${hint.id}`, { name: "Clue" })).status).toBe(200);
    const gone = await fetch(`${app.url}/api/v2/attributes/${hint.id}`, {
      method: "DELETE",
      headers: { authorization: `Bearer ${app.api.token}` },
    });
    expect(gone.status).toBe(200);
    await refused("post", "/contacts", { name: "x", attributes: { hint: "y" } }, 422, "attribute.invalid");
  });
});

describe("lists, filters and segments", () => {
  beforeAll(async () => {
    for (const [name, more] of [
      ["Ávila Uno", { labels: ["lista", "vip"], company: "Telares Puno", language: "es", attributes: { city: "Lima", age: 20 } }],
      ["avila Dos", { labels: ["lista"], company: "telares  PUNO", attributes: { city: "Cusco", age: 40 }, optedIn: true }],
      ["Bravo Tres", { labels: ["lista", "moroso"], email: "BRAVO@example.com" }],
    ] as const)
      await create({ name, ...more });
  });
  const filter = async (body: object) => {
    const { status, body: answer } = await app.api.post<ContactView[]>("/contacts/filter", { sort: "name", ...body });
    expect(status).toBe(200);
    return names(answer.data);
  };

  test.each([
    [{ labels: ["lista"] }, ["Ávila Uno", "avila Dos", "Bravo Tres"]],
    [{ labels: ["lista", "vip"] }, ["Ávila Uno"]],
    [{ labels: ["lista"], anyLabel: ["vip", "moroso"] }, ["Ávila Uno", "Bravo Tres"]],
    [{ labels: ["lista"], withoutLabels: ["vip"] }, ["avila Dos", "Bravo Tres"]],
    [{ company: "TELARES puno" }, ["Ávila Uno", "avila Dos"]],
    [{ email: "bravo@EXAMPLE.com" }, ["Bravo Tres"]],
    [{ labels: ["lista"], isOptedIn: true }, ["avila Dos"]],
    [{ labels: ["lista"], isOptedIn: false }, ["Ávila Uno", "Bravo Tres"]],
    [{ labels: ["lista"], attributes: [{ key: "city", is: "equal", value: "lima" }] }, ["Ávila Uno"]],
    [{ labels: ["lista"], attributes: [{ key: "city", is: "not", value: "Lima" }] }, ["avila Dos", "Bravo Tres"]],
    [{ labels: ["lista"], attributes: [{ key: "age", is: "above", value: 30 }] }, ["avila Dos"]],
    [{ labels: ["lista"], attributes: [{ key: "age", is: "below", value: 30 }] }, ["Ávila Uno"]],
    [{ labels: ["lista"], attributes: [{ key: "age", is: "unset" }] }, ["Bravo Tres"]],
    [{ labels: ["lista"], createdTo: "2020-01-01T00:00:00Z" }, []],
    [{ labels: ["lista"], hasPhone: true }, []],
  ])("%j", async (given, expected) => {
    const found = await filter({ filter: given });
    expect(found.toSorted()).toEqual([...expected].toSorted());
  });

  test("names are sorted without regard to case and accents, and paged without a gap", async () => {
    const paged: string[] = [];
    for (let cursor: string | undefined; ; ) {
      const { body } = await app.api.post<ContactView[]>("/contacts/filter", {
        sort: "name",
        limit: 2,
        filter: { labels: ["lista"] },
        ...(cursor ? { cursor } : {}),
      });
      paged.push(...names(body.data));
      if (!body.page?.next) break;
      cursor = body.page.next;
    }
    expect(paged).toEqual(["avila Dos", "Ávila Uno", "Bravo Tres"]);
    expect(names(await app.api.data<ContactView[]>("/contacts?label=lista&sort=newest"))).toEqual([
      "Bravo Tres",
      "avila Dos",
      "Ávila Uno",
    ]);
  });

  test("words find contacts through the search index", async () => {
    const found = await until(async () => {
      const all = await app.api.data<ContactView[]>("/contacts?q=telares%20avi&sort=name");
      return all.length === 2 ? all : null;
    });
    expect(names(found)).toEqual(["avila Dos", "Ávila Uno"]);
  });

  test.each(["/contacts?sort=size", "/contacts?isBlocked=perhaps", "/contacts?segment=x", "/contacts?cursor=abc"])(
    "%s is refused",
    async (path) => {
      expect([400, 422]).toContain((await app.api.get(path)).status);
    },
  );

  test("a segment keeps a filter, counts, and narrows lists", async () => {
    const { body } = await app.api.post<SegmentView>("/segments", {
      name: "List",
      filter: { labels: ["lista"] },
      isShared: true,
    });
    expect(body.data).toMatchObject({ count: 3, isMore: false, isShared: true });
    const narrowed = await app.api.data<ContactView[]>(`/contacts?segment=${body.data.id}&label=vip`);
    expect(names(narrowed)).toEqual(["Ávila Uno"]);
    await app.api.patch(`/segments/${body.data.id}`, { filter: { labels: ["lista", "moroso"] } });
    const listed = await app.api.data<SegmentView[]>("/segments");
    expect(listed.find(({ id }) => id === body.data.id)).toMatchObject({ count: 1 });
    await refused(
      "post",
      "/segments",
      { name: "x", filter: { attributes: [{ key: "city", is: "equal" }] } },
      422,
      "request.invalid",
    );
    await refused("post", "/segments", { name: "x", filter: { $where: "1" } }, 422, "request.invalid");
    expect((await app.api.get("/contacts?segment=019345f2c1a4000a5be1f00d")).status).toBe(404);
  });
});

describe("notes, consent, blocking and the timeline", () => {
  test("everything that is decided is on the timeline, the newest first and paged", async () => {
    const { id } = await create({ phone: number() });
    await app.api.patch(`/contacts/${id}`, { company: "Acme" });
    await app.api.post(`/contacts/${id}/consent`, { optedIn: true, source: "form" });
    await app.api.post(`/contacts/${id}/consent`, { optedIn: false, source: "call" });
    await app.api.post(`/contacts/${id}/block`);
    await app.api.post(`/contacts/${id}/block`);
    const { body } = await app.api.post<ContactView>(`/contacts/${id}/unblock`);
    expect(body.data).toMatchObject({ blockedAt: null, optedInAt: null, optedOutAt: expect.any(String) });
    const whole = await app.api.data<TimelineEntry[]>(`/contacts/${id}/timeline`);
    expect(whole.map(({ kind }) => kind)).toEqual(["unblocked", "blocked", "opted-out", "opted-in", "changed", "created"]);
    expect(whole[4]!.detail).toMatchObject({ company: { before: null, after: "Acme" } });
    const paged: string[] = [];
    for (let cursor = ""; ; ) {
      const { body: page } = await app.api.get<TimelineEntry[]>(`/contacts/${id}/timeline?limit=2${cursor}`);
      paged.push(...page.data.map((entry) => entry.id));
      if (!page.page?.next) break;
      cursor = `&cursor=${page.page.next}`;
    }
    expect(paged).toEqual(whole.map((entry) => entry.id));
  });

  test("whoever is blocked is kept but not answered, and cannot be written to until unblocked", async () => {
    const phone = number();
    const talk = async (id: string) => {
      await app.receive({ from: phone, id: `wamid.${phone}.${id}`, text: `mensaje ${id}` });
      return until(async () => {
        const [conversation] = await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`);
        if (!conversation) return null;
        const messages = await app.api.data<MessageView[]>(`/conversations/${conversation.id}/messages`);
        if (!messages.some(({ content }) => content === `mensaje ${id}`)) return null;
        return { conversation: await app.api.data<ConversationView>(`/conversations/${conversation.id}`), messages };
      });
    };
    const contact = await create({ phone });
    await app.api.post(`/contacts/${contact.id}/block`);
    const first = await talk("1");
    expect(first.conversation).toMatchObject({ isMuted: true, isAIEnabled: false, unreadCount: 0 });
    const again = await talk("2");
    expect(again.messages.filter(({ direction }) => direction === "outbound")).toEqual([]);
    await refused("post", `/conversations/${again.conversation.id}/messages`, { text: "hola" }, 409, "contact.blocked");
    await app.api.post(`/contacts/${contact.id}/unblock`);
    const heard = await talk("3");
    expect(heard.conversation).toMatchObject({ isMuted: false, unreadCount: 1 });
    expect((await app.api.post(`/conversations/${heard.conversation.id}/messages`, { text: "hola" })).status).toBe(200);
  });

  test("conversations are on it too", async () => {
    const phone = number();
    await app.receive({ from: phone, id: `wamid.${phone}`, text: "hola" });
    const [contact] = await until(async () => {
      const all = await app.api.data<ContactView[]>(`/contacts?identity=${phone}`);
      return all.length > 0 ? all : null;
    });
    const [conversation] = await app.api.data<{ id: string }[]>(`/conversations?contact=${contact!.id}`);
    await app.api.patch(`/conversations/${conversation!.id}`, { status: "resolved" });
    const kinds = (await app.api.data<TimelineEntry[]>(`/contacts/${contact!.id}/timeline`)).map(({ kind }) => kind);
    expect(kinds).toContain("conversation-opened");
    expect(kinds).toContain("conversation-resolved");
  });

  test("notes are written, changed, removed, found and move with a merge", async () => {
    const [target, source] = [await create({}), await create({})];
    const note = (await app.api.post<ContactNoteView>(`/contacts/${source.id}/notes`, { text: "prefiere acuarelas" })).body.data;
    await app.api.patch(`/contacts/${source.id}/notes/${note.id}`, { text: "prefiere témperas" });
    const found = () => app.api.data<{ kind: string; contact: { id: string } }[]>("/search?q=temperas");
    await until(async () => (await found()).length === 1);
    const merge = await app.api.post<{ id: string }>(`/contacts/${target.id}/merge`, { contact: source.id });
    expect(await app.api.data<ContactNoteView[]>(`/contacts/${target.id}/notes`)).toMatchObject([
      { id: note.id, contact: target.id },
    ]);
    await until(async () => (await found())[0]?.contact.id === target.id);
    await app.api.post(`/contact-merges/${merge.body.data.id}/undo`);
    expect(await app.api.data<ContactNoteView[]>(`/contacts/${target.id}/notes`)).toEqual([]);
    const path = `${app.url}/api/v2/contacts/${source.id}/notes/${note.id}`;
    const remove = () => fetch(path, { method: "DELETE", headers: { authorization: `Bearer ${app.api.token}` } });
    expect((await remove()).status).toBe(200);
    expect((await remove()).status).toBe(404);
    await until(async () => (await found()).length === 0);
  });

  test("a merge takes over what was missing and undoing gives it back", async () => {
    const target = await create({ labels: ["a"], company: "Mine" });
    const externalId = `x-${target.id}`;
    const source = await create({
      labels: ["a", "b"],
      company: "Theirs",
      email: "s@example.com",
      externalId,
      attributes: { age: 7 },
    });
    const merge = await app.api.post<{ id: string }>(`/contacts/${target.id}/merge`, { contact: source.id });
    const merged = await app.api.data<ContactView>(`/contacts/${target.id}`);
    expect(merged).toMatchObject({
      labels: ["a", "b"],
      company: "Mine",
      email: "s@example.com",
      externalId,
      attributes: { age: 7 },
    });
    expect((await app.api.post(`/contact-merges/${merge.body.data.id}/undo`)).status).toBe(200);
    expect(await app.api.data<ContactView>(`/contacts/${target.id}`)).toMatchObject({
      labels: ["a"],
      email: null,
      externalId: null,
      attributes: {},
    });
    expect(await app.api.data<ContactView>(`/contacts/${source.id}`)).toMatchObject({
      labels: ["a", "b"],
      externalId,
      attributes: { age: 7 },
    });
  });
});

describe("suggested duplicates", () => {
  const reasons = async (id: string) =>
    (await app.api.data<{ other: ContactView; reasons: string[] }[]>(`/contacts/${id}/duplicates`)).map(
      (one) => [one.other.id, one.reasons] as const,
    );

  test("the same e-mail or full name, whatever case and accents", async () => {
    const a = await create({ name: "José  Ñahui Salas", email: "jose@example.com" });
    const b = await create({ name: "jose nahui salas", email: "JOSE@example.com" });
    const c = await create({ name: "Jose Nahui Salas" });
    expect(await reasons(a.id)).toEqual([
      [b.id, ["email", "name"]],
      [c.id, ["name"]],
    ]);
    const { body } = await app.api.get<{ contact: ContactView; other: ContactView }[]>("/contact-duplicates?limit=100");
    const pairs = body.data.map(({ contact, other }) => `${contact.id}/${other.id}`);
    expect(pairs).toContain(`${a.id}/${b.id}`);
    expect(pairs).not.toContain(`${b.id}/${a.id}`);
  });

  test("a number in another form that came in as two people", async () => {
    // Two contacts of one number come into being when its forms are written down apart, as by an older program.
    const stored = await app.openStored();
    const at = new Date();
    const person = (_id: string, phone: string) => ({
      _id,
      name: phone,
      phone,
      labels: [],
      identities: [],
      mergedInto: null,
      createdAt: at,
      updatedAt: at,
      lastMessageAt: null,
      username: null,
      language: null,
    });
    const rows = [
      person("01a20f0da5990000aaaaaaaa", "+5511987654321"),
      person("01a20f0da5990000bbbbbbbb", "+551187654321"),
      person("01a20f0da5990000cccccccc", "+5521987654321"),
    ];
    await stored.models.contacts.collection.insertMany(rows.map((row) => ({ ...row, marks: marksOf(row as never) })) as never[]);
    await stored[Symbol.asyncDispose]();
    await using again = await createTestApp({ dataDir: app.dataDir });
    const found = await again.api.data<{ other: ContactView; reasons: string[] }[]>(
      "/contacts/01a20f0da5990000aaaaaaaa/duplicates",
    );
    expect(found.map((one) => [one.other.phone, one.reasons])).toEqual([["+551187654321", ["phone"]]]);
  });
});
