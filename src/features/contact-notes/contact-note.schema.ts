/** What the routes of notes about contacts accept and answer. */
import { Type as t } from "@sinclair/typebox";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ContactNoteView } from "../../events/customer-view";
import { Id } from "../../events/view";

export const NotesParams = t.Object({ id: Id });
export const NoteParams = t.Object({ id: Id, note: Id });
export const NotesQuery = t.Object(pageQuery);
export const NoteBody = t.Object(
  { text: t.String({ minLength: 1, maxLength: 5_000 }) },
  { examples: [{ text: "Prefers to be called in the morning" }] },
);
export const NoteAnswer = okSchema(ContactNoteView);
export const NotePage = pageSchema(ContactNoteView);
export const NoteRemoved = okSchema(t.Object({ id: Id }));
