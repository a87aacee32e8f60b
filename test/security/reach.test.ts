/** Somebody who does not see every conversation: what is out of reach does not exist for them, in lists, by id, in files, in counts and live. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import type { ApiClient } from "../helpers/api-client";
import { type Colleague, hire, keyClient, makeRole, makeTeam } from "../helpers/people";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { type LiveClient, signInLive } from "../http/live-client";

setDefaultTimeout(60_000);

const THEIRS = "the secret of another team";
const CUSTOMER = { own: "51987650001", team: "51987650002", other: "51987650003", queue: "51987650004" };
type Whose = keyof typeof CUSTOMER;

let app: TestApp;
let sales: string;
let support: string;
let mine: Colleague;
let member: Colleague;
let stranger: Colleague;
const conversations = {} as Record<Whose, ConversationView>;
const messages = {} as Record<Whose, MessageView>;
let media = "";

beforeAll(async () => {
  app = await createTestApp();
  const rights = [
    "conversations.read",
    "conversations.write",
    "conversations.assign",
    "messages.send",
    "contacts.read",
    "contacts.write",
    "agents.read",
  ];
  await makeRole(app, { name: "own-only", permissions: rights, reach: "own" });
  await makeRole(app, { name: "team-only", permissions: rights, reach: "team" });
  sales = await makeTeam(app, "Sales");
  support = await makeTeam(app, "Support");
  mine = await hire(app, { email: "mine@example.com", role: "own-only", teams: [sales] });
  member = await hire(app, { email: "member@example.com", role: "team-only", teams: [sales] });
  stranger = await hire(app, { email: "stranger@example.com", role: "team-only", teams: [support] });
  let count = 0;
  for (const [whose, from] of Object.entries(CUSTOMER) as [Whose, string][]) {
    await app.receive({
      from,
      id: `wamid.reach.${count++}`,
      text: whose === "other" ? THEIRS : `hello from ${whose}`,
      name: whose,
    });
    conversations[whose] = await until(async () => {
      const found = await app.api.data<ConversationView[]>("/conversations");
      return found.find(({ contact }) => contact.phone === `+${from}`);
    });
    messages[whose] = await until(async () =>
      (await app.api.data<MessageView[]>(`/conversations/${conversations[whose].id}/messages`)).at(-1),
    );
  }
  const place = async (whose: Whose, body: object) => {
    const path = `/conversations/${conversations[whose].id}/actions`;
    const { status } = await app.api.post(path, { actions: [body] });
    if (status !== 200) throw new Error(`placing ${whose} answered ${status}`);
  };
  await place("own", { do: "assign", agent: mine.id });
  await place("team", { do: "transfer", team: sales });
  await place("other", { do: "transfer", team: support });
  const uploaded = await fetch(`${app.url}/api/v2/media?type=document&filename=offer.pdf`, {
    method: "POST",
    headers: { authorization: `Bearer ${app.api.token}`, "content-type": "application/pdf" },
    body: "%PDF-1.4\nan offer\n",
  });
  media = ((await uploaded.json()) as { data: { id: string } }).data.id;
});
afterAll(() => app[Symbol.asyncDispose]());

const names = async ({ api }: Colleague) =>
  (await api.data<ConversationView[]>("/conversations")).map(({ contact }) => contact.name).sort();

describe("lists", () => {
  test("show what is within reach: one's own, the team's and the queue", async () => {
    expect(await names(mine)).toEqual(["own"]);
    expect(await names(member)).toEqual(["queue", "team"]);
    expect(await names(stranger)).toEqual(["other", "queue"]);
    const contacts = async ({ api }: Colleague) => (await api.data<ContactView[]>("/contacts")).map(({ name }) => name).sort();
    expect(await contacts(mine)).toEqual(["own"]);
    expect(await contacts(member)).toEqual(["queue", "team"]);
    expect(await contacts(stranger)).toEqual(["other", "queue"]);
  });

  test("search, counts and deliveries tell nothing of the others", async () => {
    await until(async () => (await app.api.data<unknown[]>("/search?q=secret")).length > 0);
    expect(await mine.api.data<unknown[]>("/search?q=secret")).toEqual([]);
    expect(await member.api.data<unknown[]>("/search?q=secret")).toEqual([]);
    expect(await stranger.api.data<unknown[]>("/search?q=secret")).not.toEqual([]);
    const counts = await mine.api.data<Record<string, number>>("/conversations/counts");
    expect(Math.max(...Object.values(counts).filter((one) => typeof one === "number"))).toBeLessThanOrEqual(1);
    for (const who of [mine, member])
      expect(JSON.stringify(await who.api.data("/deliveries?state=failed"))).not.toContain(THEIRS);
  });
});

describe("by id", () => {
  const calls = (): [string, string, unknown?][] => {
    const { other } = conversations;
    const contact = other.contact.id;
    return [
      ["GET", `/conversations/${other.id}`],
      ["GET", `/conversations/${other.id}/messages`],
      ["PATCH", `/conversations/${other.id}`, { priority: "high" }],
      ["POST", `/conversations/${other.id}/read`],
      ["POST", `/conversations/${other.id}/unread`],
      ["POST", `/conversations/${other.id}/take`],
      ["POST", `/conversations/${other.id}/actions`, { actions: [{ do: "take" }] }],
      ["POST", `/conversations/${other.id}/assign`, { agent: mine.id }],
      ["POST", `/conversations/${other.id}/messages`, { text: "not mine to say" }],
      ["PUT", `/conversations/${other.id}/participants/${mine.id}`],
      ["GET", `/messages/${messages.other.id}`],
      ["GET", `/contacts/${contact}`],
      ["GET", `/contacts/${contact}/merges`],
      ["POST", `/contacts/${contact}/merge`, { contact: conversations.own.contact.id }],
      ["POST", `/contacts/${conversations.own.contact.id}/merge`, { contact }],
      ["GET", `/media/${media}`],
      ["GET", `/media/${media}/info`],
      ["GET", `/media/${media}/thumbnail`],
      ["POST", `/media/${media}/ticket`],
      ["POST", `/media/${media}/retry`],
      ["POST", `/deliveries/${messages.other.id}/resend`],
      ["POST", `/deliveries/${messages.other.id}/dismiss`],
    ];
  };

  test.each(["own", "team"])("of another team's nothing is found, and nothing happens (reach %s)", async (reach) => {
    const { api } = reach === "own" ? mine : member;
    const before = await app.api.data(`/conversations/${conversations.other.id}`);
    for (const [method, path, body] of calls()) {
      const answer = await api.call(method, path, body);
      expect([method, path, answer.status]).toEqual([method, path, 404]);
      expect(JSON.stringify(answer.body)).not.toContain(THEIRS);
    }
    expect(await app.api.data(`/conversations/${conversations.other.id}`)).toEqual(before);
    expect(app.graph.sent.map((call) => JSON.stringify(call)).join()).not.toContain("not mine to say");
  });

  test("one's own are there", async () => {
    const id = conversations.own.id;
    expect((await mine.api.get(`/conversations/${id}`)).status).toBe(200);
    expect((await mine.api.get(`/messages/${messages.own.id}`)).status).toBe(200);
    expect((await mine.api.get(`/contacts/${conversations.own.contact.id}`)).status).toBe(200);
    expect((await mine.api.post(`/conversations/${id}/messages`, { text: "mine to say" })).status).toBe(200);
  });

  test("a file of somebody else cannot be sent on; once it is in a conversation within reach it is there", async () => {
    const path = `/conversations/${conversations.own.id}/messages`;
    const send = { type: "document", document: { mediaId: media } };
    expect((await mine.api.post(path, send)).body.code).toBe("media.not-found");
    expect((await app.api.post(path, send)).status).toBe(200);
    expect((await mine.api.get(`/media/${media}/info`)).status).toBe(200);
    expect((await stranger.api.get(`/media/${media}/info`)).status).toBe(404);
  });

  test("a key reaches what it was given, and a conversation is never assigned to it", async () => {
    const limited = await keyClient(app, { permissions: ["conversations.read", "messages.send"], reach: "team" });
    expect((await limited.api.get(`/conversations/${conversations.other.id}`)).status).toBe(404);
    expect((await limited.api.get(`/conversations/${conversations.queue.id}`)).status).toBe(200);
    const sent = await limited.api.post(`/conversations/${conversations.queue.id}/messages`, { text: "from a machine" });
    expect(sent.status).toBe(200);
    const after = await app.api.data<ConversationView>(`/conversations/${conversations.queue.id}`);
    expect(after).toMatchObject({ assignedAgent: null, status: "open", isAIEnabled: false });
  });
});

describe("live", () => {
  const listen = (api: ApiClient, since?: number): Promise<LiveClient> => signInLive(app.url, api.token, since);
  const about = (client: LiveClient, id: string) => client.events().filter((frame) => JSON.stringify(frame.data).includes(id));

  test("each hears what is within reach, once, under the one name of the inbox", async () => {
    using admin = await listen(app.api);
    using own = await listen(mine.api);
    using team = await listen(member.api);
    using other = await listen(stranger.api);
    for (const whose of Object.keys(CUSTOMER) as Whose[])
      await app.receive({ from: CUSTOMER[whose], id: `wamid.live.reach.${whose}`, text: whose === "other" ? THEIRS : "again" });
    const wamids = (client: LiveClient) =>
      client
        .events()
        .flatMap(({ event, data }) => (event === "message:new" ? String((data as { message: MessageView }).message.wamid) : []));
    const heard = (client: LiveClient) =>
      wamids(client)
        .filter((one) => one.startsWith("wamid.live.reach"))
        .sort();
    await until(() => heard(admin).length === 4);
    for (const client of [own, team, other]) await client.settle();
    expect(heard(own)).toEqual(["wamid.live.reach.own"]);
    expect(heard(team)).toEqual(["wamid.live.reach.queue", "wamid.live.reach.team"]);
    expect(heard(other)).toEqual(["wamid.live.reach.other", "wamid.live.reach.queue"]);
    for (const client of [own, team, other, admin]) {
      const seqs = client.events().map(({ seq }) => seq);
      expect(new Set(seqs).size).toBe(seqs.length);
      expect(client.events().every(({ topic }) => topic === "inbox")).toBe(true);
    }
    expect(JSON.stringify([own.frames, team.frames])).not.toContain(THEIRS);
  });

  test("whoever loses a conversation is told once, and only that; whoever gets it hears of it", async () => {
    using team = await listen(member.api);
    using other = await listen(stranger.api);
    using both = await listen(app.api);
    const { id } = conversations.team;
    team.send({ type: "subscribe", topics: [`conversation:${id}`] });
    await team.settle();
    const start = Number(team.frames[0]?.seq);
    await app.api.post(`/conversations/${id}/actions`, { actions: [{ do: "transfer", team: support }] });
    await until(() => about(both, id).some(({ event }) => event === "conversation:updated"));
    await app.receive({ from: CUSTOMER.team, id: "wamid.after.move", text: "only for support" });
    await until(() => about(other, "wamid.after.move").length > 0);
    await team.settle();
    const told = team.events().filter(({ event }) => event === "conversation:left");
    expect(told.map(({ data }) => data)).toEqual([{ conversation: id }]);
    expect(JSON.stringify(team.events())).not.toContain("only for support");
    expect(about(other, id).some(({ event }) => event === "conversation:updated")).toBe(true);
    // Who was away hears the same when they come back.
    using back = await listen(member.api, start);
    await back.settle();
    expect(back.events().filter(({ event }) => event === "conversation:left")).toHaveLength(1);
    expect(JSON.stringify(back.events())).not.toContain("only for support");
    // Followed by name it is gone as well, and cannot be followed again.
    team.send({ type: "unsubscribe", topics: ["inbox"] });
    team.send({ type: "subscribe", topics: [`conversation:${id}`] });
    await team.waitFor("a refusal", ({ code }) => code === "conversation.not-found");
  });

  test("topics by name are given to whom they belong", async () => {
    using client = await listen(member.api);
    const refused = async (topic: string, code: string) => {
      const before = client.frames.length;
      client.send({ type: "subscribe", topics: [topic] });
      const frame = await until(() => client.frames.slice(before).find(({ type }) => type === "error"));
      expect([topic, frame.code as string]).toEqual([topic, code]);
    };
    await refused(`conversation:${conversations.other.id}`, "conversation.not-found");
    await refused(`agent:${mine.id}`, "live.topic-forbidden");
    await refused(`team:${support}`, "live.topic-forbidden");
    await refused("sandbox", "live.topic-forbidden");
    await refused("inbox:all", "live.unknown-topic");
    await refused(`inbox:team:${support}`, "live.unknown-topic");
    const before = client.frames.length;
    client.send({ type: "subscribe", topics: [`agent:${member.id}`, `team:${sales}`, `conversation:${conversations.queue.id}`] });
    client.send({ type: "typing", conversationId: conversations.other.id, on: true });
    const frame = await until(() => client.frames.slice(before).find(({ type }) => type === "error"));
    expect(frame.code).toBe("conversation.not-found");
  });

  test("typing is seen by those who reach the conversation", async () => {
    using writer = await listen(app.api);
    using own = await listen(mine.api);
    using other = await listen(stranger.api);
    writer.send({ type: "typing", conversationId: conversations.own.id, on: true });
    const frame = await own.waitFor("typing", ({ event }) => event === "typing:indicator");
    expect(frame).toMatchObject({ seq: null, data: { conversation: conversations.own.id } });
    await other.settle();
    expect(other.frames.some(({ event }) => event === "typing:indicator")).toBe(false);
  });

  test("new rights hold on an open connection: they load anew and hear what they may now", async () => {
    const promoted = await hire(app, { email: "promoted@example.com", role: "own-only" });
    using client = await listen(promoted.api);
    await app.api.patch(`/agents/${promoted.id}`, { role: "agent" });
    await client.waitFor("a resync", ({ type }) => type === "resync");
    await app.receive({ from: CUSTOMER.other, id: "wamid.promoted", text: "now visible" });
    await until(() => about(client, "wamid.promoted").length > 0);
    await app.api.patch(`/agents/${promoted.id}`, { role: "own-only" });
    await until(() => client.frames.filter(({ type }) => type === "resync").length === 2);
    await app.receive({ from: CUSTOMER.other, id: "wamid.demoted", text: "hidden again" });
    using witness = await listen(app.api);
    await app.receive({ from: CUSTOMER.other, id: "wamid.demoted.2", text: "hidden again" });
    await until(() => about(witness, "wamid.demoted.2").length > 0);
    await client.settle();
    expect(JSON.stringify(client.frames)).not.toContain("hidden again");
  });

  test("whoever is shut out, signed out or revoked loses the line at once", async () => {
    const leaver = await hire(app, { email: "leaver@example.com", role: "agent" });
    using first = await listen(leaver.api);
    await app.api.post(`/agents/${leaver.id}/deactivate`);
    expect((await first.waitClosed()).code).toBe(1008);
    const key = await keyClient(app, { permissions: ["conversations.read"] });
    using second = await listen(key.api);
    await app.api.call("DELETE", `/api-keys/${key.id}`);
    expect((await second.waitClosed()).code).toBe(1008);
    const guest = await hire(app, { email: "guest@example.com", role: "agent" });
    using third = await listen(guest.api);
    await guest.api.post("/auth/sign-out-everywhere");
    expect((await third.waitClosed()).code).toBe(1008);
    expect(third.frames.at(-1)).toMatchObject({ type: "error", code: "auth.invalid-token" });
  });
});
