/** What the routes of suggested duplicates answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ContactView, Id, oneOf } from "../../events/view";

export const DUPLICATE_REASONS = ["phone", "email", "name"] as const;

export const DuplicateView = t.Object(
  {
    contact: ContactView,
    other: ContactView,
    reasons: t.Array(oneOf(DUPLICATE_REASONS), {
      description: "The same number in another form, the same e-mail, the same full name. The more, the surer",
    }),
  },
  { title: "Duplicate" },
);
export type DuplicateView = Static<typeof DuplicateView>;

export const DuplicateParams = t.Object({ id: Id });
export const DuplicateQuery = t.Object(pageQuery);
export const DuplicateList = okSchema(t.Array(DuplicateView));
export const DuplicatePage = pageSchema(DuplicateView);
