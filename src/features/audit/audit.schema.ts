/** What the audit routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { pageQuery, pageSchema } from "../../core/envelope";
import { Id, Timestamp } from "../../events/view";

const instant = (description: string) =>
  t.String({
    pattern: "^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?Z)?$",
    description,
    examples: ["2026-11-20", "2026-11-20T18:30:00Z"],
  });

const filters = {
  actor: t.Optional(t.String({ pattern: "^[\\w.-]{1,64}$", description: "Only what this person or key did (id)" })),
  action: t.Optional(
    t.String({
      pattern: "^[a-z-]{1,40}(\\.[a-z-]{1,40})?$",
      description: "Only this action, or with a noun alone everything done to such things",
      examples: ["settings.update", "channel"],
    }),
  ),
  target: t.Optional(t.String({ pattern: "^[\\w.:@-]{1,120}$", description: "Only what happened to this (id)" })),
  from: t.Optional(instant("Not before this day or moment, UTC")),
  to: t.Optional(instant("Before this day or moment, UTC")),
};
export const AuditQuery = t.Object({ ...pageQuery, ...filters });
export type AuditQuery = Static<typeof AuditQuery>;
export const AuditExportQuery = t.Object({
  ...filters,
  format: t.Optional(t.Union([t.Literal("jsonl"), t.Literal("csv")], { description: "JSON lines when absent" })),
});
export type AuditFilter = Omit<Static<typeof AuditExportQuery>, "format">;

export const AuditEntryView = t.Object(
  {
    id: Id,
    at: Timestamp,
    actor: t.Object({
      kind: t.String({ description: "agent, key, system or guest" }),
      id: t.String(),
      name: t.String(),
    }),
    action: t.String({ description: "noun.verb", examples: ["settings.update"] }),
    target: t.Object({ kind: t.String(), id: t.String(), name: t.Union([t.String(), t.Null()]) }),
    origin: t.Union([t.Object({ address: t.String(), userAgent: t.String(), requestId: t.String() }), t.Null()]),
    before: t.Unknown({ description: "The changed fields as they were; secrets are never kept" }),
    after: t.Unknown({ description: "The changed fields as they are" }),
  },
  { title: "AuditEntry" },
);
export type AuditEntryView = Static<typeof AuditEntryView>;
export const AuditPage = pageSchema(AuditEntryView);
