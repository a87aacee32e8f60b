/** An inbox with three people in it, customers who write, and a live socket: for tests of what agents do. */
import { expect } from "bun:test";
import { newId } from "../../../src/core/id";
import type { ContactView, ConversationView, MessageView } from "../../../src/events/view";
import { ApiClient } from "../../helpers/api-client";
import { openRooms } from "../../helpers/rooms";
import { ADMIN } from "../../helpers/server-process";
import { tempDir } from "../../helpers/temp-dir";
import { createTestApp, type TestApp, type TestAppOptions } from "../../helpers/test-app";
import { until } from "../../helpers/until";
import { type LiveClient, signInLive } from "../../http/live-client";

const PASSWORD = "a long password of the test";

export interface InboxWorld extends AsyncDisposable {
  app: TestApp;
  /** Where its data are: a second world can be opened on them. */
  dataDir: string;
  /** Signed in: the admin and two agents without a special permission. */
  admin: ApiClient;
  lucia: ApiClient & { id: string };
  pedro: ApiClient & { id: string };
  customer(): Customer;
  live(client?: ApiClient): Promise<LiveClient>;
}

export interface Customer {
  from: string;
  writes(text: string): Promise<void>;
  /** Writes, and gives the conversation once the message is in it. */
  opens(text?: string): Promise<ConversationView>;
  conversation(): Promise<ConversationView>;
  thread(): Promise<MessageView[]>;
  /** What this customer's phone has received. */
  heard(): string[];
  hears(count: number): Promise<unknown>;
}

let lastNumber = 51987600000;

export async function openInboxWorld({ dataDir, env = {}, ...options }: TestAppOptions = {}): Promise<InboxWorld> {
  const own = dataDir === undefined ? tempDir() : null;
  const dir = dataDir ?? own?.path ?? "";
  await addPeople(dir);
  const app = await createTestApp({ ...options, dataDir: dir, env: { ASSISTANT: "off", ...env } });
  const signedIn = async (email: string) => {
    const client = await new ApiClient(app.url).signIn({ email, password: PASSWORD });
    const { id } = await client.data<{ id: string }>("/auth/me");
    return Object.assign(client, { id });
  };
  const [lucia, pedro] = [await signedIn("lucia@test.local"), await signedIn("pedro@test.local")];
  return {
    app,
    dataDir: dir,
    admin: app.api,
    lucia,
    pedro,
    customer: () => customerOf(app),
    live: (client = app.api) => signInLive(app.url, client.token),
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]();
      own?.[Symbol.dispose]();
    },
  };
}

async function addPeople(dataDir: string): Promise<void> {
  await using rooms = await openRooms({ dataDir });
  const { agents } = rooms.models;
  if (await agents.exists({})) return;
  const now = new Date();
  const hash = (password: string) => Bun.password.hash(password, { algorithm: "argon2id", memoryCost: 1024, timeCost: 1 });
  for (const [name, email, role, password] of [
    ["Admin", ADMIN.email, "admin", ADMIN.password],
    ["Lucia", "lucia@test.local", "agent", PASSWORD],
    ["Pedro", "pedro@test.local", "agent", PASSWORD],
  ] as const)
    await agents.create({
      _id: newId(),
      name,
      email,
      passwordHash: await hash(password),
      role,
      createdAt: now,
      updatedAt: now,
    } as never);
}

function customerOf(app: TestApp): Customer {
  const from = String(++lastNumber);
  let count = 0;
  const conversation = async () => {
    const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${from}`);
    return (contact && (await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`))[0]) as ConversationView;
  };
  const heard = () => app.graph.sent.filter(({ to }) => to === `+${from}`).map(({ text }) => text);
  const customer: Customer = {
    from,
    async writes(text) {
      const id = `wamid.${from}.${++count}`;
      expect(await app.receive({ from, id, text })).toBe(200);
      await until(async () => (await conversation()) && (await customer.thread()).some(({ wamid }) => wamid === id), {
        what: "the stored message",
      });
    },
    async opens(text = "hola") {
      await customer.writes(text);
      return customer.conversation();
    },
    conversation: () => until(conversation, { what: "a conversation" }),
    thread: async () => app.api.data<MessageView[]>(`/conversations/${(await customer.conversation()).id}/messages?limit=100`),
    heard,
    hears: (wanted) => until(() => heard().length >= wanted, { what: `${wanted} messages on the phone of ${from}` }),
  };
  return customer;
}

/** The lines of activity in a thread, oldest first. */
export const activityOf = (thread: readonly MessageView[]): string[] =>
  thread
    .filter(({ type }) => type === "activity")
    .map(({ content }) => content)
    .reverse();
