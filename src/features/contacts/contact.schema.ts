/** What the contact routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ContactView, Id } from "../../events/view";

export const ContactParams = t.Object({ id: Id });

export const ContactQuery = t.Object({
  ...pageQuery,
  identity: t.Optional(
    t.String({ minLength: 1, maxLength: 140, description: "WhatsApp id, business-scoped user id, username or phone, exactly" }),
  ),
});
export type ContactQuery = Static<typeof ContactQuery>;

export const ContactAnswer = okSchema(ContactView);
export const ContactPage = pageSchema(ContactView);
