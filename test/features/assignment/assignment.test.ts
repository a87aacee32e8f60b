/** Conversations find somebody: shown on the live sockets of those who get them and of those who watch. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "../../../src/core/id";
import type { ConversationView } from "../../../src/events/view";
import type { AssignmentValues } from "../../../src/features/settings/assignment-settings.service";
import type { ApiClient } from "../../helpers/api-client";
import { ManualClock } from "../../helpers/manual-clock";
import { type Colleague, hire, makeTeam } from "../../helpers/people";
import { until } from "../../helpers/until";
import { type TypedLiveClient, typedLive } from "../../http/typed-live-client";
import { activityOf, type InboxWorld, openInboxWorld } from "../inbox/inbox-world";

setDefaultTimeout(60_000);

type World = Pick<InboxWorld, "app" | "admin">;

/** Changes some settings, from whatever they are. */
async function set({ admin }: World, values: Partial<AssignmentValues>): Promise<void> {
  const { version } = await admin.data<{ version: number }>("/settings/assignment");
  const changed = await admin.patch("/settings/assignment", { version, values });
  expect(changed.status).toBe(200);
}

const connect = ({ app }: World, who: { token: string }) => typedLive(app.url, who.token);
const assignments = (client: TypedLiveClient, agent: string) =>
  client
    .told("assignment:new")
    .filter((data) => data.agent === agent)
    .map(({ conversation }) => conversation);
const conversationOf = ({ admin }: World, id: string) => admin.data<ConversationView>(`/conversations/${id}`);
const isGiven = (world: World, id: string) =>
  until(async () => (await conversationOf(world, id)).assignedAgent, { what: "somebody who has it" });
/** Time enough for whatever would be given by mistake. */
const calm = () => Bun.sleep(400);
const resolve = (api: ApiClient, id: string) => api.patch(`/conversations/${id}`, { status: "resolved" });
const staff = (world: World, fields: object = {}): Promise<Colleague> =>
  hire(world.app, { email: `${newId()}@test.local`, role: "agent", ...fields });

describe("in turn", () => {
  test("each gets the next one, who is offline or away gets none, and both agent and supervisor hear of it", async () => {
    await using world = await openInboxWorld();
    await set(world, { strategy: "round-robin" });
    using lucia = await connect(world, world.lucia);
    using pedro = await connect(world, world.pedro);
    using admin = await connect(world, world.admin);
    const ids: string[] = [];
    for (let count = 0; count < 6; count++) {
      const { id } = await world.customer().opens();
      ids.push(id);
      await isGiven(world, id);
    }
    await until(() => admin.told("assignment:new").length === 6);
    const got = [assignments(lucia, world.lucia.id), assignments(pedro, world.pedro.id)];
    expect(got.map(({ length }) => length)).toEqual([3, 3]);
    expect(got.flat().sort()).toEqual(ids.sort());
    expect(admin.told("assignment:new").every(({ by }) => by === "assignment")).toBe(true);
    await pedro.ask("presence.say", { state: "away" });
    for (let count = 0; count < 2; count++) {
      const { id } = await world.customer().opens();
      expect(await isGiven(world, id)).toBe(world.lucia.id);
    }
    expect(await conversationOf(world, ids[0] as string)).toMatchObject({ status: "assigned", isUnattended: true });
  });

  test("the thread says who it was and why", async () => {
    await using world = await openInboxWorld();
    await set(world, { strategy: "least-busy" });
    using lucia = await connect(world, world.lucia);
    const customer = world.customer();
    const { id } = await customer.opens();
    await isGiven(world, id);
    await lucia.settle();
    expect(activityOf(await customer.thread())).toEqual(["The queue (least busy) assigned it to Lucia"]);
  });

  test("manual: nothing is given to anybody", async () => {
    await using world = await openInboxWorld();
    using _lucia = await connect(world, world.lucia);
    const { id } = await world.customer().opens();
    await calm();
    expect((await conversationOf(world, id)).assignedAgent).toBeNull();
  });
});

describe("the queue", () => {
  test("nobody gets more than they take; whoever frees up gets the next one, the longest waiting first, the urgent before", async () => {
    await using world = await openInboxWorld();
    await set(world, { strategy: "round-robin", capacity: 1 });
    using lucia = await connect(world, world.lucia);
    const customers = Array.from({ length: 5 }, () => world.customer());
    const ids: string[] = [];
    for (const customer of customers) ids.push((await customer.opens()).id);
    const [first, second, third, fourth, urgent] = ids as [string, string, string, string, string];
    expect(await isGiven(world, first)).toBe(world.lucia.id);
    await world.admin.patch(`/conversations/${urgent}`, { priority: "urgent" });
    await calm();
    expect(assignments(lucia, world.lucia.id)).toEqual([first]);
    const places = await world.admin.data<{ conversation: string; position: number; total: number }[]>("/assignment/queue");
    expect(places.map(({ conversation, position, total }) => [conversation, position, total])).toEqual([
      [urgent, 1, 4],
      [second, 2, 4],
      [third, 3, 4],
      [fourth, 4, 4],
    ]);
    expect(await lucia.ask("conversation.queue", { id: third })).toMatchObject({ position: 3, total: 4 });
    expect(await lucia.ask("conversation.queue", { id: first })).toBeNull();
    // The customer who waits goes on writing: that must not cost their place.
    await customers[1]?.writes("¿hola?");
    for (const id of [first, urgent, second, third]) {
      await until(() => assignments(lucia, world.lucia.id).includes(id), { what: "the next one" });
      await resolve(world.lucia, id);
    }
    await until(() => assignments(lucia, world.lucia.id).length === 5);
    expect(assignments(lucia, world.lucia.id)).toEqual([first, urgent, second, third, fourth]);
  });

  test("is drained when somebody comes, comes back, takes more, is passed one less, or snoozes one", async () => {
    await using world = await openInboxWorld();
    await set(world, { strategy: "round-robin", capacity: 1 });
    const ids: string[] = [];
    for (let count = 0; count < 7; count++) ids.push((await world.customer().opens()).id);
    await calm();
    const mine = () => assignments(lucia, world.lucia.id).length;
    using lucia = await connect(world, world.lucia);
    await until(() => mine() === 1, { what: "coming" });
    await world.admin.patch(`/agents/${world.lucia.id}`, { capacity: 2 });
    await until(() => mine() === 2, { what: "taking more" });
    await world.admin.post(`/conversations/${assignments(lucia, world.lucia.id)[0]}/assign`, { agent: world.pedro.id });
    await until(() => mine() === 3, { what: "passing on" });
    await lucia.ask("conversation.snooze", { id: assignments(lucia, world.lucia.id)[1], until: null });
    await until(() => mine() === 4, { what: "snoozing" });
    await lucia.ask("presence.say", { state: "away" });
    await lucia.ask("conversation.patch", { id: assignments(lucia, world.lucia.id)[2], status: "resolved" });
    await calm();
    expect(mine()).toBe(4);
    await lucia.ask("presence.say", { state: "online" });
    await until(() => mine() === 5, { what: "coming back" });
    await set(world, { capacity: 3 });
    await calm();
    // Lucia has a limit of her own; Pedro is not here.
    expect(mine()).toBe(5);
  });

  test("whoever leaves leaves theirs to the others; what somebody puts back is given again", async () => {
    await using world = await openInboxWorld();
    const ana = await staff(world);
    await set(world, { strategy: "round-robin" });
    const gone = await connect(world, ana.api);
    const { id } = await world.customer().opens();
    expect(await isGiven(world, id)).toBe(ana.id);
    using lucia = await connect(world, world.lucia);
    await lucia.settle();
    await world.admin.post(`/agents/${ana.id}/deactivate`);
    await gone.waitClosed();
    await until(() => assignments(lucia, world.lucia.id).includes(id), { what: "the conversation of who has left" });
    using _pedro = await connect(world, world.pedro);
    await world.lucia.post(`/conversations/${id}/assign`, { agent: null });
    await until(async () => (await conversationOf(world, id)).assignedAgent === world.pedro.id, { what: "the next in turn" });
  });

  test("a customer whom the assistant hands over is given to somebody", async () => {
    await using world = await openInboxWorld({ env: { ASSISTANT: "auto" } });
    await set(world, { strategy: "round-robin" });
    using lucia = await connect(world, world.lucia);
    const { id } = await world.customer().opens("hola");
    await calm();
    expect((await conversationOf(world, id)).assignedAgent).toBeNull();
    await world.admin.patch(`/conversations/${id}`, { isAIEnabled: false });
    await until(() => assignments(lucia, world.lucia.id).includes(id), { what: "the hand-off" });
  });
});

describe("teams and rules", () => {
  test("each team in its own way, each to its members", async () => {
    await using world = await openInboxWorld();
    const [sales, repairs] = [await makeTeam(world.app, "Ventas"), await makeTeam(world.app, "Reparaciones")];
    const seller = await staff(world, { teams: [sales] });
    const fixer = await staff(world, { teams: [repairs] });
    await set(world, { teams: [{ team: sales, strategy: "least-busy", capacity: 2 }] });
    using sells = await connect(world, seller.api);
    using _fixes = await connect(world, fixer.api);
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) {
      const { id } = await world.customer().opens();
      ids.push(id);
      await world.admin.post(`/conversations/${id}/assign`, { team: sales });
    }
    const other = await world.customer().opens();
    await world.admin.post(`/conversations/${other.id}/assign`, { team: repairs });
    await until(() => assignments(sells, seller.id).length === 2);
    await calm();
    expect(assignments(sells, seller.id)).toHaveLength(2);
    expect((await conversationOf(world, other.id)).assignedAgent).toBeNull();
    const load = await world.admin.data<{ agent: string; load: number; state: string }[]>("/assignment/load");
    expect(load.find(({ agent }) => agent === seller.id)).toMatchObject({ load: 2, state: "online", capacity: 10 });
    expect(await world.admin.data<unknown[]>(`/assignment/queue?team=${repairs}`)).toHaveLength(1);
    expect(await world.admin.data<unknown[]>("/assignment/queue?team=none")).toHaveLength(0);
  });

  test("a rule sends it to a team and a person; what people decide afterwards stays", async () => {
    await using world = await openInboxWorld();
    const team = await makeTeam(world.app, "Mayoristas");
    const member = await staff(world, { teams: [team] });
    for (const name of ["mayorista", "otra cosa"]) await world.admin.post("/labels", { name, color: "#aa0000" });
    await set(world, {
      strategy: "manual",
      teams: [{ team, strategy: "round-robin" }],
      rules: [
        { name: "Mayoristas", isActive: true, labels: ["mayorista"], toTeam: team },
        { name: "El resto a Pedro", isActive: true, labels: ["otra cosa"], toAgent: world.pedro.id },
      ],
    });
    using admin = await connect(world, world.admin);
    const customer = world.customer();
    const { id } = await customer.opens();
    await calm();
    expect(await conversationOf(world, id)).toMatchObject({ team: null, assignedAgent: null });
    await world.admin.patch(`/conversations/${id}`, { labels: ["mayorista"] });
    await until(async () => (await conversationOf(world, id)).team === team, { what: "the team" });
    expect((await conversationOf(world, id)).assignedAgent).toBeNull();
    using client = await connect(world, member.api);
    await until(() => assignments(client, member.id).includes(id), { what: "the member" });
    expect(activityOf(await customer.thread())).toEqual([
      "Admin added mayorista",
      'The rule "Mayoristas" passed it to the team Mayoristas',
      expect.stringMatching(/^The queue \(in turn\) assigned it to /),
    ]);
    expect(admin.told("assignment:new").map(({ team: to }) => to)).toEqual([team, team]);
    // A supervisor decides otherwise: taken out of the team and put back into everybody's queue.
    await world.admin.post(`/conversations/${id}/assign`, { agent: null, team: null });
    await calm();
    expect(await conversationOf(world, id)).toMatchObject({ team: null, assignedAgent: null });
  });

  test("a rule names a person", async () => {
    await using world = await openInboxWorld();
    await world.admin.post("/labels", { name: "vip", color: "#aa0000" });
    await set(world, { rules: [{ name: "VIP", isActive: true, labels: ["vip"], toAgent: world.pedro.id }] });
    using _lucia = await connect(world, world.lucia);
    using pedro = await connect(world, world.pedro);
    const customer = world.customer();
    const { id } = await customer.opens();
    await world.admin.patch(`/conversations/${id}`, { labels: ["vip"] });
    await until(() => assignments(pedro, world.pedro.id).includes(id));
    expect(activityOf(await customer.thread()).at(-1)).toBe('The rule "VIP" assigned it to Pedro');
  });

  test("customers come back to whom they talked with", async () => {
    await using world = await openInboxWorld();
    await set(world, { strategy: "round-robin", isSticky: true });
    using _lucia = await connect(world, world.lucia);
    using _pedro = await connect(world, world.pedro);
    const customer = world.customer();
    const first = await customer.opens();
    const agent = await isGiven(world, first.id);
    await world.admin.patch(`/conversations/${first.id}`, { status: "closed" });
    // The others move on to whoever is next.
    const other = await world.customer().opens();
    expect(await isGiven(world, other.id)).not.toBe(agent);
    const third = await world.customer().opens();
    expect(await isGiven(world, third.id)).toBe(agent);
    await customer.writes("otra cosa");
    const again = await until(async () => {
      const found = await customer.conversation();
      return found.id === first.id ? null : found;
    });
    expect(await isGiven(world, again.id)).toBe(agent);
    expect(activityOf(await customer.thread())).toContainEqual(expect.stringMatching(/^The queue \(they know each other\)/));
  });
});

test("outside business hours the queue waits; when they begin it is given out, though nothing else has happened", async () => {
  const clock = new ManualClock();
  let isOpen = false;
  await using world = await openInboxWorld({ clock, hours: { isOpen: () => isOpen } });
  const advancing = async <T>(check: () => Promise<T> | T) => {
    for (let count = 0; count < 2_000; count++) {
      const value = await check();
      if (value) return value;
      clock.advance(25);
      await Bun.sleep(2);
    }
    throw new Error("it did not come");
  };
  const during = async <T>(work: Promise<T>): Promise<T> => {
    let isDone = false;
    work.finally(() => {
      isDone = true;
    });
    await advancing(() => isDone);
    return work;
  };
  await set(world, { strategy: "round-robin", onlyWhenOpen: true });
  using lucia = await connect(world, world.lucia);
  const { id } = await during(world.customer().opens());
  for (let count = 0; count < 100; count++) {
    clock.advance(25);
    await Bun.sleep(2);
  }
  expect((await conversationOf(world, id)).assignedAgent).toBeNull();
  isOpen = true;
  await advancing(() => assignments(lucia, world.lucia.id).includes(id));
});

describe("settings", () => {
  test("switched on, what waits already is given out", async () => {
    await using world = await openInboxWorld();
    using lucia = await connect(world, world.lucia);
    const { id } = await world.customer().opens();
    await calm();
    const before = performance.now();
    await set(world, { strategy: "round-robin" });
    await until(() => assignments(lucia, world.lucia.id).includes(id));
    expect(performance.now() - before).toBeLessThan(5_000);
  });

  test("only who may manage them changes them; a change is written down", async () => {
    await using world = await openInboxWorld();
    expect((await world.lucia.get("/settings/assignment")).status).toBe(200);
    const refused = await world.lucia.patch("/settings/assignment", { version: 0, values: { strategy: "round-robin" } });
    expect([refused.status, refused.body.code]).toEqual([403, "auth.forbidden"]);
    const wrong = await world.admin.patch("/settings/assignment", {
      version: 0,
      values: { rules: [{ name: "x", isActive: true }] },
    });
    expect([wrong.status, wrong.body.code]).toEqual([422, "request.invalid"]);
    await set(world, { strategy: "least-busy" });
    const audit = await world.admin.data<{ action: string; target: { id: string } }[]>("/audit?limit=5");
    expect(audit[0]).toMatchObject({ action: "settings.update", target: { id: "assignment" } });
  });
});
