/** News that are no messages: preferences, calls, phone book, handovers, groups, numbers, accounts and templates each have their effect. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import type { ChannelView, ContactView } from "../../src/events/view";
import { NUMBER } from "../helpers/test-app";
import { until } from "../helpers/until";
import {
  ACCOUNT,
  accountChange,
  change,
  createInboundWorld,
  DISPLAY_NUMBER,
  type InboundWorld,
  seconds,
  text,
  wamid,
} from "./inbound-world";

setDefaultTimeout(30_000);

let world: InboundWorld;
beforeAll(async () => {
  world = await createInboundWorld({
    env: { ASSISTANT: "off", WHATSAPP_BUSINESS_ACCOUNT_ID: ACCOUNT },
  });
});
afterAll(() => world[Symbol.asyncDispose]());

let people = 0;
const number = () => `5195${String(++people).padStart(7, "0")}`;
const now = () => Math.floor(Date.now() / 1000);

describe("marketing preferences", () => {
  const prefer = (wa_id: string, value: unknown, timestamp = now()) =>
    world.post(change({ user_preferences: [{ wa_id, category: "marketing_messages", value, timestamp }] }, "user_preferences"));
  const optOut = async (wa_id: string) => (await world.contactOf(wa_id))?.optedOutAt;

  test("of somebody who never wrote are remembered", async () => {
    const wa_id = number();
    await prefer(wa_id, "stop");
    await until(() => optOut(wa_id));
    await world.send({ wa_id, name: "Pía" }, text("hola"));
    await world.threadWith(wa_id, 1);
    expect(await world.contactOf(wa_id)).toMatchObject({ name: "Pía", optedOutAt: expect.any(String) });
  });

  test("count by when they were said, and only words that we know", async () => {
    const wa_id = number();
    const at = now();
    await prefer(wa_id, "stop", at - 10);
    await prefer(wa_id, "resume", at - 20);
    for (const [index, word] of ["maybe", null, {}, "STOP"].entries()) await prefer(wa_id, word, at - 5 + index);
    await until(() => optOut(wa_id));
    await prefer(wa_id, "Resume", at);
    await until(async () => (await optOut(wa_id)) === null);
    await prefer(wa_id, "stop", at - 1);
    await world.send({ wa_id }, text("hola"));
    await world.threadWith(wa_id, 1);
    expect(await optOut(wa_id)).toBeNull();
  });
});

describe("calls", () => {
  const call = (wa_id: string, more: Record<string, unknown>) =>
    world.post(
      change(
        { calls: [{ id: `wacid.${++people}`, from: wa_id, to: DISPLAY_NUMBER, direction: "USER_INITIATED", ...more }] },
        "calls",
      ),
    );

  test("by somebody who never wrote open the 24 hours, are seen in the thread and want no answer", async () => {
    const wa_id = number();
    await call(wa_id, { event: "connect", timestamp: seconds(), session: { sdp_type: "offer", sdp: "v=0" } });
    await call(wa_id, { event: "terminate", timestamp: seconds(), duration: 61, status: ["Completed"] });
    const thread = await world.threadWith(wa_id, 2);
    expect(thread.map(({ type, content }) => [type, content])).toEqual([
      ["activity", "The customer calls"],
      ["activity", "Call ended (61 s, Completed)"],
    ]);
    const conversation = await world.conversationOf(wa_id);
    expect(conversation).toMatchObject({ inboundSeq: 0, windowExpiresAt: expect.any(String) });
  });

  test("that are heard of late do not shorten the 24 hours", async () => {
    const wa_id = number();
    await world.send({ wa_id }, text("hola"));
    const before = await until(() => world.conversationOf(wa_id));
    await call(wa_id, { event: "connect", timestamp: seconds(Date.now() - 7_200_000) });
    await world.threadWith(wa_id, 2);
    expect((await world.conversationOf(wa_id))?.windowExpiresAt).toBe(before.windowExpiresAt);
  });

  test("of ours open nothing", async () => {
    const wa_id = number();
    await call(wa_id, {
      from: DISPLAY_NUMBER,
      to: wa_id,
      direction: "BUSINESS_INITIATED",
      event: "connect",
      timestamp: seconds(),
    });
    await call(wa_id, {
      from: DISPLAY_NUMBER,
      to: wa_id,
      direction: "BUSINESS_INITIATED",
      event: "terminate",
      timestamp: seconds(),
    });
    await world.threadWith(wa_id, 1);
    expect((await world.conversationOf(wa_id))?.windowExpiresAt).toBeNull();
  });
});

test("the owner's phone book names people, before they write and whatever their profile says, until they are removed", async () => {
  const wa_id = number();
  const sync = (action: string, full_name: string | undefined, timestamp: number) =>
    world.post(
      change(
        { state_sync: [{ type: "contact", contact: { full_name, phone_number: `+${wa_id}` }, action, metadata: { timestamp } }] },
        "smb_app_state_sync",
      ),
    );
  const nameOf = async () => (await world.contactOf(wa_id))?.name;
  await sync("add", "Don Julio (mayorista)", now());
  await until(async () => (await nameOf()) === "Don Julio (mayorista)");
  expect((await world.contactOf(wa_id))?.lastMessageAt).toBeNull();
  await world.send({ wa_id, name: "julio 🌵" }, text("hola"));
  await world.threadWith(wa_id, 1);
  expect(await nameOf()).toBe("Don Julio (mayorista)");
  await sync("remove", undefined, now() + 1);
  await world.send({ wa_id, name: "julio 🌵" }, text("hola otra vez"));
  await until(async () => (await nameOf()) === "julio 🌵");
});

test("contacts who never wrote are at the end of the list, and every page leads on to them", async () => {
  const names = ["Quieta 1", "Quieta 2", "Quieta 3"];
  for (const full_name of names)
    await world.post(
      change(
        { state_sync: [{ type: "contact", contact: { full_name, phone_number: number() }, action: "add" }] },
        "smb_app_state_sync",
      ),
    );
  await world.send({ wa_id: number(), name: "Habla" }, text("hola"));
  const seen: string[] = [];
  const ids: string[] = [];
  await until(async () => {
    seen.length = ids.length = 0;
    for (let cursor = ""; ; ) {
      const { body } = await world.app.api.get<ContactView[]>(`/contacts?limit=1${cursor}`);
      seen.push(...body.data.map(({ name }) => name));
      ids.push(...body.data.map(({ id }) => id));
      if (!body.page?.next) return names.every((name) => seen.includes(name)) && seen.includes("Habla");
      cursor = `&cursor=${encodeURIComponent(body.page.next)}`;
    }
  });
  expect(new Set(ids).size).toBe(ids.length);
  for (const name of names) expect(seen.indexOf(name)).toBeGreaterThan(seen.indexOf("Habla"));
});

test("a thread that passes to the other agent no longer waits for our answer, and both turns are seen", async () => {
  const wa_id = number();
  await world.send({ wa_id }, text("quiero hablar con alguien"));
  const before = await until(() => world.conversationOf(wa_id));
  const pass = (previous: string, next: string, at: number) =>
    world.post({
      object: "whatsapp_business_account",
      entry: [
        {
          id: ACCOUNT,
          changes: [
            {
              field: "messaging_handovers",
              value: {
                messaging_product: "whatsapp",
                sender: { phone_number: wa_id },
                recipient: { phone_number_id: NUMBER, display_phone_number: DISPLAY_NUMBER },
                type: "control_passed",
                timestamp: String(at),
                control_passed: { previous_owner_role: previous, new_owner_role: next },
              },
            },
          ],
        },
      ],
    });
  await pass("escalation", "ai_agent", now());
  await pass("ai_agent", "escalation", now() + 1);
  const thread = await world.threadWith(wa_id, 3);
  expect(thread.slice(1).map(({ content, private: hidden }) => [content, hidden])).toEqual([
    ["The conversation was passed on: escalation → ai_agent", true],
    ["The conversation was passed on: ai_agent → escalation", true],
  ]);
  expect((await world.conversationOf(wa_id))?.epoch).toBe(before.epoch + 1);
});

test("what is written in a group is kept, opens no 24 hours and wants no answer", async () => {
  const wa_id = number();
  await world.send({ wa_id }, { ...text("hola a todos"), group_id: "Y2FwaV9ncm91cDo5" });
  const [message] = await world.threadWith(wa_id, 1);
  expect(message?.payload).toEqual({ groupId: "Y2FwaV9ncm91cDo5" });
  expect(await world.conversationOf(wa_id)).toMatchObject({ inboundSeq: 0, windowExpiresAt: null });
});

describe("numbers and accounts", () => {
  const channel = async () => (await world.app.api.data<ChannelView[]>("/channels")).find((one) => one.phoneNumberId === NUMBER);
  const shown = (matches: (view: ChannelView) => boolean) =>
    until(
      async () => {
        const view = await channel();
        return view && matches(view) ? view : null;
      },
      { what: "the number to show it" },
    );
  const alerted = (kind: string, words: string) =>
    shown(({ alerts }) => alerts.some((alert) => alert.kind === kind && alert.text.includes(words)));

  test("quality, limits, throughput and name are shown on the number", async () => {
    const named = { display_phone_number: DISPLAY_NUMBER };
    await world.post(accountChange("phone_number_quality_update", { ...named, event: "ONBOARDING", current_limit: "TIER_2K" }));
    await shown(({ messagingLimit }) => messagingLimit === "TIER_2K");
    await world.post(
      accountChange("phone_number_quality_update", {
        ...named,
        event: "THROUGHPUT_UPGRADE",
        max_daily_conversations_per_business: "TIER_10K",
      }),
    );
    await shown(({ messagingLimit, throughput }) => messagingLimit === "TIER_10K" && throughput === "HIGH");
    await world.post(accountChange("business_capability_update", { max_daily_conversations_per_business: 100000 }));
    await shown(({ messagingLimit }) => messagingLimit === "100000");
    await world.post(accountChange("phone_number_quality_update", { ...named, event: "FLAGGED", current_limit: "TIER_250" }));
    await alerted("number-quality", "FLAGGED");
    await world.post(
      accountChange("phone_number_name_update", { ...named, decision: "APPROVED", requested_verified_name: "Panadería Luz" }),
    );
    await shown(({ name, nameStatus }) => name === "Panadería Luz" && nameStatus === "APPROVED");
    await world.post(
      accountChange("phone_number_name_update", {
        ...named,
        decision: "REJECTED",
        requested_verified_name: "XX",
        rejection_reason: "NAME_EMPLOYEE_ISSUE",
      }),
    );
    await alerted("number-name", "NAME_EMPLOYEE_ISSUE");
    await world.post(accountChange("security", { ...named, event: "PIN_CHANGED", requester: "100" }));
    await alerted("security", "PIN_CHANGED");
  });

  test.each([
    ["account_update", { event: "ACCOUNT_VIOLATION", violation_info: { violation_type: "ADULT" } }, "account-update", "ADULT"],
    [
      "account_update",
      {
        event: "ACCOUNT_RESTRICTION",
        restriction_info: [{ restriction_type: "RESTRICTED_BIZ_INITIATED_MESSAGING", expiration: 1 }],
      },
      "account-update",
      "RESTRICTED_BIZ_INITIATED_MESSAGING",
    ],
    [
      "account_update",
      { event: "DISABLED_UPDATE", ban_info: { waba_ban_state: ["SCHEDULE_FOR_DISABLE"], waba_ban_date: "May 1" } },
      "account-update",
      "SCHEDULE_FOR_DISABLE",
    ],
    ["account_update", { event: "SOMETHING_NEW" }, "account-update", "SOMETHING_NEW"],
    ["account_review_update", { decision: "REJECTED" }, "account-review", "REJECTED"],
    [
      "account_alerts",
      {
        entity_type: "BUSINESS",
        entity_id: "1",
        alert_info: {
          alert_severity: "CRITICAL",
          alert_status: "ACTIVE",
          alert_type: "OBA_REJECTED",
          alert_description: "No notability.",
        },
      },
      "account-alert",
      "No notability.",
    ],
  ])("%s %j is an alert", async (field, value, kind, words) => {
    await world.post(accountChange(field, value));
    await alerted(kind, words);
  });

  test("errors of the number and a history that is not shared are alerts", async () => {
    await world.post(change({ errors: [{ code: 130429, title: "Rate limit hit", error_data: { details: "Too many." } }] }));
    await alerted("webhook-error", "130429");
    const declined = [{ code: 2593109, title: "History sync was declined", message: "declined" }];
    await world.post(change({ history: [{ errors: declined }] }, "history"));
    await alerted("history", "declined");
  });
});

test("fields that change nothing here are recorded, and so are those nobody knows yet", async () => {
  const quiet: [string, Record<string, unknown>][] = [
    ["flows", { event: "FLOW_STATUS_CHANGE", flow_id: "1", old_status: "DRAFT", new_status: "PUBLISHED" }],
    ["flows", { event: "ENDPOINT_LATENCY", flow_id: "1", alert_state: "ACTIVATED" }],
    ["payment_configuration_update", { configuration_name: "a", status: "Active" }],
    ["partner_solutions", { event: "SOLUTION_CREATED", solution_id: "1" }],
    ["business_username_updates", { username: "panaderia.luz", status: "approved" }],
    ["account_settings_update", { type: "phone_number_settings" }],
    [
      "automatic_events",
      { automatic_events: [{ id: wamid(), event_name: "Purchase", custom_data: { value: 5, currency: "PEN" } }] },
    ],
    ["group_lifecycle_update", { groups: [{ group_id: "g", type: "group_create", added_participants: [{ wa_id: 51955 }] }] }],
    ["group_participants_update", { groups: [{ group_id: "g", type: "group_participants_add" }] }],
    ["group_status_update", { groups: [{ group_id: "g", type: "group_suspend" }] }],
    ["user_actions_of_the_future", { anything: [1, null, { deep: true }] }],
    ["constructor", { kind: "message", key: "x" }],
    ["__proto__", { toString: [{ kind: "message" }], constructor: [{ key: "y" }] }],
  ];
  for (const [field, value] of quiet) expect(await world.post(accountChange(field, value))).toBe(200);
  // They are dealt with in their order: when this one is here, so are those before it.
  const wa_id = number();
  await world.send({ wa_id, name: "Luz" }, text("hola"));
  await world.threadWith(wa_id, 1);
  await world.app.stop();
  await using rooms = await world.app.openStored();
  const rows = await rooms.models.inboundEvents.find({}).lean();
  expect(rows.filter(({ state }) => state !== "done")).toEqual([]);
  const fields = rows.map(({ body }) => (JSON.parse(String(body)) as { field?: string }).field);
  for (const [field] of quiet) expect(fields).toContain(field);
});
