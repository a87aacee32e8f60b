import { Elysia } from "elysia";
import type { Actor } from "../../core/actor";
import type { Clock } from "../../core/clock";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import { fail } from "../../core/errors";
import type { AuthPlugin } from "../auth/auth.plugin";
import type { ReachService } from "../messages/reach.service";
import { FileQuery, MediaAnswer, MediaParams, TicketAnswer, TicketQuery, UploadQuery } from "./media.schema";
import type { MediaService } from "./media.service";
import { mediaUrl, sourcesOf, toMediaView } from "./media.view";
import type { Tickets } from "./media-ticket";
import type { MediaUploadService } from "./media-upload.service";

export interface MediaServices {
  files: MediaService;
  uploads: MediaUploadService;
  tickets: Tickets;
  /** A file waits to be loaded again. */
  wake: () => void;
  reach: Pick<ReachService, "assertMedia">;
  clock: Clock;
}

export const mediaController = (auth: AuthPlugin, { files, uploads, tickets, wake, reach, clock }: MediaServices) => {
  /** The file, if it exists for this person. */
  async function getReachable(id: string, actor: Actor) {
    const media = await files.getMedia(id);
    await reach.assertMedia(media, actor);
    return media;
  }

  return new Elysia({ prefix: "/media", tags: ["Media"] })
    .use(auth)
    .post(
      "/",
      async ({ request, query, headers, actor }) =>
        ok(
          toMediaView(
            await uploads.upload({
              body: request.body,
              type: query.type,
              declaredType: request.headers.get("content-type") ?? "application/octet-stream",
              filename: query.filename ?? null,
              announcedSize: sizeOf(request.headers.get("content-length")),
              author: actor.id,
              clientKey: headers["idempotency-key"] ?? null,
            }),
          ),
        ),
      {
        permission: "messages.send",
        parse: "none",
        query: UploadQuery,
        headers: IdempotencyHeaders,
        response: { 200: MediaAnswer },
        detail: {
          summary: "Upload a file to be sent",
          description:
            "The body is the file, with its type as Content-Type. It is checked by its own bytes against WhatsApp's limits.",
        },
      },
    )
    .get(
      "/:id",
      async ({ params, query, request, actor }) => files.serve((await getReachable(params.id, actor))._id, request, query.format),
      {
        permission: "conversations.read",
        params: MediaParams,
        query: FileQuery,
        detail: { summary: "The file itself, whole or in ranges" },
      },
    )
    .get("/:id/info", async ({ params, actor }) => ok(toMediaView(await getReachable(params.id, actor))), {
      permission: "conversations.read",
      params: MediaParams,
      response: { 200: MediaAnswer },
      detail: { summary: "What is known about a file" },
    })
    .get(
      "/:id/thumbnail",
      async ({ params, request, actor }) => files.serveThumbnail((await getReachable(params.id, actor))._id, request),
      {
        permission: "conversations.read",
        params: MediaParams,
        detail: { summary: "A small picture of an image" },
      },
    )
    .post(
      "/:id/ticket",
      async ({ params, actor }) => {
        const media = await getReachable(params.id, actor);
        const { ticket, expiresAt } = tickets.issue(media._id, clock.now());
        const url = `${mediaUrl(media._id)}/file?ticket=${ticket}`;
        return ok({ url, sources: sourcesOf(media, url), expiresAt: new Date(expiresAt).toISOString() });
      },
      {
        permission: "conversations.read",
        params: MediaParams,
        response: { 200: TicketAnswer },
        detail: { summary: "A link to the file for players, good for an hour" },
      },
    )
    .get(
      "/:id/file",
      ({ params, query, request }) => {
        if (!tickets.isValid(query.ticket, params.id, clock.now())) throw fail("media.bad-ticket");
        return files.serve(params.id, request, query.format);
      },
      { params: MediaParams, query: TicketQuery, detail: { summary: "The file, opened by a ticket instead of a bearer" } },
    )
    .post(
      "/:id/retry",
      async ({ params, actor }) => {
        const media = await files.retry((await getReachable(params.id, actor))._id);
        wake();
        return ok(toMediaView(media));
      },
      {
        permission: "messages.send",
        params: MediaParams,
        response: { 200: MediaAnswer },
        detail: { summary: "Load a file again that could not be loaded" },
      },
    );
};

const sizeOf = (header: string | null): number | null => (header !== null && /^\d+$/.test(header) ? Number(header) : null);
