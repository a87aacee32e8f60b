/** What a sandbox customer can do on the phone, one shape per kind. */
import { type Static, type TObject, type TProperties, Type } from "@sinclair/typebox";

const strict = <T extends TProperties>(properties: T): TObject<T> => Type.Object(properties, { additionalProperties: false });
const text = (maxLength: number, description?: string) =>
  Type.String({ minLength: 1, maxLength, ...(description ? { description } : {}) });
const messageId = text(300, "Id of a message in the thread");
const replyTo = Type.Optional(text(300, "Id of the message that is quoted"));
const forwarded = Type.Optional(Type.Union([Type.Literal("once"), Type.Literal("often")]));
const open = Type.Record(Type.String(), Type.Unknown());

const Referral = strict({
  sourceUrl: text(2000),
  headline: Type.Optional(text(500)),
  body: Type.Optional(text(2000)),
  sourceId: Type.Optional(text(100)),
  sourceType: Type.Optional(Type.Union([Type.Literal("ad"), Type.Literal("post")])),
});

const media = <K extends string>(type: K) =>
  strict({
    type: Type.Literal(type),
    data: Type.Optional(Type.String({ maxLength: 34_000_000, description: "The file in base64; a small sample when absent" })),
    mimeType: Type.Optional(text(100)),
    filename: Type.Optional(text(240)),
    caption: Type.Optional(text(1024)),
    voice: Type.Optional(Type.Boolean()),
    animated: Type.Optional(Type.Boolean()),
    forwarded,
    replyTo,
  });

export const PhoneMessage = Type.Union([
  strict({
    type: Type.Literal("text"),
    text: text(65_536),
    replyTo,
    forwarded,
    groupId: Type.Optional(text(200, "Written in a group, not to the business alone")),
    referral: Type.Optional(Referral),
    product: Type.Optional(strict({ catalogId: text(100), productId: text(200) })),
  }),
  media("image"),
  media("video"),
  media("audio"),
  media("document"),
  media("sticker"),
  strict({
    type: Type.Literal("location"),
    latitude: Type.Number({ minimum: -90, maximum: 90 }),
    longitude: Type.Number({ minimum: -180, maximum: 180 }),
    name: Type.Optional(text(1000)),
    address: Type.Optional(text(1000)),
    replyTo,
  }),
  strict({
    type: Type.Literal("contacts"),
    contacts: Type.Array(strict({ name: text(200), phone: text(40) }), { minItems: 1, maxItems: 20 }),
    /** The answer to our request for the phone number. */
    answersRequest: Type.Optional(Type.Boolean()),
    replyTo,
  }),
  strict({ type: Type.Literal("button_reply"), id: text(256), title: text(20), replyTo }),
  strict({ type: Type.Literal("list_reply"), id: text(200), title: text(24), description: Type.Optional(text(72)), replyTo }),
  strict({ type: Type.Literal("flow_reply"), response: open, replyTo }),
  /** The answer to our request for an address: its fields by name. */
  strict({ type: Type.Literal("address_reply"), values: open, replyTo }),
  /** The answer to our request for the permission to call. */
  strict({
    type: Type.Literal("call_permission_reply"),
    accepts: Type.Boolean(),
    isPermanent: Type.Optional(Type.Boolean()),
    replyTo,
  }),
  strict({
    type: Type.Literal("payment_method"),
    method: text(100),
    referenceId: text(100),
    lastFourDigits: Type.Optional(Type.String({ pattern: "^\\d{4}$" })),
    replyTo,
  }),
  strict({ type: Type.Literal("button"), payload: text(128), text: text(25), replyTo }),
  strict({
    type: Type.Literal("reaction"),
    messageId,
    emoji: Type.Union([text(32), Type.Null()], { description: "null takes it back" }),
  }),
  strict({
    type: Type.Literal("order"),
    catalogId: text(100),
    text: Type.Optional(text(1024)),
    items: Type.Array(
      strict({
        productId: text(200),
        quantity: Type.Integer({ minimum: 1 }),
        price: Type.Number({ minimum: 0 }),
        currency: text(3),
      }),
      { minItems: 1, maxItems: 30 },
    ),
  }),
  strict({ type: Type.Literal("edit"), messageId, text: text(65_536) }),
  strict({ type: Type.Literal("revoke"), messageId }),
  strict({ type: Type.Literal("unsupported"), subject: Type.Optional(text(40, "Such as poll_creation")) }),
  strict({ type: Type.Literal("request_welcome") }),
  /** First `unsupported` 131060, a moment later the real message under the same id. */
  strict({ type: Type.Literal("ad_first"), text: text(4096), referral: Referral }),
  strict({ type: Type.Literal("change_number"), waId: Type.String({ pattern: "^\\d{7,15}$" }) }),
  strict({ type: Type.Literal("change_user_id") }),
  /** The owner answers this customer on the phone app of the business (coexistence). */
  strict({ type: Type.Literal("echo"), text: text(4096) }),
  strict({ type: Type.Literal("preference"), value: Type.Union([Type.Literal("stop"), Type.Literal("resume")]) }),
  strict({ type: Type.Literal("call"), seconds: Type.Integer({ minimum: 0, maximum: 86_400 }) }),
  /** Any other item, as Meta would post it; id, sender and time are added when absent. */
  strict({ type: Type.Literal("raw"), item: open }),
]);

export type PhoneMessage = Static<typeof PhoneMessage>;
