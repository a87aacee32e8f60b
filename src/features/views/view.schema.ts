/** What the routes of saved views accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";
import { ConversationFilter, SORTS } from "../conversations/conversation-list.service";

const fields = {
  name: t.String({ minLength: 1, maxLength: 80, examples: ["Urgentes sin responder"] }),
  scope: oneOf(["personal", "shared"]),
  filter: ConversationFilter,
  sort: oneOf(SORTS),
};

export const ViewView = t.Object(
  {
    id: Id,
    ...fields,
    owner: t.String({ description: "Who made it" }),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "View" },
);
export type ViewView = Static<typeof ViewView>;

export const NewView = t.Object(
  { ...fields, sort: t.Optional(fields.sort), scope: t.Optional(fields.scope) },
  { examples: [{ name: "Urgentes sin responder", scope: "shared", filter: { tab: "unattended", priority: ["urgent"] } }] },
);
export type NewView = Static<typeof NewView>;

export const ViewPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    name: t.Optional(fields.name),
    scope: t.Optional(fields.scope),
    filter: t.Optional(fields.filter),
    sort: t.Optional(fields.sort),
  },
  { minProperties: 1 },
);
export type ViewPatch = Static<typeof ViewPatch>;

export const ViewParams = t.Object({ id: Id });
export const ViewPageQuery = t.Object(pageQuery);
export const ViewAnswer = okSchema(ViewView);
export const ViewList = okSchema(t.Array(ViewView));
export const ViewRemoved = okSchema(t.Object({ id: Id }));
export const ViewCount = okSchema(t.Object({ count: t.Integer({ description: "1000 stands for a thousand or more" }) }));
