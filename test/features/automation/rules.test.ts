/** Rules: each event starts what it should, each action reaches the customer, the thread or a live socket, and none is repeated. */
import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView } from "../../../src/events/view";
import type { RuleTestView, RuleView } from "../../../src/features/automation-rules/automation-rule.schema";
import { makeTeam } from "../../helpers/people";
import { until } from "../../helpers/until";
import { activityOf, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";
import { makeRule, ran, removeRule, runsOf, settled } from "./automation-world";

setDefaultTimeout(30_000);

let world: InboxWorld;
let team: string;
const hooks: { headers: Headers; body: Record<string, unknown> }[] = [];
const hook = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  async fetch(request) {
    hooks.push({ headers: request.headers, body: (await request.json()) as Record<string, unknown> });
    return new Response("thanks");
  },
});

beforeAll(async () => {
  world = await openInboxWorld({ env: { ALLOW_PRIVATE_URLS: `127.0.0.1:${hook.port}` } });
  for (const name of ["vip", "queja"]) await world.admin.post("/labels", { name });
  await world.admin.post("/attributes", { key: "city", name: "City", type: "text" });
  await world.admin.post("/attributes", { key: "orders", name: "Orders", type: "number" });
  team = await makeTeam(world.app, "Ventas");
  await removeAll();
});
const removeAll = async () => {
  for (const { id } of await world.admin.data<RuleView[]>("/automation-rules")) await removeRule(world, id);
};
afterEach(removeAll);
afterAll(async () => {
  await world[Symbol.asyncDispose]();
  await hook.stop(true);
});

describe("each action", () => {
  test("a reply reaches the phone, with its variables filled, and takes the conversation over from nobody", async () => {
    const rule = await makeRule(world, { actions: [{ do: "reply", text: "Hola {{contact.name|cliente}}, recibido" }] });
    const rosa = world.customer();
    const { id } = await rosa.opens("buenas");
    await rosa.hears(1);
    expect(rosa.heard()[0]).toMatch(/^Hola Customer \d+, recibido$/);
    const [run] = await ran(world, rule.id);
    expect(run).toMatchObject({ state: "done", event: "message:received", outcomes: [{ do: "reply", state: "done" }] });
    const thread = await rosa.thread();
    expect(thread.find(({ direction, private: note }) => direction === "outbound" && !note)).toMatchObject({
      role: "system",
      rule: { id: rule.id, name: rule.name },
      delivery: { state: expect.stringMatching(/^(sent|delivered|read)$/) },
    });
    expect(await world.admin.data<ConversationView>(`/conversations/${id}`)).toMatchObject({
      assignedAgent: null,
      status: "open",
    });
  });

  test("everything that changes a conversation, told live in order", async () => {
    const rule = await makeRule(world, {
      actions: [
        { do: "label", add: ["vip"] },
        { do: "transfer", team },
        { do: "assign", agent: world.lucia.id },
        { do: "priority", priority: "urgent" },
        { do: "follow", agent: world.pedro.id },
        { do: "note", text: "mirar {{contact.name}}", mentions: [world.pedro.id] },
      ],
    });
    using live = await world.live();
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await ran(world, rule.id);
    expect(await world.admin.data<ConversationView>(`/conversations/${id}`)).toMatchObject({
      labels: ["vip"],
      team,
      assignedAgent: world.lucia.id,
      priority: "urgent",
      participants: [world.pedro.id],
    });
    const seen = () =>
      live
        .events()
        .flatMap(({ event, data }) =>
          event === "conversation:updated" && (data?.conversation as ConversationView | undefined)?.id === id
            ? [data?.conversation as ConversationView]
            : [],
        );
    await live.waitFor("the assignment", ({ event, data }) => event === "assignment:new" && data?.agent === world.lucia.id);
    await until(() => seen().some(({ priority }) => priority === "urgent"));
    expect(seen().findIndex(({ labels }) => labels.length > 0)).toBeLessThan(
      seen().findIndex((one) => one.priority === "urgent"),
    );
    const thread = await rosa.thread();
    expect(thread.find(({ type }) => type === "note")?.content).toMatch(/^mirar Customer/);
    expect(activityOf(thread).join("\n")).toContain(`${`Rule "${rule.name}"`} added vip`);
    expect(thread.find(({ payload }) => payload.kind === "rule")).toMatchObject({
      payload: { source: rule.id, name: rule.name },
    });
  });

  test.each([
    [[{ do: "status", status: "resolved" }], { status: "resolved" }],
    [[{ do: "snooze", minutes: 60 }], { status: "waiting", waitingFor: "snooze" }],
    [[{ do: "mute", on: true }], { isMuted: true }],
    [[{ do: "assistant", on: true }], { isAIEnabled: true }],
    [
      [
        { do: "label", add: ["vip", "queja"] },
        { do: "label", remove: ["vip"] },
      ],
      { labels: ["queja"] },
    ],
  ])("%j", async (actions, wanted) => {
    const rule = await makeRule(world, { actions });
    const { id } = await world.customer().opens();
    await ran(world, rule.id);
    expect(await world.admin.data<ConversationView>(`/conversations/${id}`)).toMatchObject(wanted as object);
  });

  test("an attribute and a label of the contact", async () => {
    const rule = await makeRule(world, {
      actions: [
        { do: "attribute", key: "city", value: "Puno" },
        { do: "contact-label", add: ["vip"] },
      ],
    });
    const { contact } = await world.customer().opens();
    await ran(world, rule.id);
    expect(await world.admin.data<ContactView>(`/contacts/${contact.id}`)).toMatchObject({
      attributes: { city: "Puno" },
      labels: ["vip"],
    });
  });

  test("a webhook is called with what has happened; one inside our own network is refused and told", async () => {
    hooks.length = 0;
    const url = `http://127.0.0.1:${hook.port}/in`;
    const rule = await makeRule(world, {
      actions: [
        { do: "webhook", url, headers: { "x-key": "k" } },
        { do: "webhook", url: "http://127.0.0.1:1/admin" },
        { do: "label", add: ["vip"] },
      ],
    });
    const { id } = await world.customer().opens("hola hook");
    const [run] = await ran(world, rule.id);
    expect(run?.outcomes.map(({ do: name, state }) => [name, state])).toEqual([
      ["webhook", "done"],
      ["webhook", "failed"],
      ["label", "done"],
    ]);
    expect(run?.state).toBe("failed");
    expect(hooks).toHaveLength(1);
    expect(hooks[0]?.headers.get("x-key")).toBe("k");
    expect(hooks[0]?.body).toMatchObject({ event: "message:received", source: rule.id, conversation: { id }, name: rule.name });
  });

  test("a file goes out by the same door, and why it cannot is told in the run", async () => {
    const rule = await makeRule(world, {
      actions: [{ do: "send", message: { type: "image", image: { mediaId: "0".repeat(24) } } }],
    });
    const rosa = world.customer();
    await rosa.opens();
    const [run] = await ran(world, rule.id);
    expect(run?.outcomes[0]).toMatchObject({ do: "send", state: "failed", detail: "This file does not exist." });
  });

  test("buttons reach the phone", async () => {
    const interactive = { kind: "buttons", body: "¿Qué busca?", buttons: [{ id: "a", title: "Telas" }] };
    await makeRule(world, { actions: [{ do: "send", message: { type: "interactive", interactive } }] });
    const rosa = world.customer();
    await rosa.opens();
    await rosa.hears(1);
    expect((await rosa.thread()).find(({ type }) => type === "interactive")).toMatchObject({ content: "¿Qué busca?" });
  });

  test("a mail without a mail server fails with the reason", async () => {
    const rule = await makeRule(world, { actions: [{ do: "mail", to: "a@example.com", subject: "x", text: "y" }] });
    await world.customer().opens();
    const [run] = await ran(world, rule.id);
    expect(run?.outcomes[0]).toMatchObject({ state: "failed", detail: expect.stringContaining("SMTP_URL") });
  });
});

describe("each event", () => {
  const act = (id: string, ...actions: object[]) => world.lucia.post(`/conversations/${id}/actions`, { actions });

  test.each([
    ["conversation:created", async () => {}],
    ["conversation:updated", (id: string) => act(id, { do: "priority", priority: "high" })],
    ["conversation:assigned", (id: string) => act(id, { do: "take" })],
    ["conversation:resolved", (id: string) => act(id, { do: "status", status: "resolved" })],
    ["label:added", (id: string) => act(id, { do: "label", add: ["vip"] })],
    ["message:sent", (id: string) => world.lucia.post(`/conversations/${id}/messages`, { text: "hola" })],
    [
      "contact:updated",
      async (id: string) => {
        const { contact } = await world.admin.data<ConversationView>(`/conversations/${id}`);
        return world.lucia.patch(`/contacts/${contact.id}`, { company: "Telares" });
      },
    ],
  ] as const)("%s starts a rule, once", async (event, happens) => {
    const rosa = world.customer();
    const early = event === "conversation:created" ? await makeRule(world, { event }) : null;
    const { id } = await rosa.opens();
    await settled();
    const rule = early ?? (await makeRule(world, { event }));
    await happens(id);
    await ran(world, rule.id);
    await settled();
    expect((await runsOf(world, { source: rule.id })).map(({ conversation, event }) => [conversation, event])).toEqual([
      [id, event],
    ]);
    expect((await rosa.thread()).filter(({ type }) => type === "note")).toHaveLength(1);
  });

  test("reopened by the customer, and woken when a snooze ends", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    const reopened = await makeRule(world, { event: "conversation:reopened" });
    const woken = await makeRule(world, { event: "conversation:woken" });
    await act(id, { do: "status", status: "resolved" });
    await rosa.writes("otra cosa");
    await ran(world, reopened.id);
    await act(id, { do: "snooze", until: new Date(Date.now() + 300).toISOString() });
    await ran(world, woken.id);
    expect(await runsOf(world, { source: reopened.id })).toHaveLength(1);
    expect(await runsOf(world, { source: woken.id })).toHaveLength(1);
  });

  test("passed from the assistant to the people", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await act(id, { do: "assistant", on: true });
    const rule = await makeRule(world, { event: "conversation:handed-over" });
    await act(id, { do: "assistant", on: false });
    await ran(world, rule.id);
  });

  test("what is muted, a reaction and a note start nothing", async () => {
    const rosa = world.customer();
    const { id } = await rosa.opens();
    await world.admin.post(`/conversations/${id}/actions`, { actions: [{ do: "mute", on: true }] });
    const rule = await makeRule(world, {});
    await rosa.writes("¿hola?");
    await world.lucia.post(`/conversations/${id}/notes`, { text: "nota" });
    await settled();
    expect(await runsOf(world, { source: rule.id })).toEqual([]);
  });
});

describe("conditions", () => {
  const cases: [string, object, string, boolean][] = [
    [
      "a word, whatever its case and accents",
      { field: "message.text", is: "has-word", value: ["urgente", "reclamación"] },
      "RECLAMACION ya",
      true,
    ],
    ["not a part of a word", { field: "message.text", is: "has-word", value: "sol" }, "consola", false],
    ["a part of the text", { field: "message.text", is: "contains", value: "sol" }, "consola", true],
    ["hours without a schedule are open", { field: "hours.open", is: "equals", value: true }, "x", true],
    ["a choice of several", { field: "conversation.priority", is: "equals", value: ["high", "normal"] }, "x", true],
    ["a number", { field: "conversation.customerMessages", is: "above", value: 1 }, "x", false],
    ["a list", { field: "conversation.labels", is: "has-none", value: ["vip"] }, "x", true],
    ["nobody has it", { field: "conversation.agent", is: "unset" }, "x", true],
    ["an attribute that is not there", { field: "contact.attributes.orders", is: "above", value: 3 }, "x", false],
    ["a date", { field: "contact.createdAt", is: "within-days", value: 1 }, "x", true],
  ];
  test.each(cases)("%s", async (_, check, text, matches) => {
    const rule = await makeRule(world, { conditions: { all: [check] } });
    const { id } = await world.customer().opens(text);
    const tried = await world.admin.post<RuleTestView>(`/automation-rules/${rule.id}/test`, { conversation: id });
    expect(tried.body.data).toMatchObject({ matched: matches, checks: [{ ...check, holds: matches }] });
    if (matches) await ran(world, rule.id);
    else {
      await settled();
      expect(await runsOf(world, { source: rule.id })).toEqual([]);
    }
  });

  test("groups: all of these, and any of those", async () => {
    const conditions = {
      all: [
        { field: "message.text", is: "contains", value: "precio" },
        {
          any: [
            { field: "contact.labels", is: "has-any", value: ["vip"] },
            { field: "message.text", is: "starts-with", value: "hola" },
          ],
        },
      ],
    };
    const rosa = world.customer();
    const { id } = await rosa.opens("Hola, ¿precio?");
    const other = await world.customer().opens("¿precio?");
    const tried = (conversation: string) =>
      world.admin.post<RuleTestView>("/automation-rules/test", { conversation, conditions });
    expect((await tried(id)).body.data.matched).toBe(true);
    expect((await tried(other.id)).body.data).toMatchObject({
      matched: false,
      checks: [{ holds: true }, { holds: false }, { holds: false }],
    });
    await settled();
    expect(await runsOf(world, { conversation: id })).toEqual([]);
  });

  test.each([
    [{ field: "contact.shoe", is: "equals", value: "x" }],
    [{ field: "message.text", is: "above", value: 3 }],
    [{ field: "conversation.unread", is: "above", value: "many" }],
    [{ field: "hours.open", is: "equals", value: "yes" }],
    [{ field: "contact.attributes.unheard", is: "set" }],
    [{ field: "message.text", is: "equals" }],
    [{ field: "__proto__", is: "set" }],
  ])("%j is refused with its place", async (check) => {
    const answer = await world.admin.post<unknown>("/automation-rules", {
      name: "x",
      trigger: { event: "message:received" },
      conditions: { all: [check] },
      actions: [{ do: "note", text: "x" }],
    });
    expect(answer.status).toBe(422);
    expect(JSON.stringify(answer.body)).toContain("body.conditions.all.0");
  });
});

describe("order, limits and loops", () => {
  test("in their order; one that stops keeps the rest from their turn", async () => {
    const first = await makeRule(world, { stops: true, actions: [{ do: "label", add: ["vip"] }] });
    const second = await makeRule(world, { actions: [{ do: "label", add: ["queja"] }] });
    const one = await world.customer().opens();
    await ran(world, first.id);
    await settled();
    expect((await world.admin.data<ConversationView>(`/conversations/${one.id}`)).labels).toEqual(["vip"]);
    await world.admin.post("/automation-rules/order", { rules: [second.id, first.id] });
    const two = await world.customer().opens();
    await ran(world, second.id);
    await ran(world, first.id, 2);
    expect((await world.admin.data<ConversationView>(`/conversations/${two.id}`)).labels).toEqual(["queja", "vip"]);
  });

  test("a rule is not started by itself, and two rules do not start each other for ever", async () => {
    const high = { field: "conversation.priority", is: "equals", value: "high" };
    const low = { field: "conversation.priority", is: "equals", value: "low" };
    const up = await makeRule(world, {
      event: "conversation:updated",
      conditions: { any: [low] },
      actions: [{ do: "priority", priority: "high" }],
    });
    const down = await makeRule(world, {
      event: "conversation:updated",
      conditions: { any: [high] },
      actions: [{ do: "priority", priority: "low" }],
    });
    const { id } = await world.customer().opens();
    await world.lucia.patch(`/conversations/${id}`, { priority: "low" });
    await ran(world, down.id);
    await settled();
    expect(await runsOf(world, { source: up.id })).toHaveLength(1);
    expect(await runsOf(world, { source: down.id })).toHaveLength(1);
  });

  test("not more often than its limit; what was left out is told once", async () => {
    const rule = await makeRule(world, { limit: { times: 2, minutes: 60 }, actions: [{ do: "reply", text: "eco" }] });
    const rosa = world.customer();
    for (let index = 0; index < 5; index++) {
      await rosa.opens(`mensaje ${index}`);
      await settled();
    }
    expect(rosa.heard()).toEqual(["eco", "eco"]);
    expect((await runsOf(world, { source: rule.id })).map(({ state }) => state).sort()).toEqual(["done", "done", "skipped"]);
  });

  test("disabled, it does nothing; enabled again, it does", async () => {
    const rule = await makeRule(world, { isEnabled: false });
    await world.customer().opens();
    await settled();
    expect(await runsOf(world, { source: rule.id })).toEqual([]);
    expect((await world.admin.patch(`/automation-rules/${rule.id}`, { isEnabled: true, version: 0 })).status).toBe(200);
    expect(await world.admin.patch(`/automation-rules/${rule.id}`, { name: "late", version: 0 })).toMatchObject({
      status: 409,
      body: { code: "request.stale", current: { version: 1 } },
    });
    await world.customer().opens();
    await ran(world, rule.id);
  });
});

describe("silence without its minutes, and minutes without silence", () => {
  test.each([[{ event: "silence:team" }], [{ event: "message:received", minutes: 5 }]])("%j is refused", async (trigger) => {
    const answer = await world.admin.post("/automation-rules", { name: "x", trigger, actions: [{ do: "note", text: "x" }] });
    expect(answer.status).toBe(422);
  });
});
