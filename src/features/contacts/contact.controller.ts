import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ContactAnswer, ContactPage, ContactParams, ContactQuery } from "./contact.schema";
import { type ContactService, toContactView } from "./contact.service";

export const contactController = (auth: AuthPlugin, contacts: ContactService) =>
  new Elysia({ prefix: "/contacts", tags: ["Contacts"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await contacts.listContacts(query)), {
      permission: "contacts.read",
      query: ContactQuery,
      response: { 200: ContactPage },
      detail: { summary: "List contacts, the last to write first" },
    })
    .get("/:id", async ({ params }) => ok(toContactView(await contacts.getContact(params.id))), {
      permission: "contacts.read",
      params: ContactParams,
      response: { 200: ContactAnswer },
      detail: { summary: "Get a contact" },
    });
