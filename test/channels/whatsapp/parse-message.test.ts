/** What surrounds the content of a message: keys, quotes, ads, groups, errors, and who wrote it. */
import { describe, expect, test } from "bun:test";
import type { MessageEvent } from "../../../src/channels/whatsapp/inbound";
import { only, parse, rosa } from "./message-fixture";

test("a text: key, channel, time, sender and content", () => {
  const { raw, ...event } = only("text");
  expect(event).toEqual({
    kind: "message",
    key: "m:330044005500:wamid.IN001",
    channel: "330044005500",
    wabaId: "220033004400",
    displayNumber: "5117001234",
    at: 1_790_000_001_000,
    wamid: "wamid.IN001",
    sender: rosa,
    content: { type: "text", text: "¿Tienen la talla 42?", payload: { body: "¿Tienen la talla 42?" }, attachments: [] },
    answerable: true,
  });
  expect(raw).toMatchObject({ id: "wamid.IN001", text: { body: "¿Tienen la talla 42?" } });
});

describe("context", () => {
  test.each([
    ["text-quoted-reply", { messageId: "wamid.OUT900", from: "5117001234" }],
    ["text-forwarded", { forwarded: true }],
    ["text-forwarded-often", { frequentlyForwarded: true }],
    [
      "text-product-enquiry",
      {
        messageId: "wamid.OUT901",
        from: "5117001234",
        referredProduct: { catalogId: "77001", productRetailerId: "ZAP-42" },
      },
    ],
  ])("%s", (name, context) => {
    expect(only(name).context).toEqual(context);
  });

  test("the ad that led the customer here", () => {
    expect(only("text-from-ad").referral).toEqual({
      sourceUrl: "https://fb.example/ad1",
      sourceId: "12001",
      sourceType: "ad",
      headline: "Zapatillas",
      body: "Oferta de invierno",
      mediaType: "video",
      videoUrl: "https://cdn.example/v.mp4",
      thumbnailUrl: "https://cdn.example/t.jpg",
      ctwaClid: "ARclid",
      welcomeText: "¡Hola! ¿En qué ayudamos?",
      ref: "campaña-7",
    });
  });

  test("a group message is kept with its group and never answered", () => {
    expect(only("text-in-group")).toMatchObject({ groupId: "Y2FwaV9ncm91cDoxMjM0NQ==", answerable: false });
  });

  test("errors of a message are kept", () => {
    expect(only("image-too-large").errors).toEqual([
      {
        code: 131052,
        title: "Media download error",
        message: "Media download error",
        details: "The file is larger than 100 MB.",
      },
    ]);
  });
});

describe("identity", () => {
  test.each(["text-sender-only-in-contacts", "text-number-with-plus"])("%s is the customer of the value", (name) => {
    expect(only(name).sender).toEqual(rosa);
  });

  test("an older note of a changed number names both, and a bare hash", () => {
    expect(only("system-number-changed-older").content.payload).toEqual({
      change: "customer_changed_number",
      body: "cambió",
      previous: { waId: "51911222333" },
      current: { waId: "51999888777" },
      identity: { hash: "huella-1" },
    });
  });

  test("a customer without a number: user id, username without @, parent id", () => {
    expect(only("text-username-only").sender).toEqual({
      userId: "MX.40010000000000000002",
      username: "luna.tejidos",
      profileName: "Luna",
      parentUserId: "MX.ENT.90000000000000000002",
    });
  });

  test("empty strings count as absent", () => {
    expect(only("text-empty-phone").sender).toEqual({ userId: "PE.40010000000000000001", profileName: "Rosa Quispe" });
  });

  test("contacts in another order than the messages do not mix people up", () => {
    const events = parse("two-people-contacts-in-other-order") as MessageEvent[];
    expect(events.map((event) => [event.content.text, event.sender.profileName])).toEqual([
      ["de Beto", "Beto"],
      ["de Rosa", "Rosa Quispe"],
    ]);
  });

  test("a contact in the other form of the number is the same person", () => {
    expect(only("contact-in-other-number-form").sender).toEqual({
      waId: "5511987650222",
      otherWaId: "551187650222",
      profileName: "João",
    });
  });

  test("the contact of somebody else gives no name", () => {
    expect(only("contact-of-somebody-else").sender).toEqual({ waId: "51900000009" });
  });

  test.each([
    [
      "system-number-changed",
      {
        change: "user_changed_number",
        body: "User Rosa changed from 51911222333 to 51977888999",
        previous: { waId: "51911222333", userId: "PE.40010000000000000001" },
        current: { waId: "51977888999", userId: "PE.40010000000000000009" },
      },
    ],
    [
      "system-user-id-changed",
      {
        change: "user_changed_user_id",
        body: "User changed",
        previous: { userId: "MX.40010000000000000002" },
        current: { userId: "MX.40010000000000000008" },
      },
    ],
    [
      "system-number-changed-without-previous-id",
      {
        change: "user_changed_number",
        body: "changed",
        previous: { waId: "51911222333", userId: "PE.40010000000000000001" },
        current: { waId: "51977888999", userId: "PE.40010000000000000009" },
      },
    ],
    [
      "system-identity-changed",
      {
        change: "customer_identity_changed",
        body: "identity",
        previous: { waId: "51911222333" },
        current: {},
        identity: { acknowledged: true, createdAt: 1_790_000_001_000, hash: "aGFzaA==" },
      },
    ],
  ])("%s: who it was and who it is now", (name, payload) => {
    const event = only(name);
    expect(event.content).toMatchObject({ type: "system", text: payload.body });
    expect(event.content.payload).toEqual(payload);
    expect(event.sender).toEqual(payload.previous);
    expect(event.answerable).toBe(false);
  });
});
