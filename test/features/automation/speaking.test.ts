/** What is said without anybody typing: greetings, "we are closed", STOP and back, and the question at the end. Every effect is looked for on the phone. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { CsatView } from "../../../src/events/automation-view";
import type { ContactView, ConversationView, MessageView } from "../../../src/events/view";
import { NUMBER } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { activityOf, type Customer, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";
import { makeRule, ran, removeRule, runsOf, settled } from "./automation-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

async function set(group: string, values: object): Promise<void> {
  const { version } = await world.admin.data<{ version: number }>(`/settings/${group}`);
  const { status, body } = await world.admin.patch(`/settings/${group}`, { version, values });
  if (status !== 200) throw new Error(JSON.stringify(body));
}

const said = (text: string, language: string | null = null, channel: string | null = null) => ({ channel, language, text });
const contactOf = async (customer: Customer) =>
  world.admin.data<ContactView>(`/contacts/${(await customer.conversation()).contact.id}`);
const conversation = (id: string) => world.admin.data<ConversationView>(`/conversations/${id}`);
const resolve = (id: string) => world.lucia.patch(`/conversations/${id}`, { status: "resolved" });

const CLOSED = { name: "Nie", zone: "America/Lima", week: Array(7).fill([]), isDefault: true };
const OPEN = Array(7).fill([{ from: "00:00", to: "24:00" }]);

async function close(): Promise<string> {
  const made = await world.admin.post<{ id: string }>("/business-hours", CLOSED);
  if (made.status === 200) return made.body.data.id;
  const [{ id } = { id: "" }] = await world.admin.data<{ id: string }[]>("/business-hours");
  await world.admin.patch(`/business-hours/${id}`, { week: CLOSED.week });
  return id;
}

describe("away", () => {
  let hours: string;
  beforeAll(async () => {
    for (const { id, isDefault } of await world.admin.data<{ id: string; isDefault: boolean }[]>("/business-hours"))
      if (isDefault) await world.admin.delete(`/business-hours/${id}`);
    hours = await close();
    await set("away", { isEnabled: true, texts: [said("closed", "en"), said("cerrado", "es"), said("otro número", "es", "1")] });
  });
  afterAll(async () => {
    await set("away", { isEnabled: false });
    await world.admin.delete(`/business-hours/${hours}`);
  });

  test("outside the hours the customer is told, in their language, once", async () => {
    const rosa = world.customer();
    await rosa.opens("buenas noches");
    await rosa.hears(1);
    await rosa.writes("¿hay alguien?");
    await settled();
    expect(rosa.heard()).toEqual(["cerrado"]);
    const message = (await rosa.thread()).find(({ content }) => content === "cerrado");
    expect(message).toMatchObject({ role: "system", author: null });
    // Nobody has answered: it still waits.
    expect(await conversation((await rosa.conversation()).id)).toMatchObject({ status: "open", isUnattended: true });
  });

  test("told live, and nothing is said inside the hours, or when it is off", async () => {
    using live = await world.live();
    await world.customer().opens();
    await live.waitFor(
      "the message",
      ({ event, data }) => event === "message:new" && (data?.message as MessageView | undefined)?.content === "cerrado",
    );
    await world.admin.patch(`/business-hours/${hours}`, { week: OPEN });
    const open = world.customer();
    await open.opens();
    // What is said is decided a moment after the message.
    await settled();
    await world.admin.patch(`/business-hours/${hours}`, { week: CLOSED.week });
    await set("away", { isEnabled: false });
    const off = world.customer();
    await off.opens();
    await settled();
    await set("away", { isEnabled: true });
    expect([...open.heard(), ...off.heard()]).toEqual([]);
  });

  test("whoever is muted or blocked hears nothing", async () => {
    await set("away", { isEnabled: false });
    const rosa = world.customer();
    const { id, contact } = await rosa.opens();
    await world.admin.post(`/contacts/${contact.id}/block`);
    await set("away", { isEnabled: true });
    await rosa.writes("¿hola?");
    await settled();
    expect(rosa.heard()).toEqual([]);
    expect((await conversation(id)).isMuted).toBe(true);
  });
});

describe("welcome", () => {
  beforeAll(() => set("welcome", { isEnabled: true, texts: [said("¡Hola {{contact.first_name}}!")] }));
  afterAll(() => set("welcome", { isEnabled: false }));

  test("a stranger is greeted by name, once, whatever they write next", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await rosa.hears(1);
    await rosa.writes("otra cosa");
    await world.admin.patch(`/conversations/${id}`, { status: "closed" });
    await rosa.writes("de nuevo yo");
    await until(async () => (await rosa.conversation()).id !== id);
    await settled();
    expect(rosa.heard()).toEqual(["¡Hola Customer!"]);
  });
});

describe("words of consent", () => {
  test.each([
    ["STOP", "Listo: no le enviaremos más publicidad. Si cambia de opinión, escriba ALTA."],
    ["  baja. ", "Listo: no le enviaremos más publicidad. Si cambia de opinión, escriba ALTA."],
    ["Sair!", "Listo: no le enviaremos más publicidad. Si cambia de opinión, escriba ALTA."],
  ])("%s takes the customer off, is confirmed once, and starts nothing", async (word, answer) => {
    const rule = await makeRule(world, { actions: [{ do: "reply", text: "eco" }] });
    const rosa = world.customer();
    await rosa.writes(word);
    await rosa.hears(1);
    await settled();
    expect(rosa.heard()).toEqual([answer]);
    expect((await contactOf(rosa)).optedOutAt).not.toBeNull();
    expect(await runsOf(world, { source: rule.id })).toEqual([]);
    expect(activityOf(await rosa.thread())[0]).toContain("does not want these messages any more");
    const { contact, unreadCount } = await rosa.conversation();
    expect(unreadCount).toBe(0);
    const timeline = await world.admin.data<{ kind: string; detail?: object }[]>(`/contacts/${contact.id}/timeline`);
    expect(JSON.stringify(timeline)).toContain('"source":"keyword"');
    await removeRule(world, rule.id);
  });

  test("ALTA brings back who had left; from anybody else it is a word like any other", async () => {
    const rosa = world.customer();
    await rosa.opens("alta");
    await settled();
    expect(rosa.heard()).toEqual([]);
    await rosa.writes("BAJA");
    await rosa.hears(1);
    await rosa.writes("Alta");
    await rosa.hears(2);
    expect(await contactOf(rosa)).toMatchObject({ optedOutAt: null, optedInAt: expect.any(String) });
    expect(rosa.heard()[1]).toContain("volverá a recibir");
  });

  test("a word inside a sentence is no word of consent; other words can be set", async () => {
    const rosa = world.customer();
    await rosa.opens("la prenda tiene una baja calidad");
    await settled();
    expect((await contactOf(rosa)).optedOutAt).toBeNull();
    await set("consent", { stopWords: ["no más"] });
    await rosa.writes("¡No mas!");
    await until(async () => (await contactOf(rosa)).optedOutAt !== null);
    await set("consent", { stopWords: ["stop", "baja", "sair"] });
  });

  test("the same message twice is heard once", async () => {
    const rosa = world.customer();
    const message = { from: rosa.from, id: `wamid.stop.${rosa.from}`, text: "stop" };
    await world.app.receive(message);
    await world.app.receive(message);
    await rosa.hears(1);
    await settled();
    expect(rosa.heard()).toHaveLength(1);
  });

  test("whoever wants nothing at all gets answers, and nothing that a rule begins", async () => {
    await set("consent", { scope: "all" });
    const rosa = world.customer();
    const { id } = await rosa.opens("stop");
    await rosa.hears(1);
    const begins = await makeRule(world, { event: "conversation:resolved", actions: [{ do: "reply", text: "¡vuelva pronto!" }] });
    const answers = await makeRule(world, { actions: [{ do: "reply", text: "ya le atendemos" }] });
    await rosa.writes("¿y mi pedido?");
    await rosa.hears(2);
    expect((await resolve(id)).status).toBe(200);
    const [run] = await ran(world, begins.id);
    expect(run?.outcomes[0]).toMatchObject({ state: "skipped" });
    expect(rosa.heard().slice(1)).toEqual(["ya le atendemos"]);
    await removeRule(world, begins.id);
    await removeRule(world, answers.id);
    await set("consent", { scope: "marketing" });
  });

  test("marketing is refused to them from then on", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens("stop");
    await rosa.hears(1);
    expect((await conversation(id)).status).toBe("open");
    expect((await contactOf(rosa)).optedOutAt).not.toBeNull();
  });
});

describe("customer satisfaction", () => {
  beforeAll(() => set("csat", { isEnabled: true, commentMinutes: 60, everyDays: 0 }));
  beforeEach(() => set("csat", { scale: 3 }));
  afterAll(() => set("csat", { isEnabled: false }));

  const press = (customer: Customer, id: string, wamid = `wamid.press.${customer.from}.${id}`) =>
    world.app.post({
      object: "whatsapp_business_account",
      entry: [
        {
          id: "330011223344556",
          changes: [
            {
              field: "messages",
              value: {
                messaging_product: "whatsapp",
                metadata: { display_phone_number: "5115550177", phone_number_id: NUMBER },
                contacts: [{ profile: { name: "Rosa" }, wa_id: customer.from }],
                messages: [
                  {
                    from: customer.from,
                    id: wamid,
                    timestamp: String(Math.floor(Date.now() / 1000)),
                    type: "interactive",
                    interactive: { type: "button_reply", button_reply: { id, title: "Buena" } },
                  },
                ],
              },
            },
          ],
        },
      ],
    });

  async function asked(customer: Customer): Promise<{ conversation: string; csat: string; message: MessageView }> {
    const { id } = await customer.opens("hola");
    await world.lucia.post(`/conversations/${id}/take`);
    await resolve(id);
    const message = await until(async () => (await customer.thread()).find(({ payload }) => payload.csat), {
      what: "the question",
    });
    return { conversation: id, csat: String(message.payload.csat), message };
  }
  const answerOf = async (id: string) => (await world.admin.data<CsatView[]>("/csat")).find((one) => one.id === id);

  test("asked by buttons when it is resolved, answered once, with the comment as the next message; nothing is reopened", async () => {
    const rule = await makeRule(world, {
      event: "csat:received",
      actions: [
        { do: "label", add: [] },
        { do: "note", text: "gracias" },
      ].slice(1),
    });
    using live = await world.live();
    const rosa = world.customer();
    const { conversation: id, csat, message } = await asked(rosa);
    expect(message).toMatchObject({ type: "interactive", content: "¿Cómo fue nuestra atención?" });
    expect((message.payload.buttons as { id: string }[]).map((one) => one.id)).toEqual(
      [3, 2, 1].map((score) => `csat:${csat}:${score}`),
    );
    await press(rosa, `csat:${csat}:3`);
    await live.waitFor(
      "the score",
      ({ event, data }) => event === "csat:received" && (data?.csat as CsatView | undefined)?.score === 3,
    );
    await press(rosa, `csat:${csat}:1`, "wamid.again");
    await until(() => rosa.heard().some((text) => text.includes("cuéntenos el motivo")));
    await rosa.writes("muy amables");
    await until(async () => (await answerOf(csat))?.comment === "muy amables");
    await until(() => rosa.heard().includes("Gracias por su comentario."));
    await settled();
    expect(await answerOf(csat)).toMatchObject({
      state: "answered",
      score: 3,
      scale: 3,
      agent: world.lucia.id,
      conversation: id,
    });
    expect(await conversation(id)).toMatchObject({ status: "resolved", unreadCount: 0 });
    // A rule hears of the score, not of the comment.
    expect(await runsOf(world, { source: rule.id })).toHaveLength(1);
    await removeRule(world, rule.id);
    await rosa.writes("otra consulta");
    await until(async () => (await conversation(id)).status !== "resolved");
  });

  test("five stars are a list, and a digit is an answer too", async () => {
    await set("csat", { scale: 5 });
    const rosa = world.customer();
    const { csat, message, conversation: id } = await asked(rosa);
    expect(message.payload.kind).toBe("list");
    await rosa.writes("4");
    await until(async () => (await answerOf(csat))?.score === 4);
    expect((await conversation(id)).status).toBe("resolved");
  });

  test("somebody else's survey cannot be answered, and a score that is not on the scale is none", async () => {
    const rosa = world.customer();
    const pedro = world.customer();
    const { csat } = await asked(rosa);
    await pedro.opens();
    await press(pedro, `csat:${csat}:1`);
    await press(rosa, `csat:${csat}:5`);
    await press(rosa, `csat:${"0".repeat(24)}:1`);
    await settled();
    expect(await answerOf(csat)).toMatchObject({ state: "asked", score: null });
  });

  test("not asked outside the window, and not again within the days", async () => {
    const old = world.customer();
    await world.app.receive({ from: old.from, id: `wamid.old.${old.from}`, text: "hola", at: Date.now() - 25 * 3_600_000 });
    const talk = await old.conversation();
    await resolve(talk.id);
    await set("csat", { everyDays: 7 });
    const rosa = world.customer();
    const { conversation: id } = await asked(rosa);
    await rosa.writes("una cosa más");
    await until(async () => (await conversation(id)).status === "assigned");
    await resolve(id);
    await settled();
    await set("csat", { everyDays: 0 });
    expect((await old.thread()).some(({ payload }) => payload.csat)).toBe(false);
    expect((await rosa.thread()).filter(({ payload }) => payload.csat)).toHaveLength(1);
  });

  test("the list is filtered", async () => {
    const all = await world.admin.data<CsatView[]>("/csat?state=answered");
    expect(all.length).toBeGreaterThan(1);
    expect((await world.admin.data<CsatView[]>("/csat?score=4")).every(({ score }) => score === 4)).toBe(true);
    expect((await world.lucia.get("/csat")).status).toBe(403);
    expect(await world.admin.data<CsatView[]>("/csat?from=2099-01-01T00:00:00Z")).toEqual([]);
  });
});
