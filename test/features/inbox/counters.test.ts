/**
 * Property: after any series of operations every number is what a recount gives: what is unread, the tabs of everybody (asked for and
 * pushed), the queue, and what each person has.
 */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import { reaches } from "../../../src/core/actor";
import type { ConversationView } from "../../../src/events/view";
import type { ApiClient } from "../../helpers/api-client";
import { hire, makeRole, makeTeam } from "../../helpers/people";
import { until } from "../../helpers/until";
import { type TypedLiveClient, typedLive } from "../../http/typed-live-client";
import { type Customer, type InboxWorld, openInboxWorld } from "./inbox-world";

setDefaultTimeout(120_000);

interface Watcher {
  id: string;
  api: ApiClient;
  reach: "all" | "team" | "own";
  teams: string[];
  live: TypedLiveClient;
}

let world: InboxWorld;
let team: string;
let watchers: Watcher[];
beforeAll(async () => {
  world = await openInboxWorld();
  team = await makeTeam(world.app, "Ventas");
  const permissions = ["conversations.read", "conversations.write", "conversations.assign", "messages.send"];
  for (const reach of ["team", "own"] as const) await makeRole(world.app, { name: `sees-${reach}`, permissions, reach });
  const member = await hire(world.app, { email: "member@test.local", role: "sees-team", teams: [team] });
  const loner = await hire(world.app, { email: "loner@test.local", role: "sees-own" });
  const watch = async (id: string, api: ApiClient, reach: Watcher["reach"], teams: string[] = []): Promise<Watcher> => {
    const live = await typedLive(world.app.url, api.token);
    live.send({ type: "subscribe", topics: ["counts"] });
    await live.waitTold("counts:changed", () => true);
    return { id, api, reach, teams, live };
  };
  watchers = [
    await watch(world.lucia.id, world.lucia, "all"),
    await watch(world.pedro.id, world.pedro, "all"),
    await watch(member.id, member.api, "team", [team]),
    await watch(loner.id, loner.api, "own"),
  ];
});
afterAll(async () => {
  for (const { live } of watchers) live.drop();
  await world[Symbol.asyncDispose]();
});

const OPERATIONS = [
  "write",
  "write",
  "reply",
  "note",
  "mention",
  "read",
  "read-live",
  "unread",
  "take",
  "give",
  "put-back",
  "transfer",
  "follow",
  "open",
  "resolve",
  "close",
  "snooze",
  "mute",
  "unmute",
  "urgent",
] as const;
type Operation = (typeof OPERATIONS)[number];

/** What a customer's conversation should count, told by the operations alone. */
interface Expected {
  customer: Customer;
  id: string;
  unread: number;
  isMuted: boolean;
  /** By agent. */
  unseenMentions: Set<string>;
}

/** All that was ever opened in this test: later runs count the conversations of earlier ones too. */
const everything: Expected[] = [];
const all = async (api: ApiClient): Promise<ConversationView[]> => {
  const rows: ConversationView[] = [];
  for (let cursor = ""; ; ) {
    const { body } = await api.get<ConversationView[]>(`/conversations?limit=100${cursor && `&cursor=${cursor}`}`);
    rows.push(...body.data);
    if (!body.page?.next) return rows;
    cursor = body.page.next;
  }
};

async function carryOut(operation: Operation, expected: Expected, by: Watcher): Promise<void> {
  const { id, customer } = expected;
  const path = `/conversations/${id}`;
  const before = await world.admin.data<ConversationView>(path);
  const patch = (fields: object) => by.api.patch(path, fields);
  switch (operation) {
    case "write": {
      await customer.writes("¿y?");
      if (before.isOpen) {
        if (!before.isMuted) expected.unread++;
        return;
      }
      const { id: next } = await until(async () => {
        const found = await customer.conversation();
        return found.id === id ? null : found;
      });
      everything.push({ ...expected, unseenMentions: new Set(expected.unseenMentions) });
      Object.assign(expected, { id: next, unread: 1, isMuted: false, unseenMentions: new Set() });
      return;
    }
    case "reply":
      if ((await by.api.post(`${path}/messages`, { text: "ya le digo" })).status === 200) expected.unread = 0;
      return;
    case "note":
      await by.api.post(`${path}/notes`, { text: "ojo" });
      return;
    case "mention":
      // Nobody has to be told of what they say to themselves.
      if ((await by.api.post(`${path}/notes`, { text: "mira", mentions: [world.lucia.id] })).status === 200)
        if (by.id !== world.lucia.id) expected.unseenMentions.add(world.lucia.id);
      return;
    case "read":
      if ((await by.api.post(`${path}/read`)).status !== 200) return;
      expected.unread = 0;
      expected.unseenMentions.delete(by.id);
      return;
    case "read-live": {
      const isReached = reaches({ ...by, kind: "agent" } as never, before);
      by.live.send({ type: "read", conversationId: id });
      await by.live.settle();
      if (!isReached) return;
      expected.unread = 0;
      expected.unseenMentions.delete(by.id);
      return;
    }
    case "unread":
      if ((await by.api.post(`${path}/unread`)).status === 200) expected.unread = Math.max(1, expected.unread);
      return;
    case "take":
      await by.api.post(`${path}/take`);
      return;
    case "give":
      await by.api.post(`${path}/assign`, { agent: watchers[3]?.id });
      return;
    case "put-back":
      await by.api.post(`${path}/assign`, { agent: null });
      return;
    case "transfer":
      await by.api.post(`${path}/assign`, { team: before.team ? null : team });
      return;
    case "follow":
      await by.api.put(`${path}/participants/${by.id}`);
      return;
    case "open":
      await patch({ status: "open" });
      return;
    case "resolve":
    case "close": {
      const status = operation === "resolve" ? "resolved" : "closed";
      const done = await (operation === "close" ? world.admin.patch(path, { status }) : patch({ status }));
      if (done.status === 200 && before.status !== status) expected.unread = 0;
      return;
    }
    case "snooze":
      if ((await by.api.post(`${path}/snooze`, { until: null })).status === 200) expected.unread = 0;
      return;
    case "mute":
      if ((await world.admin.patch(path, { isMuted: true })).status === 200 && !before.isMuted) expected.unread = 0;
      return;
    case "unmute":
      await world.admin.patch(path, { isMuted: false });
      return;
    case "urgent":
      await patch({ priority: before.priority === "urgent" ? "low" : "urgent" });
      return;
  }
}

const isActive = ({ status, waitingFor }: ConversationView) =>
  ["open", "assigned", "waiting"].includes(status) && waitingFor !== "snooze";

function recount(rows: readonly ConversationView[], who: Watcher, expected: readonly Expected[]): Record<string, number> {
  const seen = rows.filter((row) => reaches({ ...who, kind: "agent" } as never, row));
  const count = (test: (row: ConversationView) => boolean) => seen.filter(test).length;
  const unseen = new Set(expected.filter(({ unseenMentions }) => unseenMentions.has(who.id)).map(({ id }) => id));
  return {
    mine: count((row) => row.assignedAgent === who.id && isActive(row)),
    unassigned: count((row) => row.status === "open" && row.waitingFor === null && row.assignedAgent === null),
    all: count(isActive),
    mentions: count((row) => unseen.has(row.id)),
    waiting: count(({ waitingSince }) => waitingSince !== null),
    unattended: count(({ isUnattended }) => isUnattended),
  };
}

async function checkEverything(current: readonly Expected[]): Promise<void> {
  const expected = [...everything, ...current];
  const rows = await all(world.admin);
  const stored = new Map(rows.map((row) => [row.id, row]));
  expect(expected.map(({ id }) => [id, stored.get(id)?.unreadCount])).toEqual(expected.map(({ id, unread }) => [id, unread]));
  for (const who of watchers) {
    const counted = recount(rows, who, expected);
    expect(await who.api.data<Record<string, number>>("/conversations/counts")).toEqual(counted);
    const pushed = () => who.live.told("counts:changed").at(-1)?.counts;
    await until(() => JSON.stringify(sorted(pushed())) === JSON.stringify(sorted(counted)), { what: "the pushed numbers" });
    expect((await all(who.api)).map(({ id }) => id).sort()).toEqual(
      rows
        .filter((row) => reaches({ ...who, kind: "agent" } as never, row))
        .map(({ id }) => id)
        .sort(),
    );
  }
  const queue = await world.admin.data<{ conversation: string }[]>("/assignment/queue");
  const waits = rows.filter((row) => row.status === "open" && row.assignedAgent === null && !row.isAIEnabled);
  expect(queue.map(({ conversation }) => conversation).sort()).toEqual(waits.map(({ id }) => id).sort());
  const loads = await world.admin.data<{ agent: string; load: number }[]>("/assignment/load");
  expect(loads.map(({ agent, load }) => [agent, load])).toEqual(
    loads.map(({ agent }) => [agent, rows.filter((row) => row.assignedAgent === agent && row.status === "assigned").length]),
  );
}
const sorted = (counts: Record<string, number> = {}) => Object.entries(counts).sort();

test("after any series of operations every number is what a recount gives", async () => {
  const step = fc.record({ operation: fc.constantFrom(...OPERATIONS), at: fc.nat(2), by: fc.nat(3) });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 15, maxLength: 40 }), async (steps) => {
      const current: Expected[] = [];
      for (let count = 0; count < 3; count++) {
        const customer = world.customer();
        const { id } = await customer.opens();
        current.push({ customer, id, unread: 1, isMuted: false, unseenMentions: new Set() });
      }
      for (const { operation, at, by } of steps) await carryOut(operation, current[at] as Expected, watchers[by] as Watcher);
      await checkEverything(current);
      everything.push(...current);
    }),
    // Shrinking would repeat what the world has seen: the series that failed is printed as it is.
    { numRuns: 8, endOnFailure: true },
  );
});
