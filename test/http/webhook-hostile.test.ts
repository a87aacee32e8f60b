/** Signed bodies that no sane sender makes: each is acknowledged, and what can be understood in it is stored. */
import { afterAll, beforeAll, expect, setDefaultTimeout, test } from "bun:test";
import { signBody } from "../../src/channels/whatsapp/signature";
import type { ContactView, ConversationView, MessageView } from "../../src/events/view";
import { APP_SECRET, createTestApp, NUMBER, type TestApp } from "../helpers/test-app";
import { until } from "../helpers/until";

setDefaultTimeout(60_000);

const FROM = "51987650300";
let app: TestApp;
beforeAll(async () => {
  app = await createTestApp({ env: { ASSISTANT: "off" } });
});
afterAll(() => app[Symbol.asyncDispose]());

let sent = 0;
const post = async (body: string | Uint8Array, headers: Record<string, string> = { "content-type": "application/json" }) =>
  (
    await fetch(`${app.url}/api/v2/webhook`, {
      method: "POST",
      body,
      headers: { "x-hub-signature-256": signBody(APP_SECRET, body), ...headers },
    })
  ).status;
const around = (inner: string, field = "messages") =>
  `{"entry":[{"changes":[{"value":{${inner},"metadata":{"phone_number_id":"${NUMBER}"}},"field":"${field}"}],"id":"1"}],"object":"whatsapp_business_account"}`;
const message = (body: string, more = "") =>
  `{"id":"wamid.hostile.${++sent}","from":"${FROM}","timestamp":"1790000000","type":"text","text":{"body":"${body}"}${more}}`;

const texts = async (): Promise<string[]> => {
  const [contact] = await app.api.data<ContactView[]>(`/contacts?identity=${FROM}`);
  const [talk] = contact ? await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`) : [];
  const thread = talk ? await app.api.data<MessageView[]>(`/conversations/${talk.id}/messages?limit=100`) : [];
  return thread.map(({ content }) => content);
};
const stored = (text: string) => until(async () => (await texts()).includes(text), { what: `"${text}" in the thread` });

test.each([
  "text/plain",
  "application/x-www-form-urlencoded",
  "multipart/form-data; boundary=x",
  "application/json; charset=utf-16",
  "nonsense",
])("the content type %s says nothing about the bytes", async (type) => {
  const text = `como ${type.replace(/\W/g, "")}`;
  expect(await post(around(`"messages":[${message(text)}]`), { "content-type": type })).toBe(200);
  await stored(text);
});

test("a byte order mark, escaped and bare characters, and bytes that are no UTF-8", async () => {
  expect(await post(`\uFEFF${around(`"messages":[${message("con marca")}]`)}`)).toBe(200);
  await stored("con marca");
  expect(await post(around(`"messages":[${message("ma\\u00f1ana \\u0040 \\/ ñ")}]`))).toBe(200);
  await stored("mañana @ / ñ");
  const [before, after] = around(`"messages":[${message("roto |")}]`).split("|");
  expect(await post(Buffer.concat([Buffer.from(before ?? ""), Buffer.from([0xff, 0xc0]), Buffer.from(after ?? "")]))).toBe(200);
  await stored("roto \uFFFD\uFFFD");
});

test("of a key that is there twice the last one counts", async () => {
  expect(await post(around(`"messages":[7],"messages":[${message("primero", ',"text":{"body":"segundo"}')}]`))).toBe(200);
  await stored("segundo");
});

test("nesting of a million levels is cut, and the message around it is there", async () => {
  const deep = `,"x":${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`;
  expect(await post(around(`"messages":[${message("hondo", deep)}]`))).toBe(200);
  await stored("hondo");
  expect(await post(`${"[".repeat(1_000_000)}${"]".repeat(1_000_000)}`)).toBe(200);
});

test.each([
  [
    "numbers where messages should be",
    around(`"messages":[${message("antes de los ceros")},${"0,".repeat(900_000)}0]`),
    "antes de los ceros",
  ],
  [
    "errors without content",
    around(`"messages":[${message("con errores")}],"errors":[${"{},".repeat(800_000)}{}]`),
    "con errores",
  ],
  ["contacts of nobody", around(`"contacts":[${"{},".repeat(800_000)}{}],"messages":[${message("entre nadie")}]`), "entre nadie"],
])("a million %s", async (_, body, text) => {
  expect(await post(body)).toBe(200);
  await stored(text);
});

test("a history of thousands of messages is stored message by message", async () => {
  const old = Array.from(
    { length: 1_000 },
    (_, index) =>
      `{"id":"wamid.old.${index}","from":"51987650301","timestamp":"${1_780_000_000 + index}","type":"text","text":{"body":"h${index}"}}`,
  );
  const thread = `{"id":"51987650301","messages":[${old.join()}]}`;
  expect(await post(around(`"history":[{"metadata":{"phase":1},"threads":[null,${thread}]}]`, "history"))).toBe(200);
  const talk = await until(async () => {
    const [contact] = await app.api.data<ContactView[]>("/contacts?identity=51987650301");
    const [found] = contact ? await app.api.data<ConversationView[]>(`/conversations?contact=${contact.id}`) : [];
    return found?.lastMessage?.text === "h999" ? found : null;
  });
  let all = 0;
  for (let cursor = ""; ; ) {
    const { body } = await app.api.get<MessageView[]>(`/conversations/${talk.id}/messages?limit=100${cursor}`);
    all += body.data.length;
    if (!body.page?.next) break;
    cursor = `&cursor=${encodeURIComponent(body.page.next)}`;
  }
  expect(all).toBe(1_000);
});

test.each([
  "",
  "   ",
  "null",
  "1e999",
  '"text"',
  "[]",
  "true",
  '{"entry":{}}',
  '{"entry":[{"changes":[{"field":"messages","value":7}]}]}',
])("%j is acknowledged", async (body) => {
  expect(await post(body)).toBe(200);
});
