import type { ChannelView } from "@server/events/view";
import type { WebhookDoor } from "@server/features/channels/channel.schema";
import { type CheckSources, checksOf, newVerifyToken } from "./channel-checks";

const channel = (change: Partial<ChannelView> = {}): ChannelView => ({
  id: "1",
  phoneNumberId: "1",
  wabaId: "1",
  displayNumber: "51900000112",
  name: "Tienda Ayni",
  source: "stored",
  isConnected: true,
  problem: null,
  readReceipts: true,
  appId: null,
  token: { isValid: true, expiresAt: null, missing: [] },
  replacedSecrets: { appSecretUntil: null, verifyTokenUntil: null },
  isSubscribed: true,
  checkedAt: null,
  quality: "GREEN",
  status: "CONNECTED",
  nameStatus: null,
  throughput: null,
  messagingLimit: null,
  alerts: [],
  createdAt: "2026-11-20T12:00:00.000Z",
  updatedAt: "2026-11-20T12:00:00.000Z",
  ...change,
});
const door = (change: Partial<WebhookDoor> = {}): WebhookDoor => ({
  url: null,
  verifiedAt: "2026-11-20T12:00:00.000Z",
  wrongVerifyTokenAt: null,
  receivedAt: "2026-11-20T12:01:00.000Z",
  wrongSignatureAt: null,
  ...change,
});
const states = (change: Partial<CheckSources>) =>
  Object.fromEntries(
    checksOf({ channel: channel(), door: door(), lastMessageAt: "2026-11-20T12:01:00.000Z", timeOf: (at) => at, ...change }).map(
      ({ id, state }) => [id, state],
    ),
  );

const FINE = { token: "ok", permissions: "ok", number: "ok", subscribed: "ok", verified: "ok", message: "ok" };
const later = "2026-11-20T13:00:00.000Z";

describe("the checks of a number", () => {
  it.each<[string, Partial<CheckSources>, Partial<Record<string, string>>]>([
    ["all is well", {}, {}],
    [
      "the token is refused",
      { channel: channel({ token: { isValid: false, expiresAt: null, missing: [] } }) },
      { token: "bad", permissions: "wait" },
    ],
    [
      "a permission lacks",
      { channel: channel({ token: { isValid: true, expiresAt: null, missing: ["x"] } }) },
      { permissions: "bad" },
    ],
    ["the number is not registered", { channel: channel({ status: "DISCONNECTED" }) }, { number: "bad" }],
    [
      "nobody is subscribed",
      { channel: channel({ isSubscribed: false }), lastMessageAt: null },
      { subscribed: "bad", message: "wait" },
    ],
    ["the secrets cannot be read", { channel: channel({ isConnected: false }) }, { token: "bad" }],
    [
      "nothing has come yet",
      { door: door({ verifiedAt: null, receivedAt: null }), lastMessageAt: null },
      { verified: "wait", message: "wait" },
    ],
    ["the server has just started, but messages came before", { door: null }, {}],
    ["Meta asked with another word since", { door: door({ wrongVerifyTokenAt: later }) }, { verified: "bad" }],
    ["Meta asked with another word before", { door: door({ wrongVerifyTokenAt: "2026-11-20T11:00:00.000Z" }) }, {}],
    ["a signature does not fit", { door: door({ wrongSignatureAt: later }) }, { message: "bad" }],
  ])("%s", (_, sources, expected) => expect(states(sources)).toEqual({ ...FINE, ...expected }));

  it("the word for Meta's form is long enough and never the same by chance", () => {
    let at = 0;
    expect(newVerifyToken((most) => at++ % most)).toBe("chasqui-abcd-efgh-jkmn-pqrs");
  });
});
