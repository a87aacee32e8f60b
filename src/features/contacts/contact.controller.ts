import { Elysia } from "elysia";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { ReachService } from "../messages/reach.service";
import { ContactAnswer, ContactPage, ContactParams, ContactQuery } from "./contact.schema";
import { type ContactService, toContactView } from "./contact.service";

export const contactController = (
  auth: AuthPlugin,
  contacts: ContactService,
  reach: Pick<ReachService, "assertContact" | "contactFilter">,
) =>
  new Elysia({ prefix: "/contacts", tags: ["Contacts"] })
    .use(auth)
    .get("/", async ({ query, actor }) => okPage(await contacts.listContacts(query, await reach.contactFilter(actor))), {
      permission: "contacts.read",
      query: ContactQuery,
      response: { 200: ContactPage },
      detail: { summary: "List contacts, the last to write first" },
    })
    .get(
      "/:id",
      async ({ params, actor }) => {
        await reach.assertContact(params.id, actor);
        return ok(toContactView(await contacts.getContact(params.id)));
      },
      {
        permission: "contacts.read",
        params: ContactParams,
        response: { 200: ContactAnswer },
        detail: { summary: "Get a contact" },
      },
    );
