/** Statuses, echoes, batches and keys: every fixture of those against what WhatsApp's shape means. */
import { describe, expect, test } from "bun:test";
import type { StatusEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture, fixtureNames } from "./fixture-file";
import { parse, RECEIVED } from "./message-fixture";

test("every fixture becomes at least one event, and none is ignored unless it should be", () => {
  const ignored = fixtureNames().filter((name) => parse(name).some((event) => event.kind === "ignored"));
  expect(ignored.sort()).toEqual(["batch-with-poison", "value-without-news"]);
  expect(fixtureNames().filter((name) => parse(name).length === 0)).toEqual([]);
});

describe("statuses", () => {
  const rosa = { waId: "51911222333", userId: "PE.40010000000000000001", profileName: "Rosa Quispe" };
  const common = { kind: "status", channel: "330044005500", wabaId: "220033004400", displayNumber: "5117001234" } as const;
  const table: [string, Omit<StatusEvent, "raw">][] = [
    [
      "status-sent",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:sent",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "sent",
        recipient: rosa,
        callbackData: "66f0c0ffee66f0c0ffee66f0",
        pricing: { billable: true, model: "PMP", type: "regular", category: "service" },
      },
    ],
    [
      "status-delivered-free",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:delivered",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "delivered",
        recipient: rosa,
        pricing: { billable: false, model: "PMP", type: "free_customer_service", category: "service" },
      },
    ],
    [
      "status-delivered-older-conversation",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:delivered",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "delivered",
        recipient: { waId: "51911222333", userId: "PE.40010000000000000001" },
        pricing: { billable: true, model: "CBP", category: "utility" },
        conversation: { id: "c0ffee", expiresAt: 1_790_086_400_000, origin: "utility" },
      },
    ],
    [
      "status-read-without-number",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:read",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "read",
        recipient: { userId: "MX.40010000000000000002", username: "luna.tejidos", profileName: "Luna" },
      },
    ],
    [
      "status-played",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:played",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "played",
        recipient: rosa,
      },
    ],
    [
      "status-failed",
      {
        ...common,
        key: "s:330044005500:wamid.OUT921:failed",
        at: 1_790_001_001_000,
        wamid: "wamid.OUT921",
        status: "failed",
        recipient: { waId: "51911222333" },
        errors: [
          {
            code: 131049,
            title: "This message was not delivered to maintain healthy ecosystem engagement.",
            message: "This message was not delivered to maintain healthy ecosystem engagement.",
            details: "Limit reached.",
            href: "/docs/errors",
          },
        ],
      },
    ],
    [
      "status-of-group-member",
      {
        ...common,
        key: "s:330044005500:wamid.OUT922:read:51911222333",
        at: 1_790_001_002_000,
        wamid: "wamid.OUT922",
        status: "read",
        recipient: {},
        participant: "51911222333",
        groupId: "Y2FwaV9ncm91cDoxMjM0NQ==",
      },
    ],
    [
      "status-of-the-future",
      {
        ...common,
        key: "s:330044005500:wamid.OUT920:teleported",
        at: 1_790_001_000_000,
        wamid: "wamid.OUT920",
        status: "teleported",
        recipient: { waId: "51911222333", userId: "PE.40010000000000000001" },
      },
    ],
  ];

  test.each(table)("%s", (name, expected) => {
    const events = parse(name);
    expect(events).toHaveLength(1);
    const { raw, ...event } = events[0] as StatusEvent;
    expect(event).toEqual(expected);
    expect(raw).toMatchObject({ id: expected.wamid });
  });

  test("a payment's status says nothing about the delivery of a message", () => {
    expect(parse("status-of-payment")).toMatchObject([
      {
        kind: "notice",
        name: "payment:status",
        payload: { messageId: "wamid.OUT923", status: "captured", payment: { reference_id: "pago-9" } },
      },
    ]);
  });
});

test("echoes from the phone app name the customer and what was written", () => {
  expect(parse("echo-from-phone-app")).toMatchObject([
    {
      kind: "echo",
      key: "e:330044005500:wamid.ECHO1",
      wamid: "wamid.ECHO1",
      at: 1_790_003_300_000,
      recipient: { waId: "51911222333", userId: "PE.40010000000000000001" },
      content: { type: "text", text: "Ya te atiendo yo" },
      context: { messageId: "wamid.IN001" },
    },
    { kind: "echo", key: "e:330044005500:wamid.ECHO2", content: { type: "image", text: "la caja" } },
  ]);
  expect(parse("echo-from-phone-app")).toHaveLength(2);
});

describe("batches", () => {
  test("message and status of one value both come out", () => {
    expect(parse("message-and-status").map((event) => event.kind)).toEqual(["message", "status"]);
  });

  test("every entry and change, each on its own number", () => {
    expect(parse("batch-two-numbers").map((event) => [event.kind, event.channel, "wamid" in event ? event.wamid : ""])).toEqual([
      ["message", "330044005500", expect.stringMatching(/^wamid\.IN/)],
      ["message", "330044005500", expect.stringMatching(/^wamid\.IN/)],
      ["message", "330044005500", expect.stringMatching(/^wamid\.IN/)],
      ["status", "330044005500", "wamid.OUT911"],
      ["status", "330044005500", "wamid.OUT911"],
      ["message", "330044005501", "wamid.IN001"],
    ]);
    const keys = parse("batch-two-numbers").map((event) => event.key);
    expect(new Set(keys).size).toBe(keys.length);
  });

  test("poison is named and its neighbours live", () => {
    const events = parse("batch-with-poison");
    expect(events.map((event) => (event.kind === "ignored" ? event.reason : event.kind))).toEqual([
      "an item of messages is not an object",
      "an item of messages is not an object",
      "an item of messages is not an object",
      "an item of messages is not an object",
      "message",
      "message",
      "message",
      "an item of statuses is not an object",
      "an item of statuses has no id or no status",
      "status",
      "an item of messages is not an object",
      "notice",
    ]);
    expect(events[4]).toMatchObject({ content: { text: "el bueno" }, sender: { profileName: "Rosa Quispe" } });
    // Neither id nor kind: kept under a hash, so that it is not lost and still deduplicated.
    expect(events[5]).toMatchObject({
      wamid: expect.stringMatching(/^none:.{22}$/),
      key: expect.stringMatching(/^h:/),
      content: { type: "unknown" },
    });
    expect(events[6]).toMatchObject({
      wamid: "12.5",
      sender: { waId: "51911222333" },
      content: { text: "9" },
      at: 1_790_000_800_900,
    });
    // A timestamp that is no number gives the time of receipt.
    expect(events[9]).toMatchObject({ kind: "status", at: RECEIVED });
    expect(events[11]).toMatchObject({ name: "error", payload: { code: 130429 } });
  });
});

describe("keys", () => {
  test("the same delivery gives the same keys, days later and with its keys in another order", () => {
    const reordered = (value: unknown): unknown => {
      if (Array.isArray(value)) return value.map(reordered);
      if (typeof value !== "object" || value === null) return value;
      return Object.fromEntries(
        Object.entries(value)
          .reverse()
          .map(([key, item]) => [key, reordered(item)]),
      );
    };
    for (const name of fixtureNames().filter(
      (name) => !["value-error", "interactive-missing", "batch-with-poison"].includes(name),
    )) {
      const first = parse(name).map((event) => event.key);
      const again = parseWebhook(reordered(fixture(name)), RECEIVED + 5 * 86_400_000).map((event) => event.key);
      expect([name, ...again.sort()]).toEqual([name, ...first.sort()]);
    }
  });

  test("an account that says the same thing again later is heard again", () => {
    const body = fixture("template-approved") as { entry: { time: number }[] };
    const first = parseWebhook(body, RECEIVED)[0]!.key;
    body.entry[0]!.time += 3600;
    expect(parseWebhook(body, RECEIVED)[0]!.key).not.toBe(first);
  });

  test("an error without any time counts once a day", () => {
    const keyAt = (at: number) => parseWebhook(fixture("value-error"), at)[0]!.key;
    expect(keyAt(RECEIVED + 1000)).toBe(keyAt(RECEIVED));
    expect(keyAt(RECEIVED + 86_400_000)).not.toBe(keyAt(RECEIVED));
  });

  test("the same wamid on two numbers is two messages", () => {
    expect(parse("text")[0]!.key).toBe("m:330044005500:wamid.IN001");
    expect(parse("batch-two-numbers").at(-1)!.key).toBe("m:330044005501:wamid.IN001");
  });
});
