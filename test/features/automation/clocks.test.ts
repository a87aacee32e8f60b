/** What happens when time passes: promised service, silence, the end by itself. The clock is the test's; effects are looked for live, in the thread and on the phone. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { SlaEventView } from "../../../src/events/automation-view";
import type { ConversationView } from "../../../src/events/view";
import type { PolicyView, SlaStateView } from "../../../src/features/sla/sla.schema";
import { breathe, ManualClock, untilAdvancing } from "../../helpers/manual-clock";
import { activityOf, type Customer, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";
import { makeRule, removeRule, runsOf } from "./automation-world";

setDefaultTimeout(60_000);

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** A Friday, ten in the morning in Lima. */
const FRIDAY = Date.parse("2026-11-27T15:00:00Z");
const office = [{ from: "09:00", to: "18:00" }];

let clock: ManualClock;
let world: InboxWorld;
let nth = 0;

beforeAll(async () => {
  clock = new ManualClock(FRIDAY);
  world = await openInboxWorld({ clock, env: { ACCESS_TOKEN_TTL: "30d" } });
  await world.admin.post("/labels", { name: "vip" });
  await world.admin.post("/business-hours", {
    name: "Oficina",
    zone: "America/Lima",
    week: [[], office, office, office, office, office, []],
    isDefault: true,
  });
});
afterAll(() => world[Symbol.asyncDispose]());

/** Writes now by the clock of the test, and waits until everybody has dealt with it. */
async function writes(customer: Customer, text = "hola"): Promise<ConversationView> {
  await world.app.receive({ from: customer.from, id: `wamid.clock.${++nth}`, text, at: clock.now() });
  const conversation = await untilAdvancing(clock, () => customer.conversation(), { step: 10 });
  await settle();
  return conversation;
}

/** Lets what has been set in motion come to its end: half a second of the test's clock. */
async function settle(): Promise<void> {
  for (let round = 0; round < 25; round++) {
    clock.advance(20);
    await breathe(20, 6);
  }
}

/** Lets time pass, in steps in which everything that is due gets its turn. */
async function pass(ms: number): Promise<void> {
  clock.advance(ms);
  await settle();
}

const read = (id: string) => world.admin.data<ConversationView>(`/conversations/${id}`);
const clocks = async (id: string) => (await world.admin.data<SlaStateView | null>(`/conversations/${id}/sla`))?.clocks ?? [];
const act = async (id: string, ...actions: object[]) => {
  expect((await world.lucia.post(`/conversations/${id}/actions`, { actions })).status).toBe(200);
  await settle();
};
const answer = async (id: string, text = "respuesta") => {
  expect((await world.lucia.post(`/conversations/${id}/messages`, { text })).status).toBe(200);
  await settle();
};

async function policy(fields: object): Promise<PolicyView> {
  const made = await world.admin.post<PolicyView>("/sla-policies", { name: "Promesa", ...fields });
  if (made.status !== 200) throw new Error(JSON.stringify(made.body));
  return made.body.data;
}
const removePolicies = async () => {
  for (const { id } of await world.admin.data<PolicyView[]>("/sla-policies")) await world.admin.delete(`/sla-policies/${id}`);
  await settle();
};

describe("promised service", () => {
  test("the first reply: warned, broken, told live and in the thread once; the next one is kept", async () => {
    await policy({ firstReply: 60, nextReply: 30, warnPercent: 50 });
    using live = await world.live();
    const heard = (event: string, id: string) =>
      live.events().filter((one) => one.event === event && (one.data as unknown as SlaEventView).conversation === id);
    const rosa = world.customer();
    const { id } = await writes(rosa);
    expect((await read(id)).sla).toMatchObject({ target: "first-reply", state: "running" });
    expect(Date.parse((await read(id)).sla?.dueAt ?? "") - clock.now()).toBeWithin(59 * MINUTE, HOUR + 1);
    await pass(31 * MINUTE);
    await live.settle();
    expect(heard("sla:warned", id)).toHaveLength(1);
    expect((await read(id)).sla?.state).toBe("warned");
    await pass(30 * MINUTE);
    await live.settle();
    expect(heard("sla:breached", id)).toHaveLength(1);
    expect((await read(id)).sla?.state).toBe("breached");
    await pass(HOUR);
    expect(activityOf(await rosa.thread()).filter((line) => line.startsWith("First reply is overdue"))).toHaveLength(1);
    await answer(id);
    expect((await clocks(id)).map(({ target }) => target)).toEqual(["resolution"]);
    await writes(rosa, "¿y ahora?");
    expect((await read(id)).sla).toMatchObject({ target: "next-reply", state: "running" });
    await answer(id);
    await live.settle();
    expect(heard("sla:met", id).map(({ data }) => (data as unknown as SlaEventView).target)).toEqual(["next-reply"]);
    expect(heard("sla:breached", id)).toHaveLength(1);
    await removePolicies();
  });

  test("only open hours count: what is promised on Friday evening is due on Monday", async () => {
    clock.setWall(Date.parse("2026-11-27T22:30:00Z"));
    await policy({ firstReply: 60 });
    const { id } = await writes(world.customer());
    const due = Date.parse((await read(id)).sla?.dueAt ?? "");
    // Half an hour on Friday until 18:00 in Lima, half an hour on Monday from 09:00.
    expect(due - Date.parse("2026-11-30T14:30:00Z")).toBeWithin(-1_000, 30_000);
    await removePolicies();
    const { id: other } = await writes(world.customer());
    expect((await read(other)).sla).toBeNull();
  });

  test("another priority or label is another promise, from the same beginning; without one nothing is due", async () => {
    clock.setWall(FRIDAY);
    await policy({ name: "Urgente", match: { priorities: ["urgent"] }, firstReply: 10, inBusinessHours: false });
    await policy({ name: "VIP", match: { labels: ["vip"] }, firstReply: 100, inBusinessHours: false });
    const { id } = await writes(world.customer());
    expect((await read(id)).sla).toBeNull();
    const due = async () => Date.parse((await read(id)).sla?.dueAt ?? "") - FRIDAY;
    await act(id, { do: "label", add: ["vip"] });
    expect(await due()).toBeWithin(100 * MINUTE, 100 * MINUTE + 30_000);
    await pass(5 * MINUTE);
    await act(id, { do: "priority", priority: "urgent" });
    expect(await due()).toBeWithin(10 * MINUTE, 10 * MINUTE + 30_000);
    await pass(6 * MINUTE);
    expect((await read(id)).sla).toMatchObject({ state: "breached" });
    await act(id, { do: "priority", priority: "normal" }, { do: "label", remove: ["vip"] });
    expect((await read(id)).sla).toBeNull();
    await removePolicies();
  });

  test("a rule hears of a promise that is in danger, broken and kept", async () => {
    clock.setWall(FRIDAY);
    await policy({ firstReply: 60, warnPercent: 50, inBusinessHours: false });
    const rules = await Promise.all([
      makeRule(world, { event: "sla:warned", actions: [{ do: "priority", priority: "high" }] }),
      makeRule(world, { event: "sla:breached", actions: [{ do: "reply", text: "perdón por la espera" }] }),
      makeRule(world, { event: "sla:met", actions: [{ do: "label", add: ["vip"] }] }),
    ]);
    const [late, soon] = [world.customer(), world.customer()];
    const { id } = await writes(late);
    const { id: other } = await writes(soon);
    await answer(other, "enseguida");
    await pass(31 * MINUTE);
    expect((await read(id)).priority).toBe("high");
    expect(late.heard()).toEqual([]);
    await pass(30 * MINUTE);
    expect(late.heard()).toEqual(["perdón por la espera"]);
    expect((await read(other)).labels).toEqual(["vip"]);
    expect(soon.heard()).toEqual(["enseguida"]);
    for (const rule of rules) await removeRule(world, rule.id);
    await removePolicies();
  });

  test("a snooze stops the clocks, resolving ends them, a customer who comes back starts them anew", async () => {
    clock.setWall(FRIDAY);
    await policy({ resolution: 120, inBusinessHours: false });
    using live = await world.live();
    const rosa = world.customer();
    const { id } = await writes(rosa);
    await pass(30 * MINUTE);
    await act(id, { do: "snooze", until: new Date(clock.now() + 10 * HOUR).toISOString() });
    expect((await read(id)).sla).toMatchObject({ target: "resolution", state: "paused", dueAt: null });
    await pass(5 * HOUR);
    await writes(rosa, "ya volví");
    const left = Date.parse((await read(id)).sla?.dueAt ?? "") - clock.now();
    expect(left).toBeWithin(88 * MINUTE, 90 * MINUTE + 1);
    await act(id, { do: "status", status: "resolved" });
    expect((await read(id)).sla).toBeNull();
    await live.settle();
    expect(live.events().filter(({ event }) => event === "sla:met")).toHaveLength(1);
    await writes(rosa, "otra vez");
    expect(Date.parse((await read(id)).sla?.dueAt ?? "") - clock.now()).toBeWithin(119 * MINUTE, 120 * MINUTE + 1);
    await removePolicies();
  });

  test("longer hours or another policy set the clocks anew; a restart forgets nothing", async () => {
    await using own = await openInboxWorld({ clock, env: { ACCESS_TOKEN_TTL: "30d" } });
    const before = world;
    world = own;
    const { id: promise, version } = await policy({ firstReply: 60, inBusinessHours: false });
    const rosa = own.customer();
    const { id } = await writes(rosa);
    const first = Date.parse((await read(id)).sla?.dueAt ?? "");
    await own.admin.patch(`/sla-policies/${promise}`, { firstReply: 90, version });
    await settle();
    expect(Date.parse((await read(id)).sla?.dueAt ?? "") - first).toBe(30 * MINUTE);
    await own.app.stop();
    clock.advance(2 * HOUR);
    await using again = await openInboxWorld({ dataDir: own.dataDir, clock, env: { ACCESS_TOKEN_TTL: "30d" } });
    world = again;
    await settle();
    expect((await read(id)).sla).toMatchObject({ state: "breached" });
    world = before;
  });
});

describe("silence", () => {
  test("a customer who does not answer is asked once; one who does is left alone", async () => {
    clock.setWall(FRIDAY);
    const rule = await makeRule(world, {
      event: "silence:customer",
      minutes: 30,
      actions: [{ do: "reply", text: "¿sigue ahí?" }],
    });
    const rosa = world.customer();
    const pedro = world.customer();
    const { id } = await writes(rosa);
    await answer(id);
    const { id: other } = await writes(pedro);
    await answer(other);
    await pass(20 * MINUTE);
    await writes(pedro, "aquí estoy");
    await pass(11 * MINUTE);
    expect(rosa.heard()).toEqual(["respuesta", "¿sigue ahí?"]);
    await pass(2 * HOUR);
    expect(rosa.heard()).toEqual(["respuesta", "¿sigue ahí?"]);
    expect(pedro.heard()).toEqual(["respuesta"]);
    await removeRule(world, rule.id);
  });

  test("a team that does not answer: counted from the first message, in open hours", async () => {
    clock.setWall(Date.parse("2026-11-27T22:30:00Z"));
    const rule = await makeRule(world, { event: "silence:team", minutes: 60, actions: [{ do: "priority", priority: "high" }] });
    await world.admin.patch(`/automation-rules/${rule.id}`, {
      trigger: { event: "silence:team", minutes: 60, inBusinessHours: true },
    });
    const rosa = world.customer();
    const { id } = await writes(rosa);
    await pass(3 * HOUR);
    expect((await read(id)).priority).toBe("normal");
    await writes(rosa, "¿hola?");
    clock.setWall(Date.parse("2026-11-30T14:29:00Z"));
    await pass(30_000);
    expect((await read(id)).priority).toBe("normal");
    await pass(2 * MINUTE);
    expect((await read(id)).priority).toBe("high");
    expect(await runsOf(world, { source: rule.id })).toHaveLength(1);
    await removeRule(world, rule.id);
  });
});

describe("the end by itself", () => {
  const set = async (values: object) => {
    const { version } = await world.admin.data<{ version: number }>("/settings/auto-close");
    expect((await world.admin.patch("/settings/auto-close", { version, values })).status).toBe(200);
    await settle();
  };
  const text = (said: string) => [{ channel: null, language: null, text: said }];

  test("warned, then resolved; whoever writes, or waits for us, keeps it open; those that were silent before count too", async () => {
    clock.setWall(FRIDAY);
    const early = world.customer();
    const { id: silent } = await writes(early);
    await answer(silent);
    await set({ isEnabled: true, hours: 10, warnHours: 2, warnTexts: text("¿seguimos?"), closeTexts: text("cerramos") });
    const [rosa, pedro, waiting] = [world.customer(), world.customer(), world.customer()];
    const { id } = await writes(rosa);
    await answer(id);
    const { id: other } = await writes(pedro);
    await answer(other);
    const { id: unanswered } = await writes(waiting);
    await pass(8 * HOUR + MINUTE);
    expect(rosa.heard().at(-1)).toBe("¿seguimos?");
    await writes(pedro, "sí");
    await pass(2 * HOUR);
    expect(rosa.heard()).toEqual(["respuesta", "¿seguimos?", "cerramos"]);
    expect(await read(id)).toMatchObject({ status: "resolved" });
    expect((await read(silent)).status).toBe("resolved");
    expect((await read(other)).status).toBe("assigned");
    expect((await read(unanswered)).status).toBe("open");
    expect(activityOf(await rosa.thread())[0]).toBe("Automatic end resolved it");
    await set({ isEnabled: false });
  });

  test("a warning after the end makes no sense", async () => {
    const { version } = await world.admin.data<{ version: number }>("/settings/auto-close");
    const answer = await world.admin.patch("/settings/auto-close", { version, values: { hours: 2, warnHours: 3 } });
    expect(answer.status).toBe(422);
  });
});
