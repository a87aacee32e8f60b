/** What people may write about a contact. */
import { type Static, Type as t } from "@sinclair/typebox";
import { oneOf } from "../../events/view";
import { AttributeValues } from "../attributes/attribute.service";

const nullable = <T extends Parameters<typeof t.Union>[0][number]>(schema: T) => t.Union([schema, t.Null()]);
const name = t.String({ minLength: 1, maxLength: 300, examples: ["Lucía Quispe"] });
const phone = t.String({
  minLength: 6,
  maxLength: 40,
  description: "With country code, in any form",
  examples: ["+51 900 000 001"],
});
const email = t.String({ maxLength: 254, pattern: "^[^\\s@]+@[^\\s@]+\\.[^\\s@]+$", examples: ["lucia@example.com"] });
const language = t.String({ pattern: "^[A-Za-z]{2,3}([_-][A-Za-z0-9]{2,8})?$", examples: ["es", "pt_BR"] });
const company = t.String({ minLength: 1, maxLength: 200 });
const externalId = t.String({
  minLength: 1,
  maxLength: 200,
  description: "What another system calls them; nobody else may have it",
});
const labels = t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 50, uniqueItems: true });

export const NewContact = t.Object(
  {
    name,
    phone: t.Optional(phone),
    email: t.Optional(email),
    language: t.Optional(language),
    company: t.Optional(company),
    externalId: t.Optional(externalId),
    labels: t.Optional(labels),
    attributes: t.Optional(AttributeValues),
    optedIn: t.Optional(t.Boolean({ description: "They have agreed to marketing messages" })),
  },
  { examples: [{ name: "Lucía Quispe", phone: "+51 900 000 001", labels: ["vip"], attributes: { city: "Lima" } }] },
);
export type NewContact = Static<typeof NewContact>;

export const ContactPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the decision is based on" })),
    name: t.Optional(name),
    phone: t.Optional(phone),
    email: t.Optional(nullable(email)),
    language: t.Optional(nullable(language)),
    company: t.Optional(nullable(company)),
    externalId: t.Optional(nullable(externalId)),
    labels: t.Optional(labels),
    attributes: t.Optional(AttributeValues),
  },
  { minProperties: 1, examples: [{ version: 3, company: "Telares Puno", attributes: { city: "Puno" } }] },
);
export type ContactPatch = Static<typeof ContactPatch>;

export const ConsentBody = t.Object(
  {
    optedIn: t.Boolean({ description: "Whether they want marketing messages" }),
    source: t.String({ minLength: 1, maxLength: 200, description: "How you know", examples: ["form on the website"] }),
  },
  { examples: [{ optedIn: true, source: "form on the website" }] },
);
export type ConsentBody = Static<typeof ConsentBody>;

export const VersionHeaders = t.Object(
  { "if-match": t.Optional(t.String({ maxLength: 40, description: "The version the decision is based on", examples: ['"7"'] })) },
  { additionalProperties: true },
);

const CONTACT_ORDERS = ["last-message", "name", "newest"] as const;
const text = (maxLength: number, description: string) => t.Optional(t.String({ minLength: 1, maxLength, description }));
const day = (description: string) => t.Optional(t.String({ format: "date-time", description }));

/** Which contacts: every condition that is given has to hold. */
export const ContactFilter = t.Object(
  {
    labels: t.Optional(t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 20, description: "All of these" })),
    anyLabel: t.Optional(t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 50, description: "One of these" })),
    withoutLabels: t.Optional(t.Array(t.String({ minLength: 1, maxLength: 60 }), { maxItems: 20, description: "None of these" })),
    language: text(20, "Their language"),
    company: text(200, "Their company, exactly but for case and accents"),
    email: text(254, "Their e-mail"),
    isBlocked: t.Optional(t.Boolean()),
    isOptedOut: t.Optional(t.Boolean()),
    isOptedIn: t.Optional(t.Boolean()),
    hasPhone: t.Optional(t.Boolean()),
    lastMessageFrom: day("Wrote not before"),
    lastMessageTo: day("Wrote before"),
    createdFrom: day("Known not before"),
    createdTo: day("Known before"),
    attributes: t.Optional(
      t.Array(
        t.Object(
          {
            key: t.String({ pattern: "^[a-z][a-z0-9_]{0,39}$" }),
            is: oneOf(["equal", "not", "above", "below", "set", "unset"]),
            value: t.Optional(t.Union([t.String({ maxLength: 1_000 }), t.Number(), t.Boolean()])),
          },
          { additionalProperties: false },
        ),
        { maxItems: 20 },
      ),
    ),
  },
  { additionalProperties: false, examples: [{ labels: ["vip"], attributes: [{ key: "city", is: "equal", value: "Lima" }] }] },
);
export type ContactFilter = Static<typeof ContactFilter>;
export const ContactOrder = oneOf(CONTACT_ORDERS);
export type ContactOrder = Static<typeof ContactOrder>;
