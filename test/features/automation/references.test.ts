/** Rules, macros, promises, schedules and settings name only what exists; what goes later is told, never swallowed. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { hire, makeTeam } from "../../helpers/people";
import { until } from "../../helpers/until";
import { activityOf, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";
import { makeRule, ran } from "./automation-world";

setDefaultTimeout(60_000);

interface Problem {
  kind: string;
  name: string;
  path: string;
  missing: { kind: string; id: string };
  message: string;
}

const NOBODY = "0".repeat(24);
let world: InboxWorld;
let team = "";

beforeAll(async () => {
  world = await openInboxWorld();
  team = await makeTeam(world.app, "Ventas");
  for (const name of ["vip", "reclamação"]) await world.admin.post("/labels", { name });
});
afterAll(() => world[Symbol.asyncDispose]());

const problems = () => world.admin.data<Problem[]>("/automation-problems");
const day = { name: "Oficina", zone: "America/Lima", week: Array(7).fill([]) };
const rule = (more: object) => ({
  name: "Regla",
  trigger: { event: "message:received" },
  actions: [{ do: "priority", priority: "high" }],
  ...more,
});
const when = (field: string, is: string, value: unknown) => rule({ conditions: { any: [{ all: [{ field, is, value }] }] } });
const then = (...actions: object[]) => rule({ actions });
const assignment = (values: object) => ({ version: 0, values });
const given = (more: object) => assignment({ rules: [{ name: "a", isActive: true, toAgent: world.lucia.id, ...more }] });

describe("what does not exist is refused, with its place", () => {
  test.each<[string, string, () => object, string, string]>([
    ["POST", "/automation-rules", () => then({ do: "transfer", team: NOBODY }), "actions.0.team", "team"],
    [
      "POST",
      "/automation-rules",
      () => then({ do: "mute", on: true }, { do: "assign", agent: NOBODY }),
      "actions.1.agent",
      "work here",
    ],
    ["POST", "/automation-rules", () => then({ do: "follow", agent: NOBODY }), "actions.0.agent", "work here"],
    ["POST", "/automation-rules", () => then({ do: "note", text: "a", mentions: [NOBODY] }), "actions.0.mentions.0", "work here"],
    ["POST", "/automation-rules", () => then({ do: "label", add: ["vip", "unheard"] }), "actions.0.add.1", "unheard"],
    ["POST", "/automation-rules", () => then({ do: "contact-label", remove: ["unheard"] }), "actions.0.remove.0", "unheard"],
    ["POST", "/automation-rules", () => then({ do: "attribute", key: "shoe", value: "1" }), "actions.0.key", "shoe"],
    [
      "POST",
      "/automation-rules",
      () => then({ do: "send", message: { type: "template", template: { name: "gone", language: "es" } } }),
      "actions.0.message.template",
      "gone/es",
    ],
    ["POST", "/automation-rules", () => when("conversation.team", "equals", NOBODY), "conditions.any.0.all.0.value", "team"],
    ["POST", "/automation-rules", () => when("before.agent", "not-equals", NOBODY), "conditions.any.0.all.0.value", "work here"],
    ["POST", "/automation-rules", () => when("event.labels", "has-any", ["vip", "no"]), "conditions.any.0.all.0.value", "no"],
    ["POST", "/macros", () => ({ name: "m", actions: [{ do: "label", add: ["unheard"] }] }), "actions.0.add.0", "unheard"],
    ["POST", "/macros", () => ({ name: "m", visibility: "team", teams: [NOBODY], actions: [{ do: "take" }] }), "teams.0", "team"],
    ["POST", "/sla-policies", () => ({ name: "p", firstReply: 5, match: { labels: ["unheard"] } }), "match.labels.0", "unheard"],
    ["POST", "/sla-policies", () => ({ name: "p", firstReply: 5, match: { teams: [NOBODY] } }), "match.teams.0", "team"],
    ["POST", "/business-hours", () => ({ ...day, teams: [NOBODY] }), "teams.0", "team"],
    ["POST", "/assistant/prompts", () => ({ name: "p", text: "Hola", teams: [NOBODY] }), "teams.0", "team"],
    ["PATCH", "/settings/assignment", () => given({ toTeam: NOBODY }), "values.rules.0.toTeam", "team"],
    ["PATCH", "/settings/assignment", () => given({ toAgent: NOBODY }), "values.rules.0.toAgent", "work here"],
    ["PATCH", "/settings/assignment", () => given({ labels: ["unheard"] }), "values.rules.0.labels.0", "unheard"],
    ["PATCH", "/settings/assignment", () => given({ teams: ["none", NOBODY] }), "values.rules.0.teams.1", "team"],
    ["PATCH", "/settings/assignment", () => assignment({ roles: ["agent", "captain"] }), "values.roles.1", "captain"],
    [
      "PATCH",
      "/settings/assignment",
      () => assignment({ teams: [{ team: NOBODY, strategy: "manual" }] }),
      "values.teams.0.team",
      "team",
    ],
  ])("%s %s (%#)", async (method, path, body, place, word) => {
    const answer = await world.admin.call(method, path, body());
    const { code, details = [], error } = answer.body as { code: string; details?: Problem[]; error: string };
    expect([answer.status, code]).toEqual([422, "request.invalid"]);
    expect(details.map((one) => one.path)).toEqual([`body.${place}`]);
    expect(details[0]?.message).toContain(word);
    expect(error.length).toBeGreaterThan(5);
  });

  test("a change is refused as a new one is, and nothing of it is stored", async () => {
    const made = await makeRule(world);
    const macro = (await world.lucia.post<{ id: string }>("/macros", { name: "m", actions: [{ do: "take" }] })).body.data;
    const wrong = { actions: [{ do: "transfer", team: NOBODY }] };
    for (const [path, by] of [
      [`/automation-rules/${made.id}`, world.admin],
      [`/macros/${macro.id}`, world.lucia],
    ] as const) {
      expect((await by.patch(path, wrong)).body.details).toMatchObject([{ path: "body.actions.0.team" }]);
      expect((await by.data<{ version: number }>(path)).version).toBe(0);
    }
    for (const path of [`/automation-rules/${made.id}`, `/macros/${macro.id}`])
      expect((await (path.includes("macros") ? world.lucia : world.admin).delete(path)).status).toBe(200);
  });

  test("what exists is taken, in whatever letters a condition says it", async () => {
    const made = await makeRule(world, {
      conditions: {
        all: [
          { field: "contact.labels", is: "has-any", value: ["VIP ", "vip"] },
          { field: "conversation.team", is: "equals", value: [team, ""] },
          { field: "conversation.agent", is: "set" },
        ],
      },
      actions: [{ do: "label", add: ["reclamação"] }],
    });
    expect((await world.admin.delete(`/automation-rules/${made.id}`)).status).toBe(200);
    expect(await problems()).toEqual([]);
  });
});

test("what goes later: the run says why it failed, the thread shows it, and everything that names it is listed", async () => {
  const own = await makeTeam(world.app, "Se va");
  const leaver = await hire(world.app, { email: "leaver@test.local", role: "agent", name: "Nos deja" });
  const { id: label } = (await world.admin.post<{ id: string }>("/labels", { name: "pasajera" })).body.data;
  const done = async (answer: Promise<{ status: number; body: unknown }>) => expect((await answer).status).toBe(200);
  const made = await makeRule(world, {
    name: "Todo lo que se va",
    conditions: { all: [{ field: "conversation.labels", is: "has-none", value: ["pasajera"] }] },
    actions: [
      { do: "transfer", team: own },
      { do: "label", add: ["pasajera"] },
      { do: "assign", agent: leaver.id },
      { do: "priority", priority: "high" },
    ],
  });
  await done(world.admin.post("/macros", { name: "De todos", visibility: "all", actions: [{ do: "transfer", team: own }] }));
  await done(world.lucia.post("/macros", { name: "De Lucia", actions: [{ do: "transfer", team: own }] }));
  await done(
    world.admin.post("/sla-policies", { name: "Promesa", firstReply: 5, match: { labels: ["pasajera"], teams: [own] } }),
  );
  await done(world.admin.post("/business-hours", { ...day, teams: [own] }));
  const rules = [{ name: "a", isActive: true, labels: ["pasajera"], toTeam: own, toAgent: leaver.id }];
  await done(world.admin.patch("/settings/assignment", { version: 0, values: { rules, capacity: 3 } }));
  expect(await problems()).toEqual([]);

  await done(world.admin.delete(`/teams/${own}`));
  await done(world.admin.delete(`/labels/${label}`));
  await done(world.admin.post(`/agents/${leaver.id}/deactivate`));
  const gone = (await problems()).map(({ kind, name, path, missing }) => `${kind} ${name} ${path} ${missing.kind}`);
  expect(gone.sort()).toEqual([
    "automation-rule Todo lo que se va actions.0.team team",
    "automation-rule Todo lo que se va actions.1.add.0 label",
    "automation-rule Todo lo que se va actions.2.agent agent",
    "automation-rule Todo lo que se va conditions.all.0.value label",
    "business-hours Oficina teams.0 team",
    "macro De todos actions.0.team team",
    "settings Assignment rules.0.labels.0 label",
    "settings Assignment rules.0.toAgent agent",
    "settings Assignment rules.0.toTeam team",
    "sla-policy Promesa match.labels.0 label",
    "sla-policy Promesa match.teams.0 team",
  ]);
  expect((await world.lucia.get("/automation-problems")).body.code).toBe("auth.forbidden");

  const rosa = world.customer();
  const { id } = await rosa.opens();
  const [run] = await ran(world, made.id);
  expect(run?.state).toBe("failed");
  expect(run?.outcomes.map(({ state, detail }) => [state, detail])).toEqual([
    ["failed", "This team does not exist."],
    ["failed", "There is no such label. Create it first."],
    ["failed", "This agent does not exist."],
    // What can be done is done.
    ["done", null],
  ]);
  await until(async () => activityOf(await rosa.thread()).some((line) => line.includes("Todo lo que se va")));
  expect((await world.admin.data<{ priority: string }>(`/conversations/${id}`)).priority).toBe("high");

  // Another setting can be changed all the same; the rules only without what has gone.
  const { version } = await world.admin.data<{ version: number }>("/settings/assignment");
  await done(world.admin.patch("/settings/assignment", { version, values: { capacity: 4 } }));
  const again = await world.admin.patch("/settings/assignment", { version: version + 1, values: { rules } });
  expect(again.body.details?.map(({ path }) => path)).toEqual([
    "body.values.rules.0.labels.0",
    "body.values.rules.0.toTeam",
    "body.values.rules.0.toAgent",
  ]);
  await done(world.admin.patch("/settings/assignment", { version: version + 1, values: { rules: [] } }));
  await done(world.admin.delete(`/automation-rules/${made.id}`));
  expect((await problems()).some(({ kind }) => kind === "settings" || kind === "automation-rule")).toBe(false);
});
