import { Elysia } from "elysia";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ContactExportQuery, ConversationExportQuery, MessageExportQuery } from "./export.schema";
import type { ExportService } from "./export.service";

/** A file to be saved. It is private, and made while it is read. */
const file = (what: string, format: "csv" | "jsonl" | undefined, body: ReadableStream<Uint8Array>): Response =>
  new Response(body, {
    headers: {
      "content-type": format === "jsonl" ? "application/x-ndjson" : "text/csv; charset=utf-8",
      "content-disposition": `attachment; filename="${what}.${format ?? "csv"}"`,
      "cache-control": "no-store",
    },
  });

const description = "CSV for spreadsheets, or a JSON object a line. Only what you may see.";

export const exportController = (auth: AuthPlugin, exports: ExportService) =>
  new Elysia({ prefix: "/exports", tags: ["Exports"] })
    .use(auth)
    .get("/contacts", async ({ query, actor }) => file("contacts", query.format, await exports.contacts(query, actor)), {
      permission: "contacts.export",
      query: ContactExportQuery,
      detail: { summary: "Export contacts", description },
    })
    .get(
      "/conversations",
      async ({ query, actor }) => file("conversations", query.format, await exports.conversations(query, actor)),
      {
        permission: "contacts.export",
        query: ConversationExportQuery,
        detail: { summary: "Export conversations, a row each", description },
      },
    )
    .get("/messages", async ({ query, actor }) => file("messages", query.format, await exports.messages(query, actor)), {
      permission: "contacts.export",
      query: MessageExportQuery,
      detail: { summary: "Export messages", description },
    });
