import { Elysia } from "elysia";
import { IdempotencyHeaders, ok, okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { ImportAnswer, ImportPage, ImportParams, ImportQuery, NewImport } from "./import.schema";
import type { ImportService } from "./import.service";

export const importController = (auth: AuthPlugin, imports: ImportService) =>
  new Elysia({ prefix: "/imports", tags: ["Contacts"] })
    .use(auth)
    .post(
      "/",
      async ({ request, query, actor }) =>
        ok(await imports.createImport(request.body as AsyncIterable<Uint8Array> | null, query, actor)),
      {
        permission: "contacts.import",
        parse: "none",
        query: NewImport,
        headers: IdempotencyHeaders,
        response: { 200: ImportAnswer },
        detail: {
          summary: "Import contacts from a CSV file",
          description:
            "The body is the file: up to 100,000 rows and 50 MB, the first row the headers. A contact is known by its number or external id, so importing a file twice changes nothing.",
        },
      },
    )
    .get("/", async ({ query, actor }) => okPage(await imports.listImports(query, actor)), {
      permission: "contacts.import",
      query: ImportQuery,
      response: { 200: ImportPage },
      detail: { summary: "Your imports, the newest first" },
    })
    .get("/:id", async ({ params, actor }) => ok(await imports.getImport(params.id, actor)), {
      permission: "contacts.import",
      params: ImportParams,
      response: { 200: ImportAnswer },
      detail: { summary: "How far an import has come" },
    })
    .post("/:id/cancel", async ({ params, actor }) => ok(await imports.cancelImport(params.id, actor)), {
      permission: "contacts.import",
      params: ImportParams,
      response: { 200: ImportAnswer },
      detail: { summary: "Cancel an import; what it has done stays" },
    })
    .get(
      "/:id/report",
      async ({ params, actor }) =>
        new Response(await imports.reportOf(params.id, actor), {
          headers: {
            "content-type": "text/csv; charset=utf-8",
            "content-disposition": `attachment; filename="import-${params.id}-problems.csv"`,
          },
        }),
      {
        permission: "contacts.import",
        params: ImportParams,
        detail: { summary: "The rows that could not be taken, each with its problem, as CSV" },
      },
    );
