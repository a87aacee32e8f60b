/** The numbers of the tabs, as they come over the live connection: always what a count gives, and counted only when something moved. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { Actor } from "../../src/core/actor";
import { silentLog } from "../../src/core/log";
import type { ConversationView } from "../../src/events/view";
import { LiveCounts } from "../../src/http/live-counts";
import type { Seat } from "../../src/http/live-rooms";
import { type InboxWorld, openInboxWorld } from "../features/inbox/inbox-world";
import { ManualClock } from "../helpers/manual-clock";
import { hire, makeRole, makeTeam } from "../helpers/people";
import { until } from "../helpers/until";
import { type TypedLiveClient, typedLive } from "./typed-live-client";

setDefaultTimeout(40_000);

let world: InboxWorld;
beforeAll(async () => {
  world = await openInboxWorld();
});
afterAll(() => world[Symbol.asyncDispose]());

type Counts = Record<string, number>;
interface Watcher {
  client: TypedLiveClient;
  pushed(): Counts | undefined;
  counted(): Promise<Counts>;
}

async function watch(who: { token: string; data<T>(path: string): Promise<T> }): Promise<Watcher> {
  const client = await typedLive(world.app.url, who.token);
  client.send({ type: "subscribe", topics: ["counts"] });
  await client.waitTold("counts:changed", () => true);
  return {
    client,
    pushed: () => client.told("counts:changed").at(-1)?.counts,
    counted: () => who.data<Counts>("/conversations/counts"),
  };
}

/** What was pushed last is what REST counts. */
const agree = ({ pushed, counted }: Watcher) =>
  until(async () => JSON.stringify(sorted(pushed())) === JSON.stringify(sorted(await counted())), { what: "equal numbers" });
const sorted = (counts: Counts = {}) => Object.entries(counts).sort();

test("everybody has their own numbers, from the subscription on and after everything that moves a conversation", async () => {
  const team = await makeTeam(world.app, "Ventas");
  await makeRole(world.app, { name: "of-the-team", permissions: ["conversations.read", "conversations.write"], reach: "team" });
  await makeRole(world.app, { name: "of-oneself", permissions: ["conversations.read", "conversations.write"], reach: "own" });
  const member = await hire(world.app, { email: "member@test.local", role: "of-the-team", teams: [team] });
  const loner = await hire(world.app, { email: "loner@test.local", role: "of-oneself" });
  const watchers = [await watch(world.admin), await watch(world.lucia), await watch(member.api), await watch(loner.api)];
  const [, lucia, sees, alone] = watchers as [Watcher, Watcher, Watcher, Watcher];
  const all = () => Promise.all(watchers.map(agree));
  await all();
  const before = lucia.pushed() as Counts;
  const { id } = await world.customer().opens();
  await all();
  expect(lucia.pushed()).toMatchObject({ unassigned: (before.unassigned ?? 0) + 1, all: (before.all ?? 0) + 1 });
  expect(alone.pushed()).toMatchObject({ all: 0, unassigned: 0 });
  const inQueue = sees.pushed()?.unassigned ?? 0;
  await world.admin.post(`/conversations/${id}/assign`, { agent: world.lucia.id });
  await all();
  expect(lucia.pushed()?.mine).toBe((before.mine ?? 0) + 1);
  // It has left the reach of the team.
  expect(sees.pushed()?.unassigned).toBe(inQueue - 1);
  await world.admin.post(`/conversations/${id}/assign`, { team });
  await all();
  expect(sees.pushed()?.unassigned).toBe(inQueue);
  await world.admin.post(`/conversations/${id}/assign`, { agent: loner.id });
  await all();
  expect(alone.pushed()).toMatchObject({ mine: 1, all: 1 });
  await world.admin.post(`/conversations/${id}/notes`, { text: "mira", mentions: [world.lucia.id] });
  await all();
  expect(lucia.pushed()?.mentions).toBe((before.mentions ?? 0) + 1);
  await world.lucia.post(`/conversations/${id}/read`);
  await all();
  expect(lucia.pushed()?.mentions).toBe(before.mentions ?? 0);
  await world.admin.post(`/conversations/${id}/snooze`, { until: null });
  await all();
  expect(alone.pushed()).toMatchObject({ mine: 0, all: 0 });
  for (const { client } of watchers) client[Symbol.dispose]();
});

test("new rights are new numbers; without the permission there are none", async () => {
  await makeRole(world.app, { name: "first-all", permissions: ["conversations.read"], reach: "all" });
  const changing = await hire(world.app, { email: "changing@test.local", role: "first-all" });
  const watcher = await watch(changing.api);
  await world.customer().opens();
  await agree(watcher);
  expect(watcher.pushed()?.all).toBeGreaterThan(0);
  await world.admin.patch("/roles/first-all", { reach: "own" });
  await until(() => watcher.pushed()?.all === 0);
  await agree(watcher);
  watcher.client[Symbol.dispose]();

  await makeRole(world.app, { name: "no-inbox", permissions: ["contacts.read"], reach: "all" });
  const outsider = await hire(world.app, { email: "outsider@test.local", role: "no-inbox" });
  using client = await typedLive(world.app.url, outsider.api.token);
  client.send({ type: "subscribe", topics: ["counts"] });
  expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "live.topic-forbidden" });
});

test("messages that move nothing count nothing, many moves at once are counted once, and two windows share a count", async () => {
  const clock = new ManualClock();
  let asked: string[] = [];
  const counts = new LiveCounts({
    lists: {
      countTabs: async (actor: Actor, tabs: readonly string[] = ["all tabs"]) => {
        asked.push(`${actor.id}: ${tabs.join()}`);
        return Object.fromEntries(tabs.map((tab) => [tab, asked.length])) as never;
      },
    },
    clock,
    log: silentLog,
  });
  const sent: string[] = [];
  const seatOf = (id: string) =>
    ({
      actor: { id, reach: "all", teams: [], permissions: new Set() },
      raw: { send: (text: string) => sent.push(text) },
    }) as unknown as Seat;
  const settle = async () => {
    clock.advance(500);
    await Bun.sleep(5);
    const result = asked;
    asked = [];
    return result;
  };
  const update = (id: string, fields: Partial<ConversationView>) =>
    counts.hear({
      event: "conversation:updated",
      data: { conversation: { id, status: "open", participants: [], mentions: [], waitingSince: null, ...fields } },
      topics: fields.assignedAgent ? ["inbox:all", `inbox:agent:${fields.assignedAgent}`] : ["inbox:all", "inbox:queue"],
      left: [],
    } as never);
  for (const who of ["ana", "ana", "beto"]) counts.join(seatOf(who));
  expect((await settle()).sort()).toEqual([
    "ana: mine,mentions",
    "beto: mine,mentions",
    "system: unassigned,all,waiting,unattended",
  ]);
  expect(sent).toHaveLength(3);
  update("one", {});
  for (let count = 0; count < 50; count++) update(`other-${count}`, { assignedAgent: "ana", status: "assigned" });
  expect(await settle()).toEqual(["ana: mine,mentions", "system: unassigned,all,waiting,unattended"]);
  for (let count = 0; count < 1_000; count++) update("one", { unreadCount: count, lastMessageAt: String(count) });
  expect(await settle()).toEqual([]);
  update("one", { status: "resolved" });
  expect(await settle()).toEqual(["system: unassigned,all,waiting,unattended"]);
});
