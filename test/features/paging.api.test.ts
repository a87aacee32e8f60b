/** Lists page by key: every row once, newest first, however many rows come meanwhile. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import type { TextMessage } from "../helpers/api-client";
import { createTestApp, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(30_000);

const CUSTOMERS = 23;
const CHATTY = "51987651999";
const START = Date.now() - 3_600_000;
/** Four people a second, so that many share their time to the millisecond. */
const written = Array.from(
  { length: CUSTOMERS },
  (_, index): TextMessage => ({
    from: String(51987651000 + index),
    id: `wamid.page.${index}`,
    text: `hola ${index}`,
    at: START + Math.floor(index / 4) * 1_000,
  }),
);

let app: TestApp;
let chat = "";

beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
  await app.receive(...written);
  for (let index = 0; index < CUSTOMERS; index++)
    await app.receive({ from: CHATTY, id: `wamid.chat.${index}`, text: `mensaje ${index}`, at: START - 60_000 });
  await until(async () => (await app.api.data<ContactView[]>("/contacts?limit=100")).length === CUSTOMERS + 1);
  const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${CHATTY}`);
  chat = (await app.api.data<ConversationView[]>(`/conversations?contact=${contact?.id}`))[0]?.id ?? "";
  await until(async () => (await app.api.data<MessageView[]>(`/conversations/${chat}/messages?limit=100`)).length === CUSTOMERS);
});
afterAll(() => app[Symbol.asyncDispose]());

/** Reads a list to its end; `between` happens after the first page. */
async function walk<T extends { id: string }>(
  path: string,
  limit: number,
  between: () => Promise<unknown>,
): Promise<{ items: T[]; pages: number }> {
  const items: T[] = [];
  let cursor: string | null = null;
  let pages = 0;
  do {
    const more: string = cursor === null ? "" : `&cursor=${cursor}`;
    const answer = await app.api.get<T[]>(`${path}${path.includes("?") ? "&" : "?"}limit=${limit}${more}`);
    expect(answer.status).toBe(200);
    expect(answer.body.data.length).toBeLessThanOrEqual(limit);
    items.push(...answer.body.data);
    cursor = answer.body.page?.next ?? null;
    if (pages++ === 0) await between();
  } while (cursor !== null && pages < 100);
  return { items, pages };
}

let strangers = 0;
const strangerWrites = async () => {
  const from = String(51987652000 + ++strangers);
  await app.receive({ from, id: `wamid.stranger.${strangers}`, text: "recién llegado" });
  await until(async () => (await app.api.data<ContactView[]>(`/contacts?identity=${from}`)).length === 1);
};

test.each(["/contacts", "/conversations", "/conversations?status=open"])("%s", async (path) => {
  const all = await app.api.data<{ id: string; lastMessageAt: string }[]>(`${path}${path.includes("?") ? "&" : "?"}limit=100`);
  expect(all.length).toBe(CUSTOMERS + 1 + strangers);
  const order = all.map(({ lastMessageAt }) => lastMessageAt);
  expect([...order].sort().reverse()).toEqual(order);
  const { items, pages } = await walk<ContactView>(path, 5, strangerWrites);
  expect(items.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
  expect(pages).toBe(Math.ceil(all.length / 5));
});

test("messages of a conversation", async () => {
  const path = `/conversations/${chat}/messages`;
  const all = await app.api.data<MessageView[]>(`${path}?limit=100`);
  expect(all.map(({ content }) => content)).toEqual(
    Array.from({ length: CUSTOMERS }, (_, index) => `mensaje ${CUSTOMERS - 1 - index}`),
  );
  const { items } = await walk<MessageView>(path, 4, async () => {
    await app.receive({ from: CHATTY, id: "wamid.chat.late", text: "llegó después", at: START });
    await until(async () => (await app.api.data<MessageView[]>(path))[0]?.content === "llegó después");
  });
  expect(items.map(({ id }) => id)).toEqual(all.map(({ id }) => id));
});

test("a page exactly as long as the list is the last one", async () => {
  const { body } = await app.api.get<MessageView[]>(`/conversations/${chat}/messages?limit=${CUSTOMERS + 1}`);
  expect(body.page?.next).toBeNull();
});

test("without a limit a page has fifty rows at most", async () => {
  expect((await app.api.data<unknown[]>("/contacts")).length).toBeLessThanOrEqual(50);
});
