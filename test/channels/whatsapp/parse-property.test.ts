/** Whatever is posted: the parser never throws, never drops an item, and gives events a store can hold. */
import { expect, setDefaultTimeout, test } from "bun:test";
import fc from "fast-check";
import type { InboundEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture, fixtureNames } from "./fixture-file";
import { anyJson, badMessage, kinds } from "./hostile-json";

const RECEIVED = 1_795_000_000_000;
const runs = { numRuns: 3_000 };

setDefaultTimeout(60_000);

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
    fc.property(anyJson, (body) => assertSound(parseWebhook(body, RECEIVED))),
    runs,
  );
});

test("any JSON inside the envelope: one event for each item of messages and statuses", () => {
  const list = fc.array(anyJson, { maxLength: 6 });
  fc.assert(
    fc.property(list, list, list, anyJson, (messages, statuses, errors, contacts) => {
      const value = { metadata: { phone_number_id: "1" }, contacts, messages, statuses, errors };
      const body = { object: "whatsapp_business_account", entry: [{ id: "2", changes: [{ field: "messages", value }] }] };
      const events = parseWebhook(body, RECEIVED);
      assertSound(events);
      expect(events).toHaveLength(Math.max(1, messages.length + statuses.length + errors.length));
    }),
    runs,
  );
});

const around = (messages: unknown[]) => ({
  object: "whatsapp_business_account",
  entry: [{ id: "2", changes: [{ field: "messages", value: { metadata: { phone_number_id: "1" }, messages } }] }],
});

test("a message whose kind is right keeps its kind and its id, whatever is inside", () => {
  fc.assert(
    fc.property(fc.array(badMessage, { minLength: 1, maxLength: 4 }), (messages) => {
      const events = parseWebhook(around(messages), RECEIVED);
      assertSound(events);
      const found = events.map((event) => (event.kind === "message" ? [event.wamid, event.content.type] : [event.kind]));
      expect(found).toEqual(messages.map(({ id, type }) => [String(id), type === "hologram" ? "unknown" : String(type)]));
    }),
    runs,
  );
});

test("the bodies of these tests are as bad as they should be, and reach every reader", () => {
  const samples = fc.sample(badMessage, 4_000);
  const text = samples.map((message) => JSON.stringify(message));
  const share = (matches: (one: string) => boolean) => text.filter(matches).length / text.length;
  for (const mark of ["null", "\\u0000", "\\ud800", '"__proto__"', '"constructor"', "1e+308", "0.5", "[[", '"":', '"$set"'])
    expect([mark, share((one) => one.includes(mark)) > 0.003]).toEqual([mark, true]);
  expect(share((one) => one.length > 3_000)).toBeGreaterThan(0.01);
  const contents = samples
    .flatMap((message) => parseWebhook(around([message]), RECEIVED))
    .flatMap((event) => (event.kind === "message" ? [event.content] : []));
  for (const kind of kinds) expect(contents.filter(({ type }) => type === kind).length).toBeGreaterThan(50);
  // Not only empty shells: most kinds are read with something in them.
  for (const kind of ["interactive", "order", "contacts", "system", "edit", "reaction", "location"])
    expect([kind, contents.some(({ type, payload }) => type === kind && JSON.stringify(payload).length > 60)]).toEqual([
      kind,
      true,
    ]);
});

test("any JSON under any field", () => {
  const field = fc.oneof(
    fc.constantFrom<unknown>(
      ...["history", "calls", "standby", "smb_message_echoes", "smb_app_state_sync", "flows", "account_update", "account_alerts"],
      ...[
        "messaging_handovers",
        "user_preferences",
        "user_id_update",
        "group_participants_update",
        "automatic_events",
        "security",
      ],
      ...["message_template_status_update", "message_template_components_update", "template_category_update", "constructor"],
    ),
    anyJson,
  );
  fc.assert(
    fc.property(field, anyJson, anyJson, (name, value, time) => {
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

/** A copy of a real body in which one place is replaced by anything. */
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
    fc.property(fc.nat(bodies.length - 1), fc.array(fc.nat(20), { maxLength: 12 }), anyJson, (which, path, replacement) => {
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
    fc.property(fc.array(anyJson, { maxLength: 3 }), fc.array(anyJson, { maxLength: 3 }), (before, after) => {
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
