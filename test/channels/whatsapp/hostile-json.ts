/** JSON of the kind that nobody should send and somebody will, with the names WhatsApp uses, so that it reaches every reader. */
import fc from "fast-check";

/** Keys that lead into the parser's readers, and keys that lead programs astray. */
const keys = [
  ...["type", "id", "from", "from_user_id", "timestamp", "text", "body", "image", "audio", "document", "contacts", "interactive"],
  ...["button_reply", "list_reply", "nfm_reply", "response_json", "reaction", "message_id", "emoji", "order", "product_items"],
  ...["quantity", "item_price", "currency", "system", "identity", "wa_id", "user_id", "previous_user_id", "edit", "revoke"],
  ...["original_message_id", "message", "context", "forwarded", "referred_product", "referral", "source_id", "welcome_message"],
  ...["errors", "code", "error_data", "details", "status", "statuses", "messages", "message_echoes", "history", "threads"],
  ...["standby", "calls", "groups", "state_sync", "contact", "user_preferences", "metadata", "phone_number_id", "pricing"],
  ...["conversation", "origin", "name", "formatted_name", "phones", "phone", "location", "latitude", "button", "payload"],
  ...["unsupported", "profile", "username", "value", "field", "time", "event", "restriction_info", "alert_info"],
  ...["__proto__", "constructor", "toString", "hasOwnProperty", "length", "$set", "a.b", "", "a\u0000b", "\ud800"],
];

export const kinds = [
  ...["text", "image", "video", "audio", "document", "sticker", "location", "contacts", "interactive", "button", "reaction"],
  ...["order", "system", "unsupported", "edit", "revoke", "request_welcome"],
] as const;

const scalars: unknown[] = [
  ...[null, true, false, "", " ", "\u0000", "\ud800", "\udfff\ud800", "\u202e", "1790000000", "0x10", "NaN", "-0", "1e999"],
  ...[0, -1, 0.5, 1e308, 5e-324, Number.MAX_SAFE_INTEGER, 5.1e10, 131060, "131060", "5215512345678", "PE.4001", "@sol"],
  ...["{}", "[", '{"flow_token":1}', '{"__proto__":{"x":1}}', "x".repeat(3_000)],
];

const hard = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: "medium" },
    fc.constantFrom(...scalars),
    fc.constantFrom<unknown>(...kinds, "voice", "ephemeral", "unknown", "toString", "constructor", "__proto__"),
    fc.string(),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc.dictionary(fc.oneof({ weight: 5, arbitrary: fc.constantFrom(...keys) }, fc.string()), tie("value"), { maxKeys: 6 }),
  ),
}));

/** Any JSON at all. As text and back, because only what JSON can say can come in (and `__proto__` becomes a key like any other). */
export const anyJson: fc.Arbitrary<unknown> = hard.value.map((value) => JSON.parse(JSON.stringify(value) ?? "null") as unknown);

/** An object with these keys, some of them missing, each with anything under it. */
const objectWith = (...own: string[]): fc.Arbitrary<unknown> =>
  fc.dictionary(fc.constantFrom(...own), anyJson, { minKeys: 1, maxKeys: own.length });

/** The same, now and then in a list, now and then something else altogether. */
const listOf = (item: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 4, arbitrary: fc.array(item, { maxLength: 3 }) }, item, anyJson);

const file = objectWith("id", "mime_type", "sha256", "caption", "filename", "voice", "animated", "url");
const answer = objectWith(
  "id",
  "title",
  "description",
  "name",
  "body",
  "response_json",
  "response",
  "is_permanent",
  "payment_method",
);
const item = objectWith("product_retailer_id", "quantity", "item_price", "currency");
const card = fc.record(
  {
    name: objectWith("formatted_name", "first_name"),
    phones: listOf(objectWith("phone", "wa_id")),
    emails: anyJson,
    org: anyJson,
  },
  { requiredKeys: [] },
);

/** What belongs under the key of a kind, as far as keys go. */
const shapes: Partial<Record<string, fc.Arbitrary<unknown>>> = {
  text: objectWith("body"),
  ...{ image: file, video: file, audio: file, document: file, sticker: file },
  location: objectWith("latitude", "longitude", "name", "address", "url"),
  contacts: listOf(card),
  interactive: fc
    .tuple(
      fc.constantFrom("button_reply", "list_reply", "nfm_reply", "call_permission_reply", "payment_method", "product"),
      answer,
    )
    .map(([kind, given]) => ({ type: kind, [kind]: given })),
  button: objectWith("payload", "text"),
  reaction: objectWith("message_id", "emoji"),
  order: fc.record({ catalog_id: anyJson, text: anyJson, product_items: listOf(item) }, { requiredKeys: [] }),
  system: objectWith("type", "body", "wa_id", "new_wa_id", "user_id", "previous_user_id", "identity", "customer"),
  unsupported: objectWith("type", "raw_type"),
  edit: fc.record({ original_message_id: anyJson, message: objectWith("type", "text", "image", "edit") }, { requiredKeys: [] }),
  revoke: objectWith("original_message_id"),
};

const messageOf = (type: string): fc.Arbitrary<Record<string, unknown>> =>
  fc
    .tuple(
      fc.oneof({ weight: 2, arbitrary: shapes[type] ?? anyJson }, anyJson),
      fc.record(
        { context: anyJson, referral: anyJson, errors: anyJson, from: anyJson, timestamp: anyJson },
        { requiredKeys: [] },
      ),
      fc.uuid(),
    )
    .map(([content, more, id]) => ({ ...more, id: `wamid.${id}`, [type]: content, type }));

/** A message that has its kind right and everything else as bad as can be. */
export const badMessage: fc.Arbitrary<Record<string, unknown>> = fc.oneof(...[...kinds, "hologram"].map(messageOf));
