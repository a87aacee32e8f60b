/** Macros by agents, opening hours over REST, promises in the list, and the assistant that rests: each effect on the phone, in the thread or in an answer. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView } from "../../../src/events/view";
import type { RunView } from "../../../src/features/automation-actions/automation-run.service";
import type { HoursView } from "../../../src/features/business-hours/business-hours.schema";
import type { MacroView } from "../../../src/features/macros/macro.schema";
import { hire, makeRole, makeTeam } from "../../helpers/people";
import { until } from "../../helpers/until";
import { activityOf, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";
import { settled } from "./automation-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
  await world.admin.post("/labels", { name: "vip" });
});
afterAll(() => world[Symbol.asyncDispose]());

const macro = {
  name: "Atender",
  actions: [{ do: "take" }, { do: "reply", text: "Soy {{agent.first_name}}" }, { do: "label", add: ["vip"] }],
};

describe("macros", () => {
  test("run on many at once, in the agent's name: each customer hears it, each thread says so", async () => {
    const { id } = (await world.lucia.post<MacroView>("/macros", macro)).body.data;
    const [rosa, pedro] = [world.customer(), world.customer()];
    const talks = [await rosa.opens(), await pedro.opens()];
    const conversations = talks.map((one) => one.id);
    const run = await world.lucia.post<RunView[]>(`/macros/${id}/run`, { conversations }, { "idempotency-key": "macro-key-1" });
    expect(run.body.data.map(({ state, by }) => [state, by])).toEqual([
      ["done", "Lucia"],
      ["done", "Lucia"],
    ]);
    await rosa.hears(1);
    await pedro.hears(1);
    expect([...rosa.heard(), ...pedro.heard()]).toEqual(["Soy Lucia", "Soy Lucia"]);
    for (const one of conversations)
      expect(await world.admin.data<ConversationView>(`/conversations/${one}`)).toMatchObject({
        assignedAgent: world.lucia.id,
        labels: ["vip"],
      });
    expect(activityOf(await rosa.thread())).toContain('Lucia ran "Atender": take, reply, label');
    // The same key again: nothing is repeated.
    await world.lucia.post(`/macros/${id}/run`, { conversations }, { "idempotency-key": "macro-key-1" });
    await settled();
    expect(rosa.heard()).toHaveLength(1);
  });

  test("one's own is nobody else's; of a team and of everybody only whoever manages automation makes them", async () => {
    const own = (await world.lucia.post<MacroView>("/macros", { ...macro, name: "Mía" })).body.data;
    expect((await world.pedro.get(`/macros/${own.id}`)).status).toBe(404);
    expect((await world.lucia.post("/macros", { ...macro, visibility: "all" })).status).toBe(403);
    const webhook = [{ do: "webhook", url: "https://example.com/x" }];
    expect((await world.lucia.post("/macros", { name: "x", actions: webhook })).status).toBe(403);
    const team = await makeTeam(world.app, "Ventas");
    const member = await hire(world.app, { email: "ventas@example.com", role: "agent", teams: [team] });
    const ofTeam = (await world.admin.post<MacroView>("/macros", { ...macro, name: "Equipo", visibility: "team", teams: [team] }))
      .body.data;
    expect((await world.pedro.get(`/macros/${ofTeam.id}`)).status).toBe(404);
    expect((await member.api.get(`/macros/${ofTeam.id}`)).status).toBe(200);
    expect((await member.api.patch(`/macros/${ofTeam.id}`, { name: "x" })).status).toBe(403);
    expect((await world.lucia.patch(`/macros/${own.id}`, { visibility: "all" })).status).toBe(403);
  });

  test("it may do no more than whoever runs it, and reaches no further", async () => {
    await makeRole(world.app, { name: "reader", permissions: ["conversations.read", "conversations.write"], reach: "own" });
    const reader = await hire(world.app, { email: "reader@example.com", role: "reader" });
    const all = (await world.admin.post<MacroView>("/macros", { ...macro, name: "Todos", visibility: "all" })).body.data;
    const rosa = world.customer();
    const { id } = await rosa.opens();
    expect((await reader.api.post(`/macros/${all.id}/run`, { conversations: [id] })).status).toBe(404);
    await world.admin.put(`/conversations/${id}/participants/${reader.id}`);
    const run = await reader.api.post<RunView[]>(`/macros/${all.id}/run`, { conversations: [id] });
    expect(run.body.data[0]?.outcomes.map((one) => [one.do, one.state])).toEqual([
      ["take", "failed"],
      ["reply", "failed"],
      ["label", "done"],
    ]);
    await settled();
    expect(rosa.heard()).toEqual([]);
  });
});

describe("opening hours over REST", () => {
  const week = [[], ...Array(5).fill([{ from: "09:00", to: "18:00" }]), []];

  test("created, asked, changed with a version, removed", async () => {
    const made = await world.admin.post<HoursView>("/business-hours", {
      name: "Lima",
      zone: "America/Lima",
      week,
      holidays: [{ date: "12-25", name: "Navidad" }],
      channels: ["1"],
    });
    const { id, version } = made.body.data;
    const ask = (at: string) => world.lucia.data(`/business-hours/${id}/status?at=${encodeURIComponent(at)}`);
    expect(await ask("2026-11-27T15:00:00Z")).toEqual({ isOpen: true, opensAt: null });
    expect(await ask("2026-11-28T15:00:00Z")).toEqual({ isOpen: false, opensAt: "2026-11-30T14:00:00.000Z" });
    expect(await ask("2026-12-25T15:00:00Z")).toEqual({ isOpen: false, opensAt: "2026-12-28T14:00:00.000Z" });
    expect((await world.admin.patch(`/business-hours/${id}`, { name: "Perú", version })).status).toBe(200);
    expect((await world.admin.patch(`/business-hours/${id}`, { name: "tarde", version })).body.code).toBe("request.stale");
    expect((await world.admin.post("/business-hours", { name: "x", zone: "UTC", week, channels: ["1"] })).body.code).toBe(
      "business-hours.taken",
    );
    expect((await world.lucia.delete(`/business-hours/${id}`)).status).toBe(403);
    expect((await world.admin.delete(`/business-hours/${id}`)).status).toBe(200);
    expect((await world.admin.get(`/business-hours/${id}`)).body.code).toBe("business-hours.not-found");
  });

  test.each([
    [{ zone: "Lima" }],
    [{ week: week.slice(1) }],
    [{ week: Array(7).fill([{ from: "9:00", to: "18:00" }]) }],
    [{ week: Array(7).fill([{ from: "09:00", to: "25:00" }]) }],
    [{ holidays: [{ date: "2026-13-01" }] }],
  ])("%j is refused", async (wrong) => {
    expect((await world.admin.post("/business-hours", { name: "x", zone: "UTC", week, ...wrong })).status).toBe(422);
  });
});

test("the list by what is due first, and only what is overdue", async () => {
  const made = await world.admin.post<{ id: string }>("/sla-policies", { name: "P", firstReply: 60, inBusinessHours: false });
  const first = await world.customer().opens();
  const second = await world.customer().opens();
  await world.admin.post("/sla-policies", {
    name: "U",
    order: 0,
    match: { priorities: ["urgent"] },
    firstReply: 1,
    inBusinessHours: false,
  });
  await world.lucia.patch(`/conversations/${second.id}`, { priority: "urgent" });
  await until(async () => {
    const list = await world.lucia.data<ConversationView[]>("/conversations?sort=sla");
    return list[0]?.id === second.id && list[1]?.id === first.id;
  });
  expect(await world.lucia.data<ConversationView[]>("/conversations?sla=breached")).toEqual([]);
  expect((await world.lucia.get("/conversations?sla=never")).status).toBe(422);
  await world.admin.delete(`/sla-policies/${made.body.data.id}`);
});

test("outside opening hours the assistant rests when it should: the away message is the answer, and people see who waits", async () => {
  await using own = await openInboxWorld({ env: { ASSISTANT: "auto" } });
  await own.admin.post("/business-hours", { name: "Nie", zone: "UTC", week: Array(7).fill([]), isDefault: true });
  const set = async (values: object) => {
    const { version } = await own.admin.data<{ version: number }>("/settings/away");
    expect((await own.admin.patch("/settings/away", { version, values })).status).toBe(200);
  };
  await set({ isEnabled: true, assistant: "rests", texts: [{ channel: null, language: null, text: "cerrado" }] });
  const rosa = own.customer();
  await rosa.opens("hola");
  await rosa.hears(1);
  await settled();
  expect(rosa.heard()).toEqual(["cerrado"]);
  expect(await rosa.conversation()).toMatchObject({ status: "open", isAIEnabled: true });
  await set({ assistant: "answers" });
  await rosa.writes("¿hola?");
  await rosa.hears(2);
  expect(rosa.heard()[1]).not.toBe("cerrado");
});
