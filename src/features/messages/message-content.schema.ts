/** What an agent can send: one shape per kind, told apart by `type`; a body with only `text` is a text. Limits are WhatsApp's, checked by the builders. */
import { type Static, type TProperties, Type as t } from "@sinclair/typebox";
import { Id, oneOf } from "../../events/view";

/** Inside, a text may be longer than WhatsApp takes; it is then sent in several parts. */
export const MAX_TEXT = 5_000;

const strict = <T extends TProperties>(properties: T, options: object = {}) =>
  t.Object(properties, { additionalProperties: false, ...options });
const text = (maxLength: number, description?: string) => t.String({ maxLength, ...(description ? { description } : {}) });
const optional = (maxLength: number) => t.Optional(text(maxLength));

const replyTo = t.Optional(t.String({ ...Id, description: "Id of the message that is quoted" }));
/** One of both: a file of ours, or an address WhatsApp loads it from. */
const source = { mediaId: t.Optional(Id), link: optional(2_000) };

const Header = t.Union([
  strict({ type: t.Literal("text"), text: text(1_000) }),
  strict({ type: t.Literal("image"), ...source }),
  strict({ type: t.Literal("video"), ...source }),
  strict({ type: t.Literal("document"), ...source, filename: optional(240) }),
]);
const frame = { header: t.Optional(Header), body: text(MAX_TEXT), footer: optional(1_000) };
const ReplyButton = strict({ id: text(300), title: text(100) });

const Interactive = t.Union([
  strict({ kind: t.Literal("buttons"), ...frame, buttons: t.Array(ReplyButton, { maxItems: 10 }) }),
  strict({
    kind: t.Literal("list"),
    ...frame,
    button: text(100),
    sections: t.Array(
      strict({
        title: optional(100),
        rows: t.Array(strict({ id: text(300), title: text(100), description: optional(200) }), { maxItems: 20 }),
      }),
      { maxItems: 20 },
    ),
  }),
  strict({ kind: t.Literal("cta_url"), ...frame, title: text(100), url: text(2_000) }),
  strict({
    kind: t.Literal("flow"),
    ...frame,
    flow: strict({
      flowId: optional(100),
      flowName: optional(200),
      title: text(100),
      flowToken: optional(500),
      action: t.Optional(oneOf(["navigate", "data_exchange"])),
      screen: optional(200),
      data: t.Optional(t.Record(t.String(), t.Unknown())),
      draft: t.Optional(t.Boolean()),
    }),
  }),
  strict({
    kind: t.Literal("product"),
    body: text(MAX_TEXT),
    footer: optional(1_000),
    catalogId: text(100),
    productId: text(200),
  }),
  strict({
    kind: t.Literal("product_list"),
    header: text(1_000),
    body: text(MAX_TEXT),
    footer: optional(1_000),
    catalogId: text(100),
    sections: t.Array(strict({ title: optional(100), productIds: t.Array(text(200), { maxItems: 40 }) }), { maxItems: 20 }),
  }),
  strict({ kind: t.Literal("catalog"), body: text(MAX_TEXT), footer: optional(1_000), thumbnailProductId: optional(200) }),
  strict({
    kind: t.Literal("carousel"),
    body: text(MAX_TEXT),
    cards: t.Array(
      t.Union([
        strict({
          header: t.Union([strict({ type: t.Literal("image"), ...source }), strict({ type: t.Literal("video"), ...source })]),
          body: optional(1_000),
          button: t.Union([strict({ title: text(100), url: text(2_000) }), t.Array(ReplyButton, { maxItems: 5 })]),
        }),
        strict({ productId: text(200), catalogId: text(100) }),
      ]),
      { maxItems: 20 },
    ),
  }),
  strict({ kind: t.Literal("location_request"), body: text(MAX_TEXT) }),
  strict({ kind: t.Literal("contact_info_request"), body: text(MAX_TEXT) }),
  strict({ kind: t.Literal("call_permission_request"), body: text(MAX_TEXT) }),
  strict({
    kind: t.Literal("voice_call"),
    body: text(MAX_TEXT),
    title: optional(100),
    ttlMinutes: t.Optional(t.Integer()),
    payload: optional(1_000),
  }),
  strict({
    kind: t.Literal("address"),
    ...frame,
    form: strict({
      country: oneOf(["IN", "SG"]),
      values: t.Optional(t.Record(t.String(), t.String())),
      savedAddresses: t.Optional(t.Array(strict({ id: text(100), value: t.Record(t.String(), t.String()) }), { maxItems: 20 })),
      validationErrors: t.Optional(t.Record(t.String(), t.String())),
    }),
  }),
]);

const Card = strict({
  formattedName: text(1_000),
  firstName: optional(500),
  lastName: optional(500),
  middleName: optional(500),
  prefix: optional(100),
  suffix: optional(100),
  phones: t.Optional(t.Array(strict({ phone: optional(40), waId: optional(20), type: optional(20) }), { maxItems: 20 })),
  emails: t.Optional(t.Array(strict({ email: optional(254), type: optional(20) }), { maxItems: 20 })),
  urls: t.Optional(t.Array(strict({ url: optional(2_000), type: optional(20) }), { maxItems: 20 })),
  addresses: t.Optional(
    t.Array(
      strict({
        street: optional(500),
        city: optional(200),
        state: optional(200),
        zip: optional(40),
        country: optional(100),
        countryCode: optional(3),
        type: optional(20),
      }),
      { maxItems: 20 },
    ),
  ),
  org: t.Optional(strict({ company: optional(500), department: optional(500), title: optional(500) })),
  birthday: t.Optional(t.String({ pattern: "^\\d{4}-\\d{2}-\\d{2}$" })),
});

const Value = t.Union([
  t.String({ maxLength: 1_024 }),
  strict({
    type: t.Literal("currency"),
    code: t.String({ pattern: "^[A-Z]{3}$" }),
    amount1000: t.Integer(),
    fallback: text(100),
  }),
  strict({ type: t.Literal("date_time"), fallback: text(200) }),
]);
const index = t.Integer({ minimum: 0, maximum: 9 });
const templateParts = {
  header: t.Optional(
    t.Union([
      strict({ type: t.Literal("text"), value: Value, name: optional(60) }),
      strict({ type: t.Literal("image"), ...source }),
      strict({ type: t.Literal("video"), ...source }),
      strict({ type: t.Literal("document"), ...source, filename: optional(240) }),
      strict({
        type: t.Literal("location"),
        latitude: t.Number(),
        longitude: t.Number(),
        name: optional(1_000),
        address: optional(1_000),
      }),
      strict({ type: t.Literal("product"), productId: text(200), catalogId: text(100) }),
    ]),
  ),
  body: t.Optional(t.Union([t.Array(Value, { maxItems: 50 }), t.Record(t.String({ maxLength: 60 }), Value)])),
  buttons: t.Optional(
    t.Array(
      t.Union([
        strict({ type: t.Literal("quick_reply"), index, payload: text(500) }),
        strict({ type: t.Literal("url"), index, suffix: text(2_000) }),
        strict({ type: t.Literal("copy_code"), index, code: text(100) }),
        strict({
          type: t.Literal("flow"),
          index,
          flowToken: optional(500),
          data: t.Optional(t.Record(t.String(), t.Unknown())),
        }),
        strict({ type: t.Literal("catalog"), index, thumbnailProductId: optional(200) }),
        strict({
          type: t.Literal("mpm"),
          index,
          thumbnailProductId: optional(200),
          sections: t.Array(strict({ title: optional(100), productIds: t.Array(text(200), { maxItems: 40 }) }), {
            maxItems: 20,
          }),
        }),
      ]),
      { maxItems: 20 },
    ),
  ),
};

const caption = optional(MAX_TEXT);

export const MediaContent = {
  image: strict({ ...source, caption }),
  video: strict({ ...source, caption }),
  audio: strict({ ...source, voice: t.Optional(t.Boolean({ description: "Shown as a voice note; OGG with OPUS, mono" })) }),
  document: strict({ ...source, caption, filename: optional(240) }),
  sticker: strict(source),
};

export const NewMessage = t.Union([
  strict({
    type: t.Optional(t.Literal("text")),
    text: t.String({ minLength: 1, maxLength: MAX_TEXT, examples: ["Hola Rosa, soy Lucía. ¿En qué color la prefiere?"] }),
    previewUrl: t.Optional(t.Boolean({ description: "Whether the first link shows a preview; it does when left out" })),
    replyTo,
  }),
  strict({ type: t.Literal("image"), image: MediaContent.image, replyTo }),
  strict({ type: t.Literal("video"), video: MediaContent.video, replyTo }),
  strict({ type: t.Literal("audio"), audio: MediaContent.audio, replyTo }),
  strict({ type: t.Literal("document"), document: MediaContent.document, replyTo }),
  strict({ type: t.Literal("sticker"), sticker: MediaContent.sticker, replyTo }),
  strict({
    type: t.Literal("location"),
    location: strict({
      latitude: t.Number(),
      longitude: t.Number(),
      name: optional(2_000),
      address: optional(2_000),
    }),
    replyTo,
  }),
  strict({ type: t.Literal("contacts"), contacts: t.Array(Card, { minItems: 1, maxItems: 300 }), replyTo }),
  strict({
    type: t.Literal("reaction"),
    reaction: strict({ messageId: Id, emoji: text(32, 'One emoji; "" takes it back') }),
  }),
  strict({ type: t.Literal("interactive"), interactive: Interactive, replyTo }),
  strict({
    type: t.Literal("template"),
    template: strict({
      name: text(512),
      language: text(15),
      ...templateParts,
      limitedTimeOffer: t.Optional(strict({ expiresAt: t.String({ format: "date-time", description: "When the offer ends" }) })),
      cards: t.Optional(t.Array(strict(templateParts), { maxItems: 20 })),
    }),
    replyTo,
  }),
]);
export type NewMessage = Static<typeof NewMessage>;
/** Everything but plain text. */
export type NewContent = Exclude<NewMessage, { text: string }>;
export type NewText = Extract<NewMessage, { text: string }>;
