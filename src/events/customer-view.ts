/** What clients see around contacts: attributes, notes, imports. */
import { type Static, Type as t } from "@sinclair/typebox";
import { Id, nullable, oneOf, Timestamp } from "./view";

export const ATTRIBUTE_TYPES = ["text", "number", "date", "boolean", "list", "link"] as const;

export const AttributeView = t.Object(
  {
    id: Id,
    key: t.String({ description: "The field's name in `attributes` of a contact" }),
    name: t.String(),
    description: t.String(),
    type: oneOf(ATTRIBUTE_TYPES),
    options: t.Array(t.String()),
    createdAt: Timestamp,
  },
  { title: "Attribute" },
);
export type AttributeView = Static<typeof AttributeView>;

export const IMPORT_STATES = ["running", "done", "cancelled", "failed"] as const;

export const ImportView = t.Object(
  {
    id: Id,
    by: t.String({ description: "Who asked for it" }),
    filename: nullable(t.String()),
    state: oneOf(IMPORT_STATES),
    isDryRun: t.Boolean({ description: "Nothing is changed: only what would be is told" }),
    onExisting: oneOf(["update", "skip"]),
    encoding: t.String(),
    delimiter: t.String(),
    columns: t.Array(t.Object({ header: t.String(), target: nullable(t.String({ description: "Null: left out" })) })),
    total: t.Integer({ description: "Rows" }),
    done: t.Integer(),
    created: t.Integer(),
    updated: t.Integer(),
    skipped: t.Integer({ description: "Known already" }),
    failed: t.Integer({ description: "Each is in the report with its reason" }),
    problem: nullable(t.String()),
    createdAt: Timestamp,
    finishedAt: nullable(t.String()),
  },
  { title: "Import" },
);
export type ImportView = Static<typeof ImportView>;

export const ContactNoteView = t.Object(
  {
    id: Id,
    contact: Id,
    author: t.String({ description: "Agent id" }),
    text: t.String(),
    createdAt: Timestamp,
    updatedAt: Timestamp,
  },
  { title: "ContactNote" },
);
export type ContactNoteView = Static<typeof ContactNoteView>;
