/** What the template routes accept and answer. Components are written as WhatsApp writes them, so that what is read can be edited and sent back. */
import { type Static, type TProperties, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { Id, oneOf, TemplateView } from "../../events/view";

const strict = <T extends TProperties>(properties: T, options: object = {}) =>
  t.Object(properties, { additionalProperties: false, ...options });
const text = (maxLength: number) => t.String({ minLength: 1, maxLength });
const named = t.Array(strict({ param_name: text(60), example: text(1024) }), { maxItems: 30 });

const Button = strict({
  type: oneOf(["QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE", "OTP", "FLOW", "CATALOG", "MPM", "VOICE_CALL"]),
  text: t.Optional(text(25)),
  url: t.Optional(text(2_000)),
  phone_number: t.Optional(text(20)),
  example: t.Optional(t.Union([text(2_000), t.Array(text(2_000), { maxItems: 3 })])),
  otp_type: t.Optional(oneOf(["COPY_CODE", "ONE_TAP", "ZERO_TAP"])),
  autofill_text: t.Optional(text(25)),
  package_name: t.Optional(text(255)),
  signature_hash: t.Optional(text(11)),
  supported_apps: t.Optional(t.Array(strict({ package_name: text(255), signature_hash: text(11) }), { maxItems: 5 })),
  zero_tap_terms_accepted: t.Optional(t.Boolean()),
  flow_id: t.Optional(text(40)),
  flow_name: t.Optional(text(200)),
  flow_json: t.Optional(text(100_000)),
  flow_action: t.Optional(oneOf(["navigate", "data_exchange"])),
  navigate_screen: t.Optional(text(200)),
});

const header = {
  type: t.Literal("HEADER"),
  format: oneOf(["TEXT", "IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT"]),
  text: t.Optional(text(60)),
  example: t.Optional(
    strict({
      header_text: t.Optional(t.Array(text(60), { maxItems: 1 })),
      header_text_named_params: t.Optional(named),
      header_handle: t.Optional(
        t.Array(text(4_000), {
          minItems: 1,
          maxItems: 1,
          description: "Handle of a file that was uploaded to WhatsApp elsewhere",
        }),
      ),
      mediaId: t.Optional(
        t.String({
          pattern: "^[0-9a-f]{24}$",
          description: "Id of a stored file (POST /media): it is uploaded to WhatsApp, and its handle becomes header_handle",
        }),
      ),
    }),
  ),
};
const body = {
  type: t.Literal("BODY"),
  text: t.Optional(text(1_024)),
  add_security_recommendation: t.Optional(t.Boolean()),
  example: t.Optional(
    strict({
      body_text: t.Optional(t.Array(t.Array(text(1_024), { maxItems: 30 }), { maxItems: 1 })),
      body_text_named_params: t.Optional(named),
    }),
  ),
};
const buttons = { type: t.Literal("BUTTONS"), buttons: t.Array(Button, { minItems: 1, maxItems: 10 }) };

const Component = t.Union([
  strict(header),
  strict(body),
  strict({
    type: t.Literal("FOOTER"),
    text: t.Optional(text(60)),
    code_expiration_minutes: t.Optional(t.Integer({ minimum: 1, maximum: 90 })),
  }),
  strict(buttons),
  strict({
    type: t.Literal("CAROUSEL"),
    cards: t.Array(strict({ components: t.Array(t.Union([strict(header), strict(body), strict(buttons)]), { maxItems: 3 }) }), {
      minItems: 1,
      maxItems: 10,
    }),
  }),
  strict({
    type: t.Literal("LIMITED_TIME_OFFER"),
    limited_time_offer: strict({ text: text(16), has_expiration: t.Optional(t.Boolean()) }),
  }),
]);
export type TemplateComponent = Static<typeof Component>;
const Components = t.Array(Component, { minItems: 1, maxItems: 6 });
const Category = oneOf(["MARKETING", "UTILITY", "AUTHENTICATION"]);

export const TemplateParams = t.Object({ id: Id });

export const TemplateQuery = strict({
  ...pageQuery,
  wabaId: t.Optional(t.String({ pattern: "^[0-9]{5,25}$" })),
  status: t.Optional(t.String({ pattern: "^[A-Z_]{3,30}$", examples: ["APPROVED"] })),
  name: t.Optional(t.String({ pattern: "^[a-z0-9_]{1,512}$", description: "Exactly" })),
});
export type TemplateQuery = Static<typeof TemplateQuery>;

export const NewTemplate = strict({
  channel: Id,
  name: t.String({ pattern: "^[a-z0-9_]{1,512}$", examples: ["order_ready"] }),
  language: t.String({ pattern: "^[a-z]{2,3}(_[A-Z]{2})?$", examples: ["es", "pt_BR"] }),
  category: Category,
  parameterFormat: t.Optional(oneOf(["POSITIONAL", "NAMED"])),
  components: Components,
});
export type NewTemplate = Static<typeof NewTemplate>;

export const TemplatePatch = strict({ components: t.Optional(Components), category: t.Optional(Category) }, { minProperties: 1 });
export type TemplatePatch = Static<typeof TemplatePatch>;

export const TemplateRemoval = strict({
  allLanguages: t.Optional(oneOf(["true", "false"])),
});

const previewValues = {
  header: t.Optional(t.Record(t.String({ maxLength: 60 }), t.String({ maxLength: 1_024 }))),
  body: t.Optional(t.Record(t.String({ maxLength: 60 }), t.String({ maxLength: 1_024 }))),
  buttons: t.Optional(t.Record(t.String({ pattern: "^[0-9]$" }), t.String({ maxLength: 2_000 }))),
};
export const PreviewValues = strict({
  ...previewValues,
  cards: t.Optional(t.Array(strict(previewValues), { maxItems: 10 })),
});
export type PreviewValues = Static<typeof PreviewValues>;

const previewParts = {
  headerFormat: t.Union([t.String(), t.Null()]),
  header: t.Union([t.String(), t.Null()]),
  body: t.String(),
  footer: t.Union([t.String(), t.Null()]),
  buttons: t.Array(t.Object({ type: t.String(), text: t.Optional(t.String()), url: t.Optional(t.String()) })),
};
export const Preview = t.Object({
  ...previewParts,
  cards: t.Optional(t.Array(t.Object(previewParts))),
  limitedTimeOffer: t.Optional(t.String()),
  missing: t.Array(t.String(), { description: "Variables without a value, such as body.2" }),
});
export type Preview = Static<typeof Preview>;

export const TemplateAnswer = okSchema(TemplateView);
export const TemplatePage = pageSchema(TemplateView);
export const TemplateRemoved = okSchema(t.Object({ removed: t.Array(Id) }));
export const PreviewAnswer = okSchema(Preview);
export const SyncAnswer = okSchema(
  t.Object({
    accounts: t.Integer(),
    templates: t.Integer(),
    problems: t.Array(t.String(), { description: "Accounts that could not be read" }),
  }),
);
