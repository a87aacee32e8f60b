import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NoteAnswer, NoteBody, NotePage, NoteParams, NoteRemoved, NotesParams, NotesQuery } from "./contact-note.schema";
import type { ContactNoteService } from "./contact-note.service";

export const contactNoteController = (auth: AuthPlugin, notes: ContactNoteService) =>
  new Elysia({ prefix: "/contacts/:id/notes", tags: ["Contacts"] })
    .use(auth)
    .get("/", async ({ params, query, actor }) => okPage(await notes.listNotes(params.id, query, actor)), {
      permission: "contacts.read",
      params: NotesParams,
      query: NotesQuery,
      response: { 200: NotePage },
      detail: { summary: "Notes about a contact, the newest first" },
    })
    .post("/", async ({ params, body, actor }) => ok(await notes.addNote(params.id, body.text, actor)), {
      permission: "contacts.write",
      params: NotesParams,
      body: NoteBody,
      response: { 200: NoteAnswer },
      detail: { summary: "Write a note about a contact" },
    })
    .patch("/:note", async ({ params, body, actor }) => ok(await notes.changeNote(params.id, params.note, body.text, actor)), {
      permission: "contacts.write",
      params: NoteParams,
      body: NoteBody,
      response: { 200: NoteAnswer },
      detail: { summary: "Change a note" },
    })
    .delete(
      "/:note",
      async ({ params, actor }) => {
        await notes.removeNote(params.id, params.note, actor);
        return ok({ id: params.note });
      },
      {
        permission: "contacts.write",
        params: NoteParams,
        response: { 200: NoteRemoved },
        detail: { summary: "Remove a note" },
      },
    );
