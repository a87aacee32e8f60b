import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import {
  AttributeAnswer,
  AttributeList,
  AttributeParams,
  AttributePatch,
  AttributeRemoved,
  NewAttribute,
} from "./attribute.schema";
import type { AttributeService } from "./attribute.service";

export const attributeController = (auth: AuthPlugin, attributes: AttributeService) =>
  new Elysia({ prefix: "/attributes", tags: ["Contacts"] })
    .use(auth)
    .get("/", async () => ok(await attributes.listAttributes()), {
      permission: "contacts.read",
      response: { 200: AttributeList },
      detail: { summary: "List the custom attributes of contacts" },
    })
    .post("/", async ({ body }) => ok(await attributes.createAttribute(body)), {
      permission: "labels.manage",
      body: NewAttribute,
      response: { 200: AttributeAnswer },
      detail: { summary: "Define a custom attribute" },
    })
    .patch("/:id", async ({ params, body }) => ok(await attributes.patchAttribute(params.id, body)), {
      permission: "labels.manage",
      params: AttributeParams,
      body: AttributePatch,
      response: { 200: AttributeAnswer },
      detail: { summary: "Rename a custom attribute or change its options" },
    })
    .delete(
      "/:id",
      async ({ params }) => {
        await attributes.removeAttribute(params.id);
        return ok({ id: params.id });
      },
      {
        permission: "labels.manage",
        params: AttributeParams,
        response: { 200: AttributeRemoved },
        detail: { summary: "Remove a custom attribute; what contacts have of it stays" },
      },
    );
