import { Elysia } from "elysia";
import { okPage } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { AuditExportQuery, AuditPage, AuditQuery } from "./audit.schema";
import type { AuditService } from "./audit.service";
import { exportStream } from "./audit-export";

const TYPES = { csv: "text/csv;charset=utf-8", jsonl: "application/x-ndjson" } as const;

export const auditController = (auth: AuthPlugin, audit: AuditService) =>
  new Elysia({ prefix: "/audit", tags: ["Audit log"] })
    .use(auth)
    .get("/", async ({ query }) => okPage(await audit.list(query)), {
      permission: "audit.read",
      query: AuditQuery,
      response: { 200: AuditPage },
      detail: { summary: "Who did what, the newest first" },
    })
    .get(
      "/export",
      async ({ query: { format = "jsonl", ...filter }, actor }) => {
        await audit.record(null, { actor, action: "audit.export", target: { kind: "audit", id: format }, after: filter });
        return new Response(exportStream(audit.read(filter), format), {
          headers: { "content-type": TYPES[format], "content-disposition": `attachment; filename="audit.${format}"` },
        });
      },
      {
        permission: "audit.read",
        query: AuditExportQuery,
        detail: { summary: "The audit log as a file", description: "Streamed, the oldest entry first." },
      },
    );
