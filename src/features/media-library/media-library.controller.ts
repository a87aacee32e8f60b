import { Elysia } from "elysia";
import { IdempotencyHeaders, ok } from "../../core/envelope";
import type { AuthPlugin } from "../auth/auth.plugin";
import { LibraryAnswer, LibraryList, LibraryParams, LibraryPatch, LibraryRemoved, NewLibraryItem } from "./media-library.schema";
import type { MediaLibraryService } from "./media-library.service";

const permission = "assistant.manage" as const;

export const mediaLibraryController = (auth: AuthPlugin, library: MediaLibraryService) =>
  new Elysia({ prefix: "/media-library", tags: ["Media"] })
    .use(auth)
    .get("/", () => ok(library.list()), {
      permission: "messages.send",
      response: { 200: LibraryList },
      detail: { summary: "Files under names, to be sent again and again" },
    })
    .post("/", async ({ body, actor }) => ok(await library.create(body, actor)), {
      permission,
      headers: IdempotencyHeaders,
      body: NewLibraryItem,
      response: { 200: LibraryAnswer },
      detail: { summary: "Put an uploaded file into the library" },
    })
    .patch("/:id", async ({ params, body, actor }) => ok(await library.patch(params.id, body, actor)), {
      permission,
      params: LibraryParams,
      body: LibraryPatch,
      response: { 200: LibraryAnswer },
      detail: { summary: "Change its name, description or file" },
    })
    .delete(
      "/:id",
      async ({ params, actor }) => {
        await library.remove(params.id, actor);
        return ok({ id: params.id });
      },
      {
        permission,
        params: LibraryParams,
        response: { 200: LibraryRemoved },
        detail: { summary: "Take a file out of the library; messages that carry it keep it" },
      },
    );
