/**
 * What hangs on conversations and contacts, for somebody who does not see them all: notes, drafts, scheduled messages, stars, history,
 * jobs, files and counts of what is out of reach do not exist. One customer here has talked with two teams: each sees its own part.
 */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ConversationView, MessageView } from "../../src/events/view";
import { RPC_METHODS } from "../../src/http/live-rpc-methods";
import type { ApiClient } from "../helpers/api-client";
import { type Colleague, hire, keyClient, makeRole, makeTeam } from "../helpers/people";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";
import { signInLive } from "../http/live-client";

setDefaultTimeout(60_000);

/** A word that only the other team's customers use, and one that only the other team's people do. */
const THEIRS = "zorzal";
const NOTE = "chilalo";
const CUSTOMER = { mine: "51987670001", other: "51987670002", both: "51987670003" };
const IN_A_DAY = new Date(Date.now() + 86_400_000).toISOString();

let app: TestApp;
let own: Colleague;
let team: Colleague;
let stranger: Colleague;
let key: ApiClient;
let mine: ConversationView;
let other: ConversationView;
/** The customer of two teams: what is over, and with whom they talk now. */
let past: ConversationView;
let now: ConversationView;
let theirMessage: MessageView;
let ids: { note: string; contactNote: string; scheduled: string; job: string; view: string; segment: string; macro: string };

const phoneOf = (whose: keyof typeof CUSTOMER) => CUSTOMER[whose];
let count = 0;
const say = (whose: keyof typeof CUSTOMER, text: string) =>
  app.receive({ from: phoneOf(whose), id: `wamid.crm.reach.${++count}`, text, name: `Customer ${whose}` });
const talkOf = (whose: keyof typeof CUSTOMER, except?: string) =>
  until(async () =>
    (await app.api.data<ConversationView[]>("/conversations?limit=100")).find(
      ({ id, contact }) => contact.phone === `+${phoneOf(whose)}` && id !== except,
    ),
  );
async function done<T>(answer: Promise<{ status: number; body: { data: T } }>): Promise<T> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}
const place = (id: string, body: object) => done(app.api.post(`/conversations/${id}/actions`, { actions: [body] }));

beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  const rights = [
    "conversations.read",
    "conversations.write",
    "conversations.assign",
    "conversations.close",
    "messages.send",
    "messages.erase",
    "contacts.read",
    "contacts.write",
    "contacts.export",
    "contacts.import",
    "contacts.erase",
    "views.manage",
    "reports.read",
    "agents.read",
  ];
  await makeRole(app, { name: "own-part", permissions: rights, reach: "own" });
  await makeRole(app, { name: "team-part", permissions: rights, reach: "team" });
  const sales = await makeTeam(app, "Sales");
  const support = await makeTeam(app, "Support");
  own = await hire(app, { email: "own@example.com", role: "own-part", teams: [sales] });
  team = await hire(app, { email: "team@example.com", role: "team-part", teams: [sales] });
  stranger = await hire(app, { email: "stranger@example.com", role: "team-part", teams: [support] });
  // A key sees with its owner's teams.
  const { id } = await app.api.data<{ id: string }>("/auth/me");
  await done(app.api.patch(`/agents/${id}`, { teams: [sales] }));
  key = (await keyClient(app, { permissions: rights, reach: "team" })).api;

  await say("mine", "quisiera comprar");
  mine = await talkOf("mine");
  await place(mine.id, { do: "transfer", team: sales });
  await done(app.api.put(`/conversations/${mine.id}/participants/${own.id}`));
  await say("other", `mi ${THEIRS} no funciona`);
  other = await talkOf("other");
  await place(other.id, { do: "transfer", team: support });
  await say("both", `otro ${THEIRS} roto`);
  past = await talkOf("both");
  await place(past.id, { do: "transfer", team: support });
  await done(app.api.patch(`/conversations/${past.id}`, { status: "closed" }));
  await say("both", "ahora quisiera comprar");
  now = await talkOf("both", past.id);
  await place(now.id, { do: "transfer", team: sales });
  await done(app.api.put(`/conversations/${now.id}/participants/${own.id}`));
  theirMessage = await until(async () =>
    (await app.api.data<MessageView[]>(`/conversations/${other.id}/messages`)).find(({ content }) => content.includes(THEIRS)),
  );

  // What the other team has written about their customer.
  const by = stranger.api;
  const note = await done(by.post<{ id: string }>(`/conversations/${other.id}/notes`, { text: `${NOTE} of the team` }));
  await done(by.post(`/conversations/${past.id}/notes`, { text: `${NOTE} about the past` }));
  const contactNote = await done(
    by.post<{ id: string }>(`/contacts/${other.contact.id}/notes`, { text: `${NOTE} of the person` }),
  );
  const scheduled = await done(
    by.post<{ id: string }>(`/conversations/${other.id}/scheduled`, { dueAt: IN_A_DAY, content: { text: `${NOTE} later` } }),
  );
  await done(by.put(`/conversations/${other.id}/drafts/reply`, { text: `${NOTE} in the making` }));
  await done(by.patch(`/messages/${theirMessage.id}`, { starred: true }));
  const job = await done(
    by.post<{ id: string }>("/conversations/bulk", { ids: [other.id], actions: [{ do: "priority", priority: "low" }] }),
  );
  const view = await done(by.post<{ id: string }>("/views", { name: "All of it", filter: {}, scope: "shared" }));
  const segment = await done(by.post<{ id: string }>("/segments", { name: "Everybody", filter: {}, isShared: true }));
  const macro = await done(
    app.api.post<{ id: string }>("/macros", {
      name: "Urgent",
      visibility: "all",
      actions: [{ do: "priority", priority: "urgent" }],
    }),
  );
  ids = {
    note: note.id,
    contactNote: contactNote.id,
    scheduled: scheduled.id,
    job: job.id,
    view: view.id,
    segment: segment.id,
    macro: macro.id,
  };
  await until(async () => (await app.api.data<{ state: string }>(`/jobs/${ids.job}`)).state === "done");
  await until(async () => (await app.api.data<unknown[]>(`/search?q=${THEIRS}`)).length >= 2);
});
afterAll(() => app[Symbol.asyncDispose]());

const limited = (): [string, ApiClient][] => [
  ["own", own.api],
  ["team", team.api],
  ["a key for the team", key],
];

async function textOf(api: ApiClient, path: string): Promise<string> {
  const response = await fetch(`${app.url}/api/v2${path}`, { headers: { authorization: `Bearer ${api.token}` } });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${text}`);
  return text;
}

/** Nothing that would tell of the other team's customer. */
function tellsNothing(text: string, what: string): void {
  for (const word of [THEIRS, NOTE, other.id, other.contact.id, past.id, phoneOf("other"), theirMessage.id])
    expect([what, text.includes(word) ? `tells ${word}` : "tells nothing"]).toEqual([what, "tells nothing"]);
}

describe("lists, counts, search and files", () => {
  const LISTS = () => [
    "/conversations?limit=100",
    "/conversations/counts",
    "/contacts?limit=100",
    "/contact-duplicates",
    "/drafts",
    "/jobs",
    "/messages/starred",
    `/views/${ids.view}/conversations?limit=100`,
    `/search?q=${THEIRS}`,
    `/search?q=${NOTE}`,
    `/search?q=${phoneOf("other").slice(-6)}`,
    `/contacts?q=${encodeURIComponent("Customer other")}`,
    `/contacts?identity=${phoneOf("other")}`,
    `/contacts/${now.contact.id}/messages?limit=100`,
    `/contacts/${now.contact.id}/timeline?limit=100`,
    `/conversations?contact=${now.contact.id}`,
    "/imports",
    "/csat",
    "/deliveries?state=failed",
    ...["csv", "jsonl"].flatMap((format) =>
      ["contacts", "conversations", "messages"].map((noun) => `/exports/${noun}?format=${format}`),
    ),
  ];

  test("tell nothing of what is out of reach", async () => {
    for (const [who, api] of limited())
      for (const path of LISTS()) {
        const text = await textOf(api, path);
        // A search repeats nothing of its words.
        tellsNothing(text, `${who}: ${path}`);
      }
  });

  test("and are there for those who may: the lists above are no empty promise", async () => {
    for (const path of LISTS().filter((one) => one.includes("exports/messages") || one.includes(`q=${THEIRS}`)))
      expect([path, (await textOf(stranger.api, path)).includes(THEIRS)]).toEqual([path, true]);
    expect(await textOf(stranger.api, `/contacts/${other.contact.id}/notes`)).toContain(NOTE);
    expect(await textOf(stranger.api, `/contacts/${now.contact.id}/timeline?limit=100`)).toContain(past.id);
    expect(await textOf(own.api, `/contacts/${now.contact.id}/timeline?limit=100`)).toContain(now.id);
    expect(await textOf(stranger.api, "/drafts")).toContain(NOTE);
    expect(await textOf(stranger.api, "/messages/starred")).toContain(THEIRS);
    // A customer of two teams is there for both, each with its part.
    expect(await textOf(own.api, `/contacts/${now.contact.id}/messages`)).toContain("ahora quisiera comprar");
    expect(await textOf(stranger.api, `/contacts/${now.contact.id}/messages`)).toContain(THEIRS);
    expect(await textOf(own.api, "/exports/messages?format=jsonl")).toContain("ahora quisiera comprar");
  });

  test("counts count what is within reach", async () => {
    const numberOf = (api: ApiClient) => api.data<{ count: number }>(`/views/${ids.view}/count`);
    expect((await numberOf(own.api)).count).toBe(
      (await own.api.data<unknown[]>(`/views/${ids.view}/conversations?limit=100`)).length,
    );
    expect((await numberOf(app.api)).count).toBeGreaterThan((await numberOf(own.api)).count);
    const segments = await own.api.data<{ id: string; count: number }[]>("/segments");
    const contacts = await own.api.data<unknown[]>("/contacts?limit=100");
    expect(segments.find(({ id }) => id === ids.segment)?.count).toBe(contacts.length);
    expect(contacts).toHaveLength(2);
  });
});

describe("by id", () => {
  const contact = () => other.contact.id;
  const CALLS = (): [string, string, unknown?][] => [
    ["GET", `/contacts/${contact()}`],
    ["PATCH", `/contacts/${contact()}`, { name: "Taken over" }],
    ["POST", `/contacts/${contact()}/block`],
    ["POST", `/contacts/${contact()}/unblock`],
    ["POST", `/contacts/${contact()}/consent`, { optedIn: true, source: "nobody" }],
    ["GET", `/contacts/${contact()}/notes`],
    ["POST", `/contacts/${contact()}/notes`, { text: "not mine to say" }],
    ["PATCH", `/contacts/${contact()}/notes/${ids.contactNote}`, { text: "not mine to say" }],
    ["DELETE", `/contacts/${contact()}/notes/${ids.contactNote}`],
    // Under the name of somebody who is within reach.
    ["PATCH", `/contacts/${mine.contact.id}/notes/${ids.contactNote}`, { text: "not mine to say" }],
    ["DELETE", `/contacts/${mine.contact.id}/notes/${ids.contactNote}`],
    ["GET", `/contacts/${contact()}/timeline`],
    ["GET", `/contacts/${contact()}/duplicates`],
    ["GET", `/contacts/${contact()}/messages`],
    ["POST", `/conversations/${other.id}/notes`, { text: "not mine to say" }],
    ["POST", `/conversations/${past.id}/notes`, { text: "not mine to say" }],
    ["POST", `/conversations/${other.id}/snooze`, { until: IN_A_DAY }],
    ["POST", `/conversations/${mine.id}/merge`, { from: other.id }],
    ["POST", `/conversations/${other.id}/merge`, { from: mine.id }],
    ["POST", `/conversations/${now.id}/merge`, { from: past.id }],
    ["DELETE", `/conversations/${other.id}/participants/${stranger.id}`],
    ["GET", `/conversations/${past.id}/messages`],
    ["GET", `/conversations/${mine.id}/messages?around=${theirMessage.id}`],
    ["PATCH", `/messages/${theirMessage.id}`, { starred: true }],
    ["PATCH", `/messages/${ids.note}`, { text: "not mine to say" }],
    ["DELETE", `/messages/${theirMessage.id}`],
    ["DELETE", `/messages/${ids.note}`],
    ["POST", `/messages/${theirMessage.id}/read`],
    ["POST", `/messages/${theirMessage.id}/retry`],
    ["POST", `/messages/${theirMessage.id}/forward`, { conversations: [mine.id] }],
    ["GET", `/conversations/${other.id}/scheduled`],
    ["POST", `/conversations/${other.id}/scheduled`, { dueAt: IN_A_DAY, content: { text: "not mine to say" } }],
    ["PATCH", `/scheduled/${ids.scheduled}`, { dueAt: IN_A_DAY }],
    ["DELETE", `/scheduled/${ids.scheduled}`],
    ["GET", `/conversations/${other.id}/drafts`],
    ["PUT", `/conversations/${other.id}/drafts/reply`, { text: "not mine to say" }],
    ["GET", `/jobs/${ids.job}`],
    ["POST", `/jobs/${ids.job}/cancel`],
    ["GET", `/exports/messages?conversation=${other.id}`],
    ["GET", `/conversations/${other.id}/sla`],
    ["POST", `/macros/${ids.macro}/run`, { conversations: [mine.id, other.id] }],
  ];

  test.each([0, 1, 2])("nothing is found, and nothing happens (%#)", async (index) => {
    const [who, api] = limited()[index] as [string, ApiClient];
    const look = async () => ({
      conversation: await app.api.data(`/conversations/${other.id}`),
      contact: await app.api.data(`/contacts/${other.contact.id}`),
      notes: await app.api.data(`/contacts/${other.contact.id}/notes`),
      messages: await app.api.data(`/conversations/${other.id}/messages`),
      scheduled: await app.api.data(`/conversations/${other.id}/scheduled`),
      past: await app.api.data(`/conversations/${past.id}/messages`),
    });
    const before = await look();
    const wrong: string[] = [];
    for (const [method, path, body] of CALLS()) {
      const answer = await api.call(method, path, body);
      if (answer.status !== 404) wrong.push(`${who}: ${method} ${path} answered ${answer.status} ${answer.body.code}`);
      tellsNothing(JSON.stringify({ ...answer.body, requestId: "" }), `${who}: ${method} ${path}`);
    }
    expect(wrong).toEqual([]);
    expect(await look()).toEqual(before);
  });

  test("forwarding to a conversation out of reach sends nothing anywhere", async () => {
    const thread = await own.api.data<MessageView[]>(`/conversations/${mine.id}/messages`);
    const message = thread.find(({ content }) => content === "quisiera comprar");
    const answer = await own.api.post(`/messages/${message?.id}/forward`, { conversations: [now.id, other.id] });
    expect(answer.status).toBe(404);
    const sent = await app.api.data<MessageView[]>(`/conversations/${now.id}/messages?limit=100`);
    expect(sent.filter(({ role }) => role === "operator")).toEqual([]);
    expect(app.graph.sent).toEqual([]);
  });

  test("a bulk action skips what is out of reach, and does not tell what that was", async () => {
    const before = await app.api.data<ConversationView>(`/conversations/${other.id}`);
    for (const request of [{ ids: [mine.id, other.id, past.id] }, { filter: {} }]) {
      const job = await done(
        own.api.post<{ id: string }>("/conversations/bulk", { ...request, actions: [{ do: "priority", priority: "urgent" }] }),
      );
      const state = await until(async () => {
        const found = await own.api.data<{ state: string }>(`/jobs/${job.id}`);
        return found.state === "done" ? found : null;
      });
      expect(JSON.stringify(state)).not.toContain(THEIRS);
    }
    expect((await app.api.data<ConversationView>(`/conversations/${mine.id}`)).priority).toBe("urgent");
    expect((await app.api.data<ConversationView>(`/conversations/${other.id}`)).priority).toBe(before.priority);
  });

  test("everything about a person is handed out and erased only by somebody who sees everything", async () => {
    for (const [who, api] of limited()) {
      for (const id of [other.contact.id, now.contact.id]) {
        const path = `/data-protection/contacts/${id}`;
        const answers = [await api.get(`${path}/export`), await api.post(`${path}/erase`)];
        expect([who, ...answers.map(({ status }) => status)]).toEqual([who, 403, 403]);
      }
      expect((await api.get("/data-protection/erasures")).status).toBe(403);
    }
    expect((await app.api.get(`/contacts/${other.contact.id}`)).status).toBe(200);
  });

  test("a person who is known already is not taken over by writing them down again", async () => {
    const made = await own.api.post("/contacts", { name: "Taken over", phone: `+${phoneOf("other")}` });
    expect(made.status).toBe(409);
    tellsNothing(JSON.stringify(made.body).replaceAll(phoneOf("other"), ""), "a contact that exists");
    const moved = await own.api.patch(`/contacts/${mine.contact.id}`, { phone: `+${phoneOf("other")}` });
    expect(moved.status).toBe(409);
    tellsNothing(JSON.stringify(moved.body).replaceAll(phoneOf("other"), ""), "a number that exists");
    const imported = await fetch(`${app.url}/api/v2/imports?onExisting=update`, {
      method: "POST",
      headers: { authorization: `Bearer ${own.api.token}`, "content-type": "text/csv" },
      body: `phone,name\n+${phoneOf("other")},Taken over\n`,
    });
    expect(imported.status).toBe(403);
    expect((await app.api.data<{ name: string }>(`/contacts/${other.contact.id}`)).name).toBe("Customer other");
  });
});

test("live: what the other team does is heard by nobody else", async () => {
  using heard = await signInLive(app.url, own.api.token);
  using teamHeard = await signInLive(app.url, team.api.token);
  using theirs = await signInLive(app.url, stranger.api.token);
  const by = stranger.api;
  await done(by.post(`/conversations/${other.id}/notes`, { text: `${NOTE} live` }));
  await done(by.post(`/contacts/${other.contact.id}/notes`, { text: `${NOTE} live` }));
  await done(by.put(`/conversations/${other.id}/drafts/reply`, { text: `${NOTE} live` }));
  await done(by.patch(`/scheduled/${ids.scheduled}`, { content: { text: `${NOTE} live` } }));
  await done(by.patch(`/messages/${theirMessage.id}`, { starred: false }));
  await done(by.patch(`/contacts/${other.contact.id}`, { name: "Customer other" }));
  await done(by.patch(`/conversations/${other.id}`, { priority: "normal" }));
  await say("other", `sigue el ${THEIRS}`);
  await until(() => JSON.stringify(theirs.frames).includes(`sigue el ${THEIRS}`));
  for (const [who, client] of [
    ["own", heard],
    ["team", teamHeard],
  ] as const) {
    await client.settle();
    tellsNothing(JSON.stringify(client.frames), `live: ${who}`);
  }
});

test("live: frames and calls reach as far as their sender, and not further", async () => {
  using client = await signInLive(app.url, team.api.token);
  const answerTo = async (frame: object) => {
    const before = client.frames.length;
    client.send(frame);
    return until(() => client.frames.slice(before).find(({ type }) => type === "error" || type === "reply"));
  };
  for (const frame of [
    { type: "typing", conversationId: other.id, on: true },
    { type: "viewing", conversationId: other.id },
    { type: "read", conversationId: other.id },
    { type: "subscribe", topics: [`conversation:${past.id}`] },
  ])
    expect([frame.type, (await answerTo(frame)).code]).toEqual([frame.type, "conversation.not-found"]);
  const calls = Object.entries(RPC_METHODS).filter(([, route]) => /\/conversations\/:id/.test(route));
  expect(calls.length).toBeGreaterThan(0);
  for (const [method] of calls) {
    const reply = await answerTo({ type: "rpc", id: `reach-${method}-${count++}`, method, params: { id: other.id } });
    expect([method, reply.success]).toEqual([method, false]);
    tellsNothing(JSON.stringify({ ...reply, id: "", requestId: "" }), `rpc ${method}`);
  }
  expect((await app.api.data<ConversationView>(`/conversations/${other.id}`)).assignedAgent).toBeNull();
});
