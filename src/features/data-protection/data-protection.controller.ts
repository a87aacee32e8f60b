import { Elysia } from "elysia";
import { assertSeesAll } from "../../core/actor";
import { ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ReceiptAnswer, ReceiptPage, ReceiptQuery, SubjectParams } from "./data-protection.schema";
import type { DataProtectionService } from "./data-protection.service";
import { streamOf } from "./zip-stream";

export const dataProtectionController = (auth: AuthPlugin, protection: DataProtectionService) =>
  new Elysia({ prefix: "/data-protection", tags: ["Data protection"] })
    .use(auth)
    .get(
      "/contacts/:id/export",
      async ({ params, actor }) => {
        assertSeesAll(actor);
        return new Response(streamOf(await protection.export(params.id, actor)), {
          headers: {
            "content-type": "application/zip",
            "content-disposition": `attachment; filename="contact-${params.id}.zip"`,
          },
        });
      },
      {
        permission: "contacts.erase",
        params: SubjectParams,
        detail: {
          summary: "Everything that is kept about a person",
          description: "A ZIP archive: contact, conversations, messages with notes, the assistant's turns, audit entries, files.",
        },
      },
    )
    .post(
      "/contacts/:id/erase",
      async ({ params, actor }) => {
        assertSeesAll(actor);
        return ok(await protection.erase(params.id, actor));
      },
      {
        permission: "contacts.erase",
        params: SubjectParams,
        response: { 200: ReceiptAnswer },
        detail: {
          summary: "Erase everything about a person",
          description: "Cannot be taken back. The answer is the receipt as it stands; it is done when its state says so.",
        },
      },
    )
    .get(
      "/erasures",
      async ({ query, actor }) => {
        assertSeesAll(actor);
        return okPage(await protection.listReceipts(query));
      },
      {
        permission: "contacts.erase",
        query: ReceiptQuery,
        response: { 200: ReceiptPage },
        detail: { summary: "Receipts of erasures, the newest first" },
      },
    )
    .get(
      "/erasures/:id",
      async ({ params, actor }) => {
        assertSeesAll(actor);
        return ok(await protection.getReceipt(params.id));
      },
      {
        permission: "contacts.erase",
        params: SubjectParams,
        response: { 200: ReceiptAnswer },
        detail: { summary: "The receipt of an erasure" },
      },
    );
