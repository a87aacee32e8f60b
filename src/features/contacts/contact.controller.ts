import { Elysia } from "elysia";
import type { Actor } from "../../core/actor";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import { DEFAULT_PAGE } from "../../core/page";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ContactAnswer, ContactListBody, ContactPage, ContactParams, ContactQuery } from "./contact.schema";
import { type ContactService, toContactView } from "./contact.service";
import { ConsentBody, type ContactFilter, ContactPatch, NewContact, VersionHeaders } from "./contact-edit.schema";
import type { ContactEditService } from "./contact-edit.service";
import { type ContactListService, toListRequest } from "./contact-list.service";
import type { ContactReach } from "./contact-reach";
import { expectedVersion } from "./contact-version";

export interface ContactServices {
  contacts: ContactService;
  edits: ContactEditService;
  lists: ContactListService;
  reach: ContactReach;
  /** The filter of a segment that this person may use. */
  filterOfSegment: (id: string, actor: Actor) => Promise<ContactFilter>;
}

const CONFLICT = "With a version that is no longer the current one the answer is 409, and `current` is the contact as it is now.";

export const contactController = (auth: AuthPlugin, { contacts, edits, lists, reach, filterOfSegment }: ContactServices) => {
  const narrowed = async (filter: ContactFilter, segment: string | undefined, actor: Actor): Promise<ContactFilter[]> =>
    segment === undefined ? [filter] : [filter, await filterOfSegment(segment, actor)];

  return new Elysia({ prefix: "/contacts", tags: ["Contacts"] })
    .use(auth)
    .get(
      "/",
      async ({ query, actor }) => {
        const request = toListRequest(query);
        return okPage(
          await lists.listContacts({ ...request, filters: await narrowed(request.filter, query.segment, actor) }, actor),
        );
      },
      {
        permission: "contacts.read",
        query: ContactQuery,
        response: { 200: ContactPage },
        detail: { summary: "List contacts, the last to write first" },
      },
    )
    .post(
      "/filter",
      async ({ body: { filter = {}, segment, limit = DEFAULT_PAGE, ...rest }, actor }) =>
        okPage(await lists.listContacts({ ...rest, limit, filters: await narrowed(filter, segment, actor) }, actor)),
      {
        permission: "contacts.read",
        body: ContactListBody,
        response: { 200: ContactPage },
        detail: { summary: "List contacts by conditions that do not fit into an address" },
      },
    )
    .post("/", async ({ body, actor }) => ok(toContactView(await edits.createContact(body, actor))), {
      permission: "contacts.write",
      body: NewContact,
      headers: IdempotencyHeaders,
      response: { 200: ContactAnswer },
      detail: { summary: "Create a contact" },
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
    )
    .patch(
      "/:id",
      async ({ params, body, headers, actor }) =>
        ok(toContactView(await edits.patchContact(params.id, body, actor, expectedVersion(headers)))),
      {
        permission: "contacts.write",
        params: ContactParams,
        headers: VersionHeaders,
        body: ContactPatch,
        response: { 200: ContactAnswer },
        detail: { summary: "Change a contact", description: CONFLICT },
      },
    )
    .post("/:id/block", async ({ params, actor }) => ok(toContactView(await edits.setBlocked(params.id, true, actor))), {
      permission: "contacts.write",
      params: ContactParams,
      response: { 200: ContactAnswer },
      detail: {
        summary: "Block a contact",
        description:
          "What they write is kept, but nobody and nothing answers it, and nothing can be sent to them until unblocked.",
      },
    })
    .post("/:id/unblock", async ({ params, actor }) => ok(toContactView(await edits.setBlocked(params.id, false, actor))), {
      permission: "contacts.write",
      params: ContactParams,
      response: { 200: ContactAnswer },
      detail: { summary: "Unblock a contact" },
    })
    .post("/:id/consent", async ({ params, body, actor }) => ok(toContactView(await edits.setConsent(params.id, body, actor))), {
      permission: "contacts.write",
      params: ContactParams,
      body: ConsentBody,
      response: { 200: ContactAnswer },
      detail: { summary: "Note that they want or do not want marketing messages; the timeline keeps the history" },
    });
};
