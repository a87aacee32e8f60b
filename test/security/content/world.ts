/** A company with customers in four places and something marked in every room; and everybody who may come to read it. */
import { BUILT_IN_ROLES, PERMISSIONS, type Permission } from "../../../src/core/permissions";
import type { ConversationView, MessageView } from "../../../src/events/view";
import type { ApiClient } from "../../helpers/api-client";
import { type Colleague, hire, keyClient, makeRole, makeTeam, PASSWORD } from "../../helpers/people";
import { createTestApp, type TestApp } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import type { Caller, Kind, Marker } from "./marker";
import { PLACES, type Place } from "./marker";
import { furnish } from "./rooms";

/** One thing that a route can be asked about. */
export interface Target {
  id: string;
  /** Where it is, or who owns it; "company": whoever has the permission. */
  whose: string;
  /** What its path calls by which name, where that is not just `id`. */
  params?: Readonly<Record<string, string>>;
  /** What its body names besides. */
  more?: string;
}

export interface ContentWorld extends AsyncDisposable {
  app: TestApp;
  markers: readonly Marker[];
  callers: readonly Caller[];
  /** By what they are: `conversation`, `contact` ... */
  targets: Readonly<Record<string, readonly Target[]>>;
  /** The conversation of the queue belongs to nobody again. */
  putBack(): Promise<void>;
}

/** What the rooms are furnished with. */
export interface Builder {
  app: TestApp;
  people: Record<"sales" | "support" | "own" | "lead", Colleague>;
  teams: { sales: string; support: string };
  conversations: Record<Place, ConversationView>;
  /** Remembers a word, and gives it. */
  mark(kind: Kind, whose: string): string;
  adopt(kind: Kind, whose: string, text: string): string;
  target(what: string, target: Target): void;
  /** The first of a kind. */
  idOf(what: string): string;
  done<T>(answer: Promise<{ status: number; body: { data: T } }>): Promise<T>;
}

const FIRST_NUMBER = 51_987_680_001;
const everything = Object.keys(PERMISSIONS) as Permission[];

async function done<T>(answer: Promise<{ status: number; body: { data: T } }>): Promise<T> {
  const { status, body } = await answer;
  if (status !== 200) throw new Error(`answered ${status}: ${JSON.stringify(body)}`);
  return body.data;
}

export async function openContentWorld(): Promise<ContentWorld> {
  const markers: Marker[] = [];
  const targets: Record<string, Target[]> = {};
  const adopt = (kind: Kind, whose: string, text: string): string => {
    if (text.length < 6) throw new Error(`${text} is too short to be looked for`);
    markers.push({ kind, whose, text });
    return text;
  };
  const mark = (kind: Kind, whose: string): string =>
    adopt(kind, whose, `q${kind}${whose.replace(":", "")}${crypto.randomUUID().replaceAll("-", "").slice(0, 10)}`.toLowerCase());
  const target = (what: string, one: Target): void => {
    targets[what] ??= [];
    targets[what].push(one);
  };

  const idOf = (what: string): string => String(targets[what]?.[0]?.id);

  const app = await createTestApp({
    env: { WHATSAPP_ACCESS_TOKEN: adopt("secret", "company", `EAAtoken${crypto.randomUUID()}`) },
  });
  for (const secret of ["an app secret of the test", "verify-me", PASSWORD, "$argon2id$"]) adopt("secret", "company", secret);
  const teams = { sales: await makeTeam(app, mark("team", "company")), support: await makeTeam(app, mark("team", "company")) };
  await makeRole(app, { name: "seller", permissions: [...BUILT_IN_ROLES.agent.permissions], reach: "team" });
  await makeRole(app, { name: "loner", permissions: [...BUILT_IN_ROLES.agent.permissions], reach: "own" });
  // Everything but the company's other half: whoever gets this role finds each room that forgets about reach.
  await makeRole(app, { name: "branch", permissions: everything, reach: "team" });
  await makeRole(app, { name: "reader", permissions: ["conversations.read", "contacts.read"], reach: "own" });
  await makeRole(app, { name: "counter", permissions: ["reports.read"], reach: "all" });
  const [sales, support, own, lead, reader, counter, agent, supervisor, leaver, signedOut] = await Promise.all([
    hire(app, { email: `${mark("email", "company")}@example.com`, role: "seller", teams: [teams.sales], name: "sales" }),
    hire(app, { email: "support@example.com", role: "seller", teams: [teams.support] }),
    hire(app, { email: "own@example.com", role: "loner" }),
    hire(app, { email: "lead@example.com", role: "branch", teams: [teams.sales] }),
    hire(app, { email: "reader@example.com", role: "reader" }),
    hire(app, { email: "counter@example.com", role: "counter" }),
    hire(app, { email: "agent@example.com", role: "agent" }),
    hire(app, { email: "supervisor@example.com", role: "supervisor" }),
    hire(app, { email: "leaver@example.com", role: "admin" }),
    hire(app, { email: "signed-out@example.com", role: "admin" }),
  ] as const);

  const conversations = {} as Record<Place, ConversationView>;
  for (const [at, place] of PLACES.entries()) {
    const from = adopt("phone", place, String(FIRST_NUMBER + at));
    const id = `wamid.content.${place}`;
    await app.receive({ from, id, text: `hola ${mark("message", place)}`, name: mark("name", place) });
    conversations[place] = await until(async () =>
      (await app.api.data<ConversationView[]>("/conversations")).find(({ contact }) => contact.phone === `+${from}`),
    );
    const message = await until(async () =>
      (await app.api.data<MessageView[]>(`/conversations/${conversations[place].id}/messages`)).find(({ wamid }) => wamid === id),
    );
    // The assistant has answered: its turn is in the book, and nobody waits.
    await until(() => app.graph.sent.some(({ to }) => to.endsWith(from)), { what: "the assistant's answer" });
    target("conversation", { id: conversations[place].id, whose: place });
    target("contact", { id: conversations[place].contact.id, whose: place });
    target("message", { id: message.id, whose: place });
  }
  const place = (where: Place, action: object) =>
    done(app.api.post(`/conversations/${conversations[where].id}/actions`, { actions: [action] }));
  await place("own", { do: "assign", agent: own.id });
  await place("sales", { do: "transfer", team: teams.sales });
  await place("support", { do: "transfer", team: teams.support });
  // A key sees with its owner's teams.
  const { id: admin } = await app.api.data<{ id: string }>("/auth/me");
  await done(app.api.patch(`/agents/${admin}`, { teams: [teams.sales] }));

  const builder: Builder = { app, people: { sales, support, own, lead }, teams, conversations, mark, adopt, target, idOf, done };
  await furnish(builder);
  // Whoever wrote there has it now: it goes back to the queue.
  await place("queue", { do: "assign", agent: null });

  const narrow = await keyClient(app, { permissions: ["contacts.read", "messages.send"] });
  const branchKey = await keyClient(app, { permissions: everything, reach: "team" });
  const whole = await keyClient(app, { permissions: everything });
  const revoked = await keyClient(app, { permissions: everything });
  await app.api.call("DELETE", `/api-keys/${revoked.id}`);
  await done(app.api.post(`/agents/${leaver.id}/deactivate`));
  await signedOut.api.post("/auth/sign-out-everywhere");
  for (const { api } of [sales, support, own, lead, agent, supervisor, narrow, branchKey, whole, revoked, leaver, signedOut])
    adopt("secret", "company", api.token);
  adopt("secret", "company", app.api.token);
  adopt("device", "person:admin", String((await app.api.data<{ id: string }[]>("/auth/sessions"))[0]?.id));

  const nobody = (name: string, token: string | null): Caller => ({
    name,
    token,
    may: new Set(),
    reaches: new Set(),
    seesAll: false,
    person: null,
  });
  const caller = (
    name: string,
    { token }: Pick<ApiClient, "token">,
    may: readonly Permission[],
    reaches: readonly Place[] = PLACES,
    person: string | null = `person:${name}`,
  ): Caller => ({ name, token, may: new Set(may), reaches: new Set(reaches), seesAll: reaches === PLACES, person });
  const AGENT = BUILT_IN_ROLES.agent.permissions;
  return {
    app,
    markers,
    targets,
    async putBack() {
      await place("queue", { do: "assign", agent: null });
    },
    callers: [
      nobody("guest", null),
      nobody("somebody who has signed out", signedOut.api.token),
      nobody("somebody who was shut out", leaver.api.token),
      nobody("a revoked key", revoked.api.token),
      caller("admin", app.api, everything),
      caller("supervisor", supervisor.api, BUILT_IN_ROLES.supervisor.permissions),
      caller("agent", agent.api, AGENT),
      caller("sales", sales.api, AGENT, ["sales", "queue"]),
      caller("support", support.api, AGENT, ["support", "queue"]),
      caller("own", own.api, AGENT, ["own"]),
      caller("lead", lead.api, everything, ["sales", "queue"]),
      caller("reader", reader.api, ["conversations.read", "contacts.read"], []),
      caller("counter", counter.api, ["reports.read"]),
      caller("a key", narrow.api, ["contacts.read", "messages.send"], PLACES, null),
      caller("a key of a team", branchKey.api, everything, ["sales", "queue"], null),
      caller("a key with every scope", whole.api, everything, PLACES, null),
    ],
    [Symbol.asyncDispose]: () => app[Symbol.asyncDispose](),
  };
}
