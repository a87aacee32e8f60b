/** What people see of each other: who looks at a conversation, who types, who is here; and what they have read. */
import { afterAll, beforeAll, beforeEach, describe, expect, setDefaultTimeout, test } from "bun:test";
import { newId } from "../../src/core/id";
import type { ConversationView } from "../../src/events/view";
import { GRACE_MS, SILENT_MS } from "../../src/features/presence/presence.service";
import { TYPING_MS } from "../../src/http/live-typing";
import { VIEWING_MS } from "../../src/http/live-viewing";
import { type InboxWorld, openInboxWorld } from "../features/inbox/inbox-world";
import { ManualClock } from "../helpers/manual-clock";
import { hire, makeRole } from "../helpers/people";
import { until } from "../helpers/until";
import { type TypedLiveClient, typedLive } from "./typed-live-client";

setDefaultTimeout(40_000);

// One that stands still: tokens are as old as the test says.
const clock = new ManualClock();
let world: InboxWorld;
let conversation: ConversationView;
beforeAll(async () => {
  world = await openInboxWorld({ clock });
});
afterAll(() => world[Symbol.asyncDispose]());
beforeEach(async () => {
  conversation = await openConversation();
});

/** Stored without waiting for any timer: REST and webhook work at once. */
async function openConversation(): Promise<ConversationView> {
  const customer = world.customer();
  const opening = customer.opens();
  let isOpen = false;
  opening.finally(() => {
    isOpen = true;
  });
  while (!isOpen) {
    clock.advance(20);
    await Bun.sleep(5);
  }
  return opening;
}

const connect = (who: { token: string } = world.admin) => typedLive(world.app.url, who.token);
const topicOf = ({ id }: ConversationView) => `conversation:${id}`;
const look = (client: TypedLiveClient, at: ConversationView | null) =>
  client.send({ type: "viewing", conversationId: at?.id ?? null });
const follow = async (client: TypedLiveClient, at: ConversationView) => {
  client.send({ type: "subscribe", topics: [topicOf(at)] });
  await client.settle();
};
/** Who looked, time after time. */
const viewers = (client: TypedLiveClient, at = conversation) =>
  client
    .told("viewing:changed")
    .filter((data) => data.conversation === at.id)
    .map((data) => data.viewers.map(({ agent }) => agent));
const typists = (client: TypedLiveClient, at = conversation) =>
  client
    .told("typing:indicator")
    .filter((data) => data.conversation === at.id)
    .map(({ agent, on }) => [agent, on]);

describe("viewing", () => {
  test("those who look are told with the subscription, then whoever comes and goes", async () => {
    using lucia = await connect(world.lucia);
    look(lucia, conversation);
    await lucia.settle();
    using pedro = await connect(world.pedro);
    await follow(pedro, conversation);
    expect(viewers(pedro)).toEqual([[world.lucia.id]]);
    look(pedro, conversation);
    await pedro.waitTold("viewing:changed", ({ viewers }) => viewers.length === 2);
    look(lucia, null);
    await pedro.waitTold("viewing:changed", ({ viewers }) => viewers.length === 1 && viewers[0]?.agent === world.pedro.id);
    expect(viewers(pedro)).toEqual([[world.lucia.id], [world.lucia.id, world.pedro.id], [world.pedro.id]]);
  });

  test("nobody hears of it who does not follow the conversation", async () => {
    using follower = await connect();
    await follow(follower, conversation);
    using other = await connect();
    using lucia = await connect(world.lucia);
    look(lucia, conversation);
    await until(() => viewers(follower).length === 2);
    await other.settle();
    expect(other.told("viewing:changed")).toEqual([]);
  });

  test("somebody with two windows is one viewer until both are gone; looking elsewhere is leaving", async () => {
    using follower = await connect();
    await follow(follower, conversation);
    using one = await connect(world.lucia);
    using two = await connect(world.lucia);
    look(one, conversation);
    look(two, conversation);
    await two.settle();
    const elsewhere = await openConversation();
    look(one, elsewhere);
    await one.settle();
    await follower.settle();
    expect(viewers(follower)).toEqual([[], [world.lucia.id]]);
    two.drop();
    await until(() => viewers(follower).length === 3);
    expect(viewers(follower).at(-1)).toEqual([]);
  });

  test("a window that gives no sign of life is gone after a while; any frame is a sign", async () => {
    using follower = await connect();
    await follow(follower, conversation);
    using lucia = await connect(world.lucia);
    look(lucia, conversation);
    await until(() => viewers(follower).length === 2);
    for (let passed = 0; passed < 2 * VIEWING_MS; passed += 25_000) {
      await lucia.settle();
      clock.advance(25_000);
    }
    await follower.settle();
    expect(viewers(follower)).toHaveLength(2);
    clock.advance(VIEWING_MS + 15_000);
    await until(() => viewers(follower).length === 3);
    expect(viewers(follower).at(-1)).toEqual([]);
  });

  test("nobody looks at what is out of their reach, and whoever loses it looks no longer", async () => {
    await makeRole(world.app, { name: "own-only", permissions: ["conversations.read", "messages.send"], reach: "own" });
    const ines = await hire(world.app, { email: "ines@test.local", role: "own-only" });
    using follower = await connect();
    await follow(follower, conversation);
    using client = await connect(ines.api);
    look(client, conversation);
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "conversation.not-found" });
    await world.admin.post(`/conversations/${conversation.id}/assign`, { agent: ines.id });
    look(client, conversation);
    await until(() => viewers(follower).length === 2);
    await world.admin.post(`/conversations/${conversation.id}/assign`, { agent: world.pedro.id });
    await until(() => viewers(follower).length === 3);
    expect(viewers(follower)).toEqual([[], [ines.id], []]);
  });

  test("an unknown conversation is refused", async () => {
    using client = await connect(world.lucia);
    client.send({ type: "viewing", conversationId: "nonsense" });
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "request.invalid" });
  });
});

describe("typing", () => {
  const type = (client: TypedLiveClient, on: boolean) => client.send({ type: "typing", conversationId: conversation.id, on });

  test("is shown once however often it is repeated, and ends by itself", async () => {
    using lucia = await connect(world.lucia);
    using pedro = await connect(world.pedro);
    type(lucia, true);
    type(lucia, true);
    await lucia.settle();
    await pedro.settle();
    expect(typists(pedro)).toEqual([[world.lucia.id, true]]);
    clock.advance(TYPING_MS - 1);
    type(lucia, true);
    await lucia.settle();
    clock.advance(TYPING_MS - 1);
    await pedro.settle();
    expect(typists(pedro).filter(([, on]) => !on)).toEqual([]);
    clock.advance(1);
    await pedro.settle();
    expect(typists(pedro).at(-1)).toEqual([world.lucia.id, false]);
  });

  test("ends with the connection, and whoever subscribes meanwhile learns of it", async () => {
    const lucia = await connect(world.lucia);
    type(lucia, true);
    await lucia.settle();
    using pedro = await connect(world.pedro);
    await follow(pedro, conversation);
    expect(typists(pedro)).toEqual([[world.lucia.id, true]]);
    lucia.drop();
    await until(() => typists(pedro).length === 2);
    expect(typists(pedro).at(-1)).toEqual([world.lucia.id, false]);
  });

  test("is refused without the permission to write to customers", async () => {
    await makeRole(world.app, { name: "looks-on", permissions: ["conversations.read"], reach: "all" });
    const { api } = await hire(world.app, { email: "looks-on@test.local", role: "looks-on" });
    using client = await connect(api);
    using witness = await connect();
    type(client, true);
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "auth.forbidden" });
    await witness.settle();
    expect(typists(witness)).toEqual([]);
  });
});

describe("presence", () => {
  const states = (client: TypedLiveClient, agent: string) =>
    client
      .told("presence:changed")
      .filter(({ presence }) => presence.agent === agent)
      .map(({ presence }) => presence.state);
  const stateOf = async (agent: string) =>
    (await world.admin.data<{ agent: string; state: string }[]>("/presence")).find((one) => one.agent === agent)?.state ??
    "offline";
  const someone = async () => hire(world.app, { email: `${newId()}@test.local`, role: "agent" });

  test("online with the first window, offline a moment after the last one; loading a page anew is not leaving", async () => {
    const { id, api } = await someone();
    using witness = await connect();
    const one = await connect(api);
    const two = await connect(api);
    one.drop();
    await two.settle();
    clock.advance(GRACE_MS);
    two.drop();
    await Bun.sleep(50);
    clock.advance(GRACE_MS - 1);
    const back = await connect(api);
    clock.advance(GRACE_MS);
    await witness.settle();
    expect(states(witness, id)).toEqual(["online"]);
    back.drop();
    await until(async () => {
      clock.advance(GRACE_MS);
      await witness.settle();
      return states(witness, id).length === 2;
    });
    expect(states(witness, id)).toEqual(["online", "offline"]);
    expect(await stateOf(id)).toBe("offline");
  });

  test("silent windows are away, the first sign of life brings them back", async () => {
    const { id, api } = await someone();
    using witness = await connect();
    using client = await connect(api);
    await client.settle();
    for (let passed = 0; passed <= SILENT_MS; passed += 5_000) {
      clock.advance(5_000);
      await Bun.sleep(1);
    }
    await witness.settle();
    expect(states(witness, id)).toEqual(["online", "away"]);
    await client.settle();
    await witness.settle();
    expect(states(witness, id)).toEqual(["online", "away", "online"]);
  });

  test("who says that they are away is away on every device, over reconnects, until they take it back", async () => {
    const { id, api } = await someone();
    using witness = await connect();
    const first = await connect(api);
    expect(await first.ask("presence.say", { state: "away" })).toMatchObject({ agent: id, state: "away", isAway: true });
    first.drop();
    await until(async () => {
      clock.advance(GRACE_MS);
      return (await stateOf(id)) === "offline";
    });
    using second = await connect(api);
    expect(await stateOf(id)).toBe("away");
    await second.ask("presence.say", { state: "online" });
    await witness.settle();
    expect(states(witness, id)).toEqual(["online", "away", "offline", "away", "online"]);
  });

  test("a restart forgets who was here and remembers who said that they are away", async () => {
    await using first = await openInboxWorld();
    using lucia = await typedLive(first.app.url, first.lucia.token);
    using pedro = await typedLive(first.app.url, first.pedro.token);
    await lucia.ask("presence.say", { state: "away" });
    await pedro.settle();
    expect((await first.admin.data<unknown[]>("/presence")).length).toBe(2);
    await first.app.stop();
    await using second = await openInboxWorld({ dataDir: first.dataDir });
    expect(await second.admin.data<unknown[]>("/presence")).toEqual([
      expect.objectContaining({ agent: second.lucia.id, state: "offline", isAway: true }),
    ]);
    using back = await typedLive(second.app.url, second.lucia.token);
    expect(await back.ask("presence.list")).toMatchObject([{ agent: second.lucia.id, state: "away" }]);
  });

  test("only who may see colleagues sees who is here", async () => {
    await makeRole(world.app, { name: "alone", permissions: ["conversations.read"], reach: "all" });
    const alone = await hire(world.app, { email: "alone@test.local", role: "alone" });
    using client = await connect(alone.api);
    const { id, api } = await someone();
    using witness = await connect();
    using other = await connect(api);
    await other.settle();
    await witness.waitTold("presence:changed", ({ presence }) => presence.agent === id);
    await client.settle();
    expect(client.told("presence:changed")).toEqual([]);
    expect(await client.call("presence.list")).toMatchObject({ success: false, code: "auth.forbidden" });
  });
});

describe("read", () => {
  test("nothing is unread any more, for everybody, and it is told who has seen it", async () => {
    using lucia = await connect(world.lucia);
    using pedro = await connect(world.pedro);
    expect(conversation.unreadCount).toBe(1);
    lucia.send({ type: "read", conversationId: conversation.id });
    await pedro.waitTold("message:read", (data) => data.conversation === conversation.id && data.by === world.lucia.id);
    const heard = await pedro.waitTold("conversation:updated", (data) => data.conversation.id === conversation.id);
    expect(heard.conversation.unreadCount).toBe(0);
    expect(pedro.told("message:read")[0]?.wamid).toStartWith("wamid.");
    lucia.send({ type: "read", conversationId: conversation.id });
    await lucia.settle();
    await pedro.settle();
    expect(pedro.told("message:read")).toHaveLength(1);
  });

  test("is refused without the permission", async () => {
    await makeRole(world.app, { name: "reads-only", permissions: ["conversations.read"], reach: "all" });
    const { api } = await hire(world.app, { email: "reads-only@test.local", role: "reads-only" });
    using client = await connect(api);
    client.send({ type: "read", conversationId: conversation.id });
    expect(await client.waitFor("an error", ({ type }) => type === "error")).toMatchObject({ code: "auth.forbidden" });
    expect((await world.admin.data<ConversationView>(`/conversations/${conversation.id}`)).unreadCount).toBe(1);
  });
});
