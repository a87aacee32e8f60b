/** Every field besides messages: every fixture of those against the notice that WhatsApp's shape means. */
import { describe, expect, test } from "bun:test";
import type { NoticeEvent } from "../../../src/channels/whatsapp/inbound";
import { parseWebhook } from "../../../src/channels/whatsapp/parse";
import { parse, RECEIVED, rosa } from "./message-fixture";

describe("notices", () => {
  const template = { templateId: "5500110022", templateName: "cita_recordatorio", language: "es_PE" };
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
    [
      "account-app-disconnected",
      "account:update",
      { event: "PARTNER_REMOVED", reason: "PRIMARY_INACTIVITY", restrictions: [], wabaId: "220033004400" },
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

  test("history: a long thread comes in parts, each thread on its own", () => {
    const messages = (count: number) =>
      Array.from({ length: count }, (_, index) => ({
        id: `wamid.L${index}`,
        from: "51911222333",
        type: "text",
        text: { body: "x" },
      }));
    const threads = [{ id: "51911222333", messages: messages(450) }, { id: "51911222444", messages: messages(1) }, null];
    const value = { metadata: { phone_number_id: "1" }, history: [{ metadata: { phase: 1 }, threads }] };
    const events = parseWebhook({ entry: [{ id: "2", changes: [{ field: "history", value }] }] }, RECEIVED) as NoticeEvent[];
    const sizes = events.map(({ payload }) => (payload as { messages: unknown[] }).messages.length);
    expect(sizes).toEqual([200, 200, 50, 1, 0]);
    expect(new Set(events.map(({ key }) => key)).size).toBe(events.length);
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
