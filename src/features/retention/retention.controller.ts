import { type Static, Type as t } from "@sinclair/typebox";
import { Elysia } from "elysia";
import { ok, okSchema } from "../../core/envelope";
import { fail } from "../../core/errors";
import { Timestamp } from "../../events/view";
import type { AuditPort } from "../audit/audit.service";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { RetentionService } from "./retention.service";

const Counts = t.Record(t.String(), t.Integer(), { description: "By kind; a kind that is kept for ever is absent" });
const CountsAnswer = okSchema(Counts);
const LastRun = okSchema(t.Object({ finishedAt: t.Union([Timestamp, t.Null()]), removed: Counts }));
type Counts = Static<typeof Counts>;

export const retentionController = (auth: AuthPlugin, retention: RetentionService, audit: AuditPort) =>
  new Elysia({ prefix: "/retention", tags: ["Data protection"] })
    .use(auth)
    .get(
      "/",
      async () => {
        const { finishedAt, removed } = await retention.lastRun();
        return ok({ finishedAt: finishedAt?.toISOString() ?? null, removed: removed as Counts });
      },
      { permission: "settings.read", response: { 200: LastRun }, detail: { summary: "The last removal of old data" } },
    )
    .get("/preview", async () => ok((await retention.preview()) as Counts), {
      permission: "settings.manage",
      response: { 200: CountsAnswer },
      detail: { summary: "What a removal would remove now", description: "Removes nothing." },
    })
    .post(
      "/run",
      async ({ actor }) => {
        const removed = await retention.run();
        if (!removed) throw fail("request.conflict", { message: "Old data are being removed just now." });
        await audit.record(null, {
          actor,
          action: "retention.run",
          target: { kind: "retention", id: "retention" },
          after: removed,
        });
        return ok(removed as Counts);
      },
      { permission: "settings.manage", response: { 200: CountsAnswer }, detail: { summary: "Remove old data now" } },
    );
