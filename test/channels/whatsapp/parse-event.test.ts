/** Statuses, notices, echoes, batches: every other fixture against what WhatsApp's shape means. */
import { describe, expect, test } from "bun:test";
import type { InboundEvent, NoticeEvent, StatusEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { fixture, fixtureNames } from "./fixture-file";

const RECEIVED = 1_795_000_000_000;
const parse = (name: string): InboundEvent[] => parseWebhook(fixture(name), RECEIVED);

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

describe("notices", () => {
  const template = { templateId: "5500110022", templateName: "cita_recordatorio", language: "es_PE" };
  const rosa = { waId: "51911222333", userId: "PE.40010000000000000001", profileName: "Rosa Quispe" };
  const table: [string, string, NoticeEvent["payload"]][] = [
    ["template-approved", "template:status", { ...template, event: "APPROVED", category: "UTILITY" }],
    [
      "template-rejected",
      "template:status",
      { ...template, event: "REJECTED", reason: "INVALID_FORMAT", recommendation: "Put text behind it." },
    ],
    [
      "template-disabled",
      "template:status",
      { ...template, event: "DISABLED", disabledAt: "2026-10-01", title: "DISABLED", description: "Too many complaints" },
    ],
    ["template-quality", "template:quality", { ...template, previous: "GREEN", current: "RED" }],
    ["template-quality-under-status-field", "template:quality", { ...template, previous: "GREEN", current: "YELLOW" }],
    ["template-category", "template:category", { ...template, previous: "UTILITY", current: "MARKETING" }],
    [
      "template-category-announced",
      "template:category",
      { ...template, current: "UTILITY", correct: "MARKETING", changesAt: 1_790_500_000_000 },
    ],
    [
      "template-components",
      "template:components",
      {
        ...template,
        title: "Tu cita",
        body: "Hola {{1}}",
        footer: "Clínica",
        buttons: [{ type: "URL", text: "Ver", url: "https://clinica.example" }],
      },
    ],
    [
      "phone-quality",
      "phone-number:quality",
      { event: "THROUGHPUT_UPGRADE", previousLimit: "TIER_2K", currentLimit: "TIER_UNLIMITED" },
    ],
    ["phone-name", "phone-number:name", { decision: "REJECTED", name: "Zapatería", reason: "NAME_FORMAT_UNACCEPTABLE" }],
    [
      "account-restricted",
      "account:update",
      {
        event: "ACCOUNT_RESTRICTION",
        phoneNumber: "5117001234",
        restrictions: [{ type: "RESTRICTED_BIZ_INITIATED_MESSAGING", expiresAt: 1_790_600_000_000 }],
      },
    ],
    [
      "account-banned",
      "account:update",
      { event: "DISABLED_UPDATE", restrictions: [], banState: "SCHEDULE_FOR_DISABLE", banDate: "2026-12-01" },
    ],
    [
      "account-violation",
      "account:update",
      { event: "ACCOUNT_VIOLATION", phoneNumber: "5117001234", violation: "SPAM", restrictions: [] },
    ],
    [
      "account-alert",
      "account:alert",
      {
        entityType: "WABA",
        entityId: "220033004400",
        severity: "CRITICAL",
        status: "ACTIVE",
        type: "OBA_APPROVED",
        description: "approved",
      },
    ],
    ["account-review", "account:review", { decision: "REJECTED" }],
    [
      "account-settings",
      "account:settings",
      { settings: { type: "phone_number_settings", phone_number_settings: { calling: { status: "ENABLED" } } } },
    ],
    ["capability", "business:capability", { dailyLimit: "TIER_10K", maxPhoneNumbers: 20 }],
    ["business-username", "business:username", { username: "zapateria.lima", status: "approved" }],
    ["security-pin", "security", { event: "PIN_CHANGED", requester: "61500" }],
    [
      "flow-status",
      "flow",
      { event: "FLOW_STATUS_CHANGE", flowId: "9911", message: "published", previous: "DRAFT", current: "PUBLISHED" },
    ],
    ["payment-configuration", "payment:configuration", { name: "pasarela", provider: "payu", status: "Active" }],
    ["partner-solution", "partner:solution", { event: "SOLUTION_UPDATED", solutionId: "771", status: "ACTIVE" }],
    [
      "user-stops-marketing",
      "user:preference",
      {
        customer: rosa,
        category: "marketing_messages",
        value: "stop",
        detail: "User requested to stop marketing messages",
      },
    ],
    [
      "user-id-replaced",
      "user:id",
      {
        customer: rosa,
        previous: "PE.40010000000000000001",
        current: "PE.40010000000000000009",
        detail: "updated",
      },
    ],
    [
      "call-by-customer",
      "call",
      {
        callId: "wacid.C1",
        event: "terminate",
        direction: "USER_INITIATED",
        customer: rosa,
        durationSeconds: 100,
        outcome: "COMPLETED",
      },
    ],
    [
      "call-by-business",
      "call",
      {
        callId: "wacid.C2",
        event: "connect",
        direction: "BUSINESS_INITIATED",
        customer: { waId: "51911222333" },
        callbackData: "call-7",
      },
    ],
    ["call-ringing", "call:status", { callId: "wacid.C2", status: "RINGING", customer: { waId: "51911222333" } }],
    [
      "group-created",
      "group",
      {
        groupId: "Y2FwaV9ncm91cDoxMjM0NQ==",
        event: "group_create",
        subject: "Mayoristas",
        added: [{ waId: "51911222333" }],
        removed: [],
      },
    ],
    [
      "handover",
      "handover",
      {
        customer: { waId: "51911222333" },
        event: "control_passed",
        previousOwner: "ai_agent",
        newOwner: "escalation",
      },
    ],
    [
      "conversion",
      "conversion:event",
      { name: "Purchase", messageId: "wamid.IN001", ctwaClid: "ARclid", value: 29_980, currency: "PEN" },
    ],
    [
      "value-error",
      "error",
      {
        code: 130429,
        title: "Rate limit hit",
        message: "Rate limit hit",
        details: "Too many messages.",
        href: "https://docs.example/errors",
      },
    ],
    ["field-of-the-future", "unknown", { value: { planet: "mars", n: 1 } }],
  ];

  test.each(table)("%s is %s", (name, notice, payload) => {
    const events = parse(name);
    expect(events).toHaveLength(1);
    const [event] = events;
    expect(event).toMatchObject({ kind: "notice", name: notice, wabaId: "220033004400" });
    expect((event as NoticeEvent).payload).toEqual(payload);
  });

  test("the time of an account notice is the entry's, its number the displayed one", () => {
    expect(parse("phone-quality")[0]).toMatchObject({ at: 1_790_002_000_000, channel: "unknown", displayNumber: "5117001234" });
    expect(parse("handover")[0]).toMatchObject({ at: 1_790_003_700_000, channel: "330044005500" });
  });

  test("an opened marketing link keeps its data", () => {
    expect(parse("marketing-link-opened")).toMatchObject([
      {
        kind: "notice",
        name: "user:action",
        payload: {
          customer: { waId: "51911222333" },
          action: "marketing_messages_link_click",
          data: { marketing_messages_link_click_data: { click_id: "c1" } },
        },
      },
    ]);
  });

  test("contact sync: one notice per contact", () => {
    expect(parse("contact-sync")).toMatchObject([
      {
        name: "contact:sync",
        at: 1_790_003_400_000,
        payload: { action: "add", phoneNumber: "51911222333", fullName: "Rosa Q.", firstName: "Rosa" },
      },
      { name: "contact:sync", payload: { action: "remove", phoneNumber: "51900000001" } },
    ]);
  });

  test("history: both directions, never a message event", () => {
    const [event] = parse("history");
    expect(event).toMatchObject({
      kind: "notice",
      name: "history",
      payload: {
        phase: 1,
        chunk: 2,
        progress: 55,
        errors: [],
        messages: [
          {
            wamid: "wamid.H1",
            at: 1_780_000_000_000,
            direction: "inbound",
            customer: { waId: "51911222333" },
            content: { type: "text", text: "antes" },
            status: "READ",
          },
          {
            wamid: "wamid.H2",
            direction: "outbound",
            customer: { waId: "51911222333" },
            content: { type: "unknown", payload: { name: "media_placeholder" } },
            status: "PLAYED",
          },
        ],
      },
    });
    expect(parse("history-declined")).toMatchObject([
      { name: "history", payload: { messages: [], errors: [{ code: 2593109 }] } },
    ]);
    expect(parse("history-media")).toMatchObject([
      { kind: "notice", name: "history", payload: { messages: [{ content: { type: "image", text: "vieja foto" } }] } },
    ]);
  });

  test("standby: messages are shown and never answered, statuses are statuses like any other", () => {
    expect(parse("standby")).toMatchObject([
      {
        kind: "notice",
        name: "standby:message",
        payload: { wamid: "wamid.S1", direction: "inbound", customer: rosa, content: { text: "hola agente" } },
      },
      { kind: "status", wamid: "wamid.S2", status: "sent", recipient: rosa },
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
