/** Whatever is posted: the parser never throws, never drops an item, and gives events a store can hold. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import type { InboundEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture, fixtureNames } from "./fixture-file";

const RECEIVED = 1_795_000_000_000;
const runs = { numRuns: 1_500 };

const knownKeys = [
  "type",
  "id",
  "from",
  "from_user_id",
  "timestamp",
  "text",
  "body",
  "image",
  "audio",
  "document",
  "contacts",
  "interactive",
  "button_reply",
  "nfm_reply",
  "response_json",
  "reaction",
  "order",
  "product_items",
  "system",
  "edit",
  "message",
  "context",
  "referral",
  "errors",
  "code",
  "status",
  "statuses",
  "messages",
  "history",
  "threads",
  "standby",
  "calls",
  "groups",
  "metadata",
  "phone_number_id",
  "pricing",
  "conversation",
  "error_data",
  "emoji",
  "name",
  "phones",
  "value",
  "field",
  "__proto__",
  "constructor",
  "toString",
  "a\u0000b",
];
const knownTypes = [
  "text",
  "image",
  "contacts",
  "interactive",
  "order",
  "system",
  "edit",
  "unsupported",
  "reaction",
  "toString",
  "",
];

const junk = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom<unknown>(null, true, "", "\u0000", "\ud800", "1790000000", -1, 1e308, 0.5, Number.MAX_SAFE_INTEGER),
    fc.constantFrom(...knownTypes),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof(fc.constantFrom(...knownKeys), fc.string()), tie("value"), { maxKeys: 5 }),
  ),
})).value;

function isStorable(value: unknown, depth = 0): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return value !== undefined;
  if (depth > 60) return false;
  return Object.entries(value).every(([key, item]) => !key.includes("\0") && isStorable(item, depth + 1));
}

function assertSound(events: readonly InboundEvent[]): void {
  expect(events.length).toBeGreaterThan(0);
  for (const event of events) {
    expect(event.key.length).toBeGreaterThan(2);
    expect(event.key.length).toBeLessThan(900);
    expect(Number.isInteger(event.at)).toBe(true);
    expect(event.at).toBeLessThanOrEqual(RECEIVED + 86_400_000);
    expect(event.channel).not.toBe("");
    const { raw, ...rest } = event;
    expect(isStorable(rest)).toBe(true);
    expect(raw === undefined || isStorable(raw)).toBe(true);
    if (event.kind === "message") {
      expect(event.wamid).not.toBe("");
      expect(event.content.text.isWellFormed()).toBe(true);
      expect(event.content.text).not.toContain("\0");
    }
  }
}

test("any JSON as a body", () => {
  fc.assert(
    fc.property(junk, (body) => assertSound(parseWebhook(body, RECEIVED))),
    runs,
  );
});

test("any JSON inside the envelope: one event for each item of messages and statuses", () => {
  const list = fc.array(junk, { maxLength: 6 });
  fc.assert(
    fc.property(list, list, list, junk, (messages, statuses, errors, contacts) => {
      const value = { metadata: { phone_number_id: "1" }, contacts, messages, statuses, errors };
      const body = { object: "whatsapp_business_account", entry: [{ id: "2", changes: [{ field: "messages", value }] }] };
      const events = parseWebhook(body, RECEIVED);
      assertSound(events);
      expect(events).toHaveLength(Math.max(1, messages.length + statuses.length + errors.length));
    }),
    runs,
  );
});

test("any JSON under any field", () => {
  const field = fc.oneof(
    fc.constantFrom("history", "calls", "standby", "smb_message_echoes", "flows", "account_update", "messaging_handovers"),
    junk,
  );
  fc.assert(
    fc.property(field, junk, junk, (name, value, time) => {
      assertSound(
        parseWebhook(
          { object: "whatsapp_business_account", entry: [{ id: 5, time, changes: [{ field: name, value }] }] },
          RECEIVED,
        ),
      );
    }),
    runs,
  );
});

/** A copy of a real body in which one place is replaced by junk. */
function spoilt(body: unknown, path: readonly number[], replacement: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined || typeof body !== "object" || body === null) return replacement;
  const keys = Object.keys(body);
  if (keys.length === 0) return replacement;
  const key = keys[step % keys.length]!;
  const copy: Record<string, unknown> | unknown[] = Array.isArray(body) ? [...body] : { ...body };
  const record = copy as Record<string, unknown>;
  record[key] = spoilt(record[key], rest, replacement);
  return copy;
}

test("real bodies with one part replaced by anything", () => {
  const bodies = fixtureNames().map(fixture);
  fc.assert(
    fc.property(fc.nat(bodies.length - 1), fc.array(fc.nat(20), { maxLength: 12 }), junk, (which, path, replacement) => {
      assertSound(parseWebhook(spoilt(bodies[which], path, replacement), RECEIVED));
    }),
    { numRuns: 4_000 },
  );
});

test("a bad neighbour changes nothing about a good message", () => {
  const good = { from: "5191", id: "wamid.G", timestamp: "1790000000", type: "text", text: { body: "hola" } };
  const bodyOf = (messages: unknown[]) => ({
    object: "whatsapp_business_account",
    entry: [{ id: "2", changes: [{ field: "messages", value: { metadata: { phone_number_id: "1" }, messages } }] }],
  });
  const [alone] = parseWebhook(bodyOf([good]), RECEIVED);
  fc.assert(
    fc.property(fc.array(junk, { maxLength: 3 }), fc.array(junk, { maxLength: 3 }), (before, after) => {
      const events = parseWebhook(bodyOf([...before, good, ...after]), RECEIVED);
      expect(events[before.length]).toEqual(alone!);
    }),
    runs,
  );
});

test("nesting without end is cut, not followed", () => {
  const deep: unknown = JSON.parse(`${'{"a":['.repeat(5_000)}1${"]}".repeat(5_000)}`);
  assertSound(parseWebhook(deep, RECEIVED));
  const message = { from: "5191", id: "wamid.D", timestamp: "1790000000", type: "text", text: { body: "hondo" }, deep };
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: "2", changes: [{ field: "messages", value: { messages: [message] } }] }],
  };
  const events = parseWebhook(body, RECEIVED);
  assertSound(events);
  expect(events[0]).toMatchObject({ kind: "message", content: { text: "hondo" } });
});

test("a thousand updates in one body", () => {
  const messages = Array.from({ length: 1_000 }, (_, index) => ({
    from: `5191${index}`,
    id: `wamid.${index}`,
    timestamp: "1790000000",
    type: "text",
    text: { body: String(index) },
  }));
  const contacts = messages.map(({ from }, index) => ({ wa_id: from, profile: { name: `N${index}` } })).reverse();
  const body = {
    object: "whatsapp_business_account",
    entry: [{ id: "2", changes: [{ field: "messages", value: { metadata: { phone_number_id: "1" }, contacts, messages } }] }],
  };
  const events = parseWebhook(body, RECEIVED);
  expect(events).toHaveLength(1_000);
  for (const [index, event] of events.entries()) {
    expect(event).toMatchObject({ wamid: `wamid.${index}`, sender: { profileName: `N${index}` } });
  }
});
