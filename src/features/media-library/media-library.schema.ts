/** What the routes of the media library accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { okSchema } from "../../core/envelope";
import { Id, oneOf, Timestamp } from "../../events/view";

const fields = {
  name: t.String({ minLength: 1, maxLength: 60, examples: ["Lista de precios"] }),
  description: t.String({ maxLength: 300, description: "What it shows and when to send it; the assistant reads it" }),
  media: t.String({ ...Id, description: "Id of an uploaded file" }),
  caption: t.String({ maxLength: 1_000 }),
  forAssistant: t.Boolean({ description: "Whether the assistant may send it" }),
};

export const LibraryView = t.Object(
  {
    id: Id,
    ...fields,
    type: oneOf(["image", "video", "document", "audio"]),
    version: t.Integer({ minimum: 0 }),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "LibraryItem" },
);
export type LibraryView = Static<typeof LibraryView>;

export const NewLibraryItem = t.Object({
  name: fields.name,
  media: fields.media,
  description: t.Optional(fields.description),
  caption: t.Optional(fields.caption),
  forAssistant: t.Optional(fields.forAssistant),
});
export type NewLibraryItem = Static<typeof NewLibraryItem>;
export const LibraryPatch = t.Object(
  {
    version: t.Optional(t.Integer({ minimum: 0, description: "The version the change is based on; another one answers 409" })),
    ...t.Partial(t.Object(fields)).properties,
  },
  { minProperties: 1 },
);
export type LibraryPatch = Static<typeof LibraryPatch>;
export const LibraryParams = t.Object({ id: Id });
export const LibraryAnswer = okSchema(LibraryView);
export const LibraryList = okSchema(t.Array(LibraryView));
export const LibraryRemoved = okSchema(t.Object({ id: Id }));
