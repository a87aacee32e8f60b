import { afterEach, expect, test } from "bun:test";
import { signBody } from "../../../src/channels/whatsapp/signature";
import { credentials, type Door, openDoor } from "./sandbox-world";

const doors: Door[] = [];
const door = () => {
  const opened = openDoor();
  doors.push(opened);
  return opened;
};
afterEach(async () => {
  for (const opened of doors.splice(0)) await opened.stop();
});

const post = (url: string, body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
  fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json", "x-hub-signature-256": signBody(credentials.appSecret, body), ...headers },
  });

const textMessage = (id: string, body: string) => ({
  from: "51911100011",
  id,
  timestamp: "1790000000",
  type: "text",
  text: { body },
});
const webhook = (...messages: unknown[]) =>
  JSON.stringify({
    object: "whatsapp_business_account",
    entry: [
      {
        id: "1",
        changes: [{ field: "messages", value: { messaging_product: "whatsapp", metadata: { phone_number_id: "77" }, messages } }],
      },
    ],
  });

test("a signed message is accepted and answered with 200", async () => {
  const { url, events } = door();
  const response = await post(url, webhook(textMessage("wamid.A", "hola"), textMessage("wamid.B", "¿abren?")));
  expect(response.status).toBe(200);
  expect(events.map((event) => event.key)).toEqual(["m:77:wamid.A", "m:77:wamid.B"]);
});

test.each([
  ["wrong", { "x-hub-signature-256": `sha256=${"0".repeat(64)}` }],
  ["of another body", { "x-hub-signature-256": signBody(credentials.appSecret, "{}") }],
  ["of another secret", { "x-hub-signature-256": signBody("other", webhook(textMessage("wamid.A", "hola"))) }],
])("a signature that is %s: 401 and nothing accepted", async (_, headers) => {
  const opened = door();
  const response = await post(opened.url, webhook(textMessage("wamid.A", "hola")), headers);
  expect(response.status).toBe(401);
  expect(await response.json()).toMatchObject({ code: "webhook.bad-signature" });
  expect(opened.requests).toBe(0);
});

test("no signature at all: 401, also when the body is no JSON", async () => {
  const opened = door();
  for (const body of ["{}", "{nonsense"]) {
    expect((await fetch(opened.url, { method: "POST", body })).status).toBe(401);
  }
  expect(opened.requests).toBe(0);
});

test.each([
  ["malformed JSON", "{nonsense", "the body is not JSON"],
  ["nothing", "", "the body is not JSON"],
  ["null", "null", "the body is not a JSON object"],
  ["an empty object", "{}", "the body has no entry"],
  ["an empty entry", '{"object":"whatsapp_business_account","entry":[]}', "the entry is empty"],
  ["another object", '{"object":"page","entry":[{"id":"1","changes":[]}]}', "the object is not whatsapp_business_account"],
  ["an entry that is no object", '{"object":"whatsapp_business_account","entry":[null]}', "an entry is not an object"],
  ["no changes", '{"object":"whatsapp_business_account","entry":[{"id":"1"}]}', "an entry has no changes"],
])("signed %s: 200 and recorded as ignored", async (_, body, reason) => {
  const { url, events } = door();
  expect((await post(url, body)).status).toBe(200);
  expect(events).toHaveLength(1);
  expect(events[0]).toMatchObject({ kind: "ignored", reason, channel: "unknown" });
});

test("a store that fails gives no 200, so Meta delivers again", async () => {
  const opened = door();
  opened.broken = true;
  expect((await post(opened.url, webhook(textMessage("wamid.A", "hola")))).status).toBe(500);
  opened.broken = false;
  expect((await post(opened.url, webhook(textMessage("wamid.A", "hola")))).status).toBe(200);
  expect(opened.events).toHaveLength(1);
});

test("a body of almost 3 MB passes, one above is 413 whether its length is announced or not", async () => {
  const opened = door();
  const limit = 3 * 1024 * 1024;
  const frame = webhook(textMessage("wamid.A", ""));
  const full = webhook(textMessage("wamid.A", "x".repeat(limit - frame.length)));
  expect(full.length).toBe(limit);
  expect((await post(opened.url, full)).status).toBe(200);
  const over = `${full} `;
  const announced = await post(opened.url, over);
  expect(announced.status).toBe(413);
  const chunks = new ReadableStream({
    start(controller) {
      const bytes = new TextEncoder().encode(over);
      for (let at = 0; at < bytes.length; at += 500_000) controller.enqueue(bytes.slice(at, at + 500_000));
      controller.close();
    },
  });
  const streamed = await fetch(opened.url, {
    method: "POST",
    body: chunks,
    headers: { "x-hub-signature-256": signBody(credentials.appSecret, over) },
  });
  expect(streamed.status).toBe(413);
  expect(opened.requests).toBe(1);
});

test("a body sent in chunks without a length is read whole", async () => {
  const { url, events } = door();
  const body = webhook(textMessage("wamid.C", "en partes"));
  const chunks = new ReadableStream({
    async start(controller) {
      for (const part of [body.slice(0, 40), body.slice(40)]) {
        controller.enqueue(new TextEncoder().encode(part));
        await Bun.sleep(1);
      }
      controller.close();
    },
  });
  const headers = { "x-hub-signature-256": signBody(credentials.appSecret, body) };
  expect((await fetch(url, { method: "POST", body: chunks, headers })).status).toBe(200);
  expect(events.map((event) => event.key)).toEqual(["m:77:wamid.C"]);
});

const verify = (query: string) => fetch(`${door().url}?${query}`);

test("verification answers the challenge verbatim as plain text", async () => {
  const challenge = "12<b>&34";
  const response = await verify(
    new URLSearchParams({
      "hub.mode": "subscribe",
      "hub.challenge": challenge,
      "hub.verify_token": credentials.verifyToken,
    }).toString(),
  );
  expect(response.status).toBe(200);
  expect(response.headers.get("content-type")).toStartWith("text/plain");
  expect(await response.text()).toBe(challenge);
});

test.each([
  ["a wrong token", "hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong"],
  ["no token", "hub.mode=subscribe&hub.challenge=1"],
  ["another mode", `hub.mode=unsubscribe&hub.challenge=1&hub.verify_token=${credentials.verifyToken}`],
  ["no challenge", `hub.mode=subscribe&hub.verify_token=${credentials.verifyToken}`],
  ["a repeated token", `hub.mode=subscribe&hub.challenge=1&hub.verify_token=wrong&hub.verify_token=${credentials.verifyToken}`],
  ["a repeated challenge", `hub.mode=subscribe&hub.challenge=1&hub.challenge=2&hub.verify_token=${credentials.verifyToken}`],
  ["nothing", ""],
])("verification with %s: 403", async (_, query) => {
  const response = await verify(query);
  expect(response.status).toBe(403);
  expect(await response.json()).toMatchObject({ code: "webhook.bad-verify-token" });
});
