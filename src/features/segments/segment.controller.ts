import { Elysia } from "elysia";
import { ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { NewSegment, SegmentAnswer, SegmentList, SegmentParams, SegmentPatch, SegmentRemoved } from "./segment.schema";
import type { SegmentService } from "./segment.service";

export const segmentController = (auth: AuthPlugin, segments: SegmentService) =>
  new Elysia({ prefix: "/segments", tags: ["Contacts"] })
    .use(auth)
    .get("/", async ({ actor }) => ok(await segments.listSegments(actor)), {
      permission: "contacts.read",
      response: { 200: SegmentList },
      detail: { summary: "List segments of contacts with how many are in each" },
    })
    .post("/", async ({ body, actor }) => ok(await segments.createSegment(body, actor)), {
      permission: "contacts.read",
      body: NewSegment,
      response: { 200: SegmentAnswer },
      detail: { summary: "Save a filter of contacts" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await segments.patchSegment(params.id, body, actor)), {
      permission: "contacts.read",
      params: SegmentParams,
      body: SegmentPatch,
      response: { 200: SegmentAnswer },
      detail: { summary: "Change a segment" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await segments.removeSegment(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission: "contacts.read",
        params: SegmentParams,
        response: { 200: SegmentRemoved },
        detail: { summary: "Remove a segment" },
      },
    );
