/** What the contact routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { t as query } from "elysia";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ContactView, Id } from "../../events/view";
import { ContactFilter, ContactOrder } from "./contact-edit.schema";

export const ContactParams = t.Object({ id: Id });

const listFields = {
  q: t.Optional(t.String({ minLength: 1, maxLength: 300, description: "Words of name, number, e-mail, company or attributes" })),
  sort: t.Optional(ContactOrder),
  segment: t.Optional(t.String({ ...Id, description: "Only the contacts of this segment" })),
};

export const ContactQuery = t.Object({
  ...pageQuery,
  ...listFields,
  identity: t.Optional(
    t.String({ minLength: 1, maxLength: 140, description: "WhatsApp id, business-scoped user id, username or phone, exactly" }),
  ),
  label: t.Optional(t.String({ minLength: 1, maxLength: 60 })),
  language: t.Optional(t.String({ minLength: 1, maxLength: 20 })),
  company: t.Optional(t.String({ minLength: 1, maxLength: 200 })),
  email: t.Optional(t.String({ minLength: 1, maxLength: 254 })),
  attribute: t.Optional(
    t.String({
      pattern: "^[a-z][a-z0-9_]{0,39}:.{1,200}$",
      description: "An attribute and its value",
      examples: ["city:Lima"],
    }),
  ),
  isBlocked: t.Optional(query.BooleanString()),
  isOptedOut: t.Optional(query.BooleanString()),
  isOptedIn: t.Optional(query.BooleanString()),
});
export type ContactQuery = Static<typeof ContactQuery>;

/** What does not fit into an address. */
export const ContactListBody = t.Object(
  {
    ...listFields,
    filter: t.Optional(ContactFilter),
    limit: t.Optional(t.Integer({ minimum: 1, maximum: 100, default: 50 })),
    cursor: t.Optional(t.String({ maxLength: 1_000 })),
  },
  { examples: [{ filter: { labels: ["vip"], attributes: [{ key: "city", is: "equal", value: "Lima" }] }, sort: "name" }] },
);
export type ContactListBody = Static<typeof ContactListBody>;

export const ContactAnswer = okSchema(ContactView);
export const ContactPage = pageSchema(ContactView);
