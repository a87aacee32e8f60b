/** Two processes on one store: whoever is connected to either hears and sees the same. Cases for the quick and the long suite. */
import { expect, test } from "bun:test";
import type { ConversationView } from "../../src/events/view";
import { openSharedStore } from "../flow/several-processes";
import { hire } from "../helpers/people";
import type { RedisServer } from "../helpers/redis-server";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type TypedLiveClient, typedLive } from "./typed-live-client";

export interface Two extends AsyncDisposable {
  one: TestApp;
  other: TestApp;
}

export async function openTwo(through: RedisServer | null): Promise<Two> {
  const store = await openSharedStore();
  const secrets = { JWT_ACCESS_SECRET: "a".repeat(32), JWT_REFRESH_SECRET: "b".repeat(32), ENCRYPTION_KEY: "c".repeat(32) };
  const env = { MONGODB_URI: store.uri, ASSISTANT: "off", ...secrets, ...(through ? { REDIS_URL: through.url } : {}) };
  const one = await createTestApp({ env });
  const other = await createTestApp({ env });
  return {
    one,
    other,
    async [Symbol.asyncDispose]() {
      await one[Symbol.asyncDispose]();
      await other[Symbol.asyncDispose]();
      await store[Symbol.asyncDispose]();
    },
  };
}

export const connect = (app: TestApp, { token }: { token: string }) => typedLive(app.url, token);
const seqs = (client: TypedLiveClient) => client.events().map(({ seq }) => Number(seq));
export const wamids = (client: TypedLiveClient) => client.told("message:new").flatMap(({ message }) => message.wamid ?? []);
export const conversationOf = async (app: TestApp, phone: string) =>
  until(
    async () => (await app.api.data<ConversationView[]>("/conversations")).find(({ contact }) => contact.phone === `+${phone}`),
    { what: "the conversation" },
  );

/** What holds with Redis at once, without it a moment later. */
export function twoProcessCases(through: RedisServer | null): void {
  test("what either has stored is heard on both, in the same order, without a gap, once", async () => {
    await using two = await openTwo(through);
    using here = await connect(two.one, two.one.api);
    using there = await connect(two.other, two.other.api);
    const start = Number(here.frames[0]?.seq);
    const sent: string[] = [];
    await Promise.all(
      Array.from({ length: 60 }, async (_, index) => {
        const id = `wamid.two.${index}`;
        sent.push(id);
        const app = index % 2 === 0 ? two.one : two.other;
        expect(await app.receive({ from: `5198770000${index % 7}`, id, text: `hola ${index}` })).toBe(200);
      }),
    );
    for (const client of [here, there]) {
      await until(() => wamids(client).length >= 60, { within: 30_000, what: "every message" });
      await client.settle();
      expect(wamids(client).sort()).toEqual(sent.toSorted());
    }
    await until(() => seqs(here).length === seqs(there).length);
    // Those who joined later may have missed the first.
    const common = seqs(here).filter((seq) => seq > start && seqs(there).includes(seq));
    expect(common).toEqual(Array.from({ length: common.length }, (_, index) => (common[0] ?? 0) + index));
    using back = await typedLive(two.other.url, two.other.api.token, start);
    await until(() => seqs(back).at(-1) === seqs(here).at(-1));
    expect(wamids(back).sort()).toEqual(sent.toSorted());
  });

  test("who is here is known on both; leaving one of two processes is not leaving", async () => {
    await using two = await openTwo(through);
    const ana = await hire(two.one, { email: "ana@test.local", role: "agent" });
    using witness = await connect(two.other, two.other.api);
    const first = await connect(two.one, ana.api);
    const states = () =>
      witness.told("presence:changed").flatMap(({ presence }) => (presence.agent === ana.id ? [presence.state] : []));
    await until(() => states().length === 1, { what: "coming" });
    await first.ask("presence.say", { state: "away" });
    await until(() => states().length === 2, { what: "away" });
    await first.ask("presence.say", { state: "online" });
    await until(() => states().length === 3, { what: "back" });
    using second = await connect(two.other, ana.api);
    await second.settle();
    first.drop();
    await Bun.sleep(500);
    await witness.settle();
    expect(states()).toEqual(["online", "away", "online"]);
    await until(async () => {
      const list = await two.one.api.data<{ agent: string; state: string }[]>("/presence");
      return list.find(({ agent }) => agent === ana.id)?.state === "online";
    });
  });

  test("the queue is given out by both: each conversation once, nobody beyond their limit", async () => {
    await using two = await openTwo(through);
    const people = await Promise.all(
      ["ana", "beto", "cleo"].map((name) => hire(two.one, { email: `${name}@test.local`, role: "agent" })),
    );
    const values = { strategy: "least-busy", capacity: 4 };
    for (let count = 0; count < 20; count++) {
      const app = count % 2 === 0 ? two.one : two.other;
      await app.receive({ from: `519877100${String(count).padStart(2, "0")}`, id: `wamid.queue.${count}`, text: "hola" });
    }
    const queued = () => two.one.api.data<unknown[]>("/assignment/queue");
    await until(async () => (await queued()).length === 20, { within: 30_000 });
    using admin = await connect(two.one, two.one.api);
    const clients = await Promise.all(people.map(({ api }, index) => connect(index % 2 === 0 ? two.one : two.other, api)));
    await two.one.api.patch("/settings/assignment", { version: 0, values });
    const given = () => admin.told("assignment:new");
    await until(() => given().length >= 12, { within: 30_000, what: "twelve assignments" });
    const loads = async () =>
      (await two.other.api.data<{ agent: string; load: number }[]>("/assignment/load"))
        .filter(({ agent }) => people.some(({ id }) => id === agent))
        .map(({ load }) => load);
    await Bun.sleep(1_000);
    expect(await loads()).toEqual([4, 4, 4]);
    expect(given().length).toBe(12);
    expect(new Set(given().map(({ conversation }) => conversation)).size).toBe(12);
    // Everybody is done with two at the same moment.
    await Promise.all(
      given()
        .slice(0, 6)
        .map(({ conversation }, index) =>
          (index % 2 === 0 ? two.one : two.other).api.patch(`/conversations/${conversation}`, { status: "resolved" }),
        ),
    );
    await until(() => given().length >= 18, { within: 30_000, what: "the next ones" });
    await Bun.sleep(1_000);
    expect(Math.max(...(await loads()))).toBe(4);
    expect(new Set(given().map(({ conversation }) => conversation)).size).toBe(18);
    for (const client of clients) client.drop();
  });
}
