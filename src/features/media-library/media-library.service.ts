/** Files under names. What is named here is the company's own upload, never a file of a customer. */
import type { Actor } from "../../core/actor";
import { fail } from "../../core/errors";
import {
  type AutomationRecords,
  createAutomationRecords,
  type RecordDeps,
} from "../automation-records/automation-record.service";
import type { MediaService } from "../media/media.service";
import type { LibraryItem, MediaLibraryModel } from "./media-library.model";
import type { LibraryPatch, LibraryView, NewLibraryItem } from "./media-library.schema";

export interface MediaLibraryService {
  /** By name. */
  list(): LibraryView[];
  create(item: NewLibraryItem, actor: Actor): Promise<LibraryView>;
  patch(id: string, patch: LibraryPatch, actor: Actor): Promise<LibraryView>;
  remove(id: string, actor: Actor): Promise<void>;
  load(): Promise<void>;
  stop(): void;
}

export type MediaLibraryDeps = Omit<RecordDeps<LibraryItem>, "kind" | "notFound" | "model" | "sort" | "view"> & {
  library: MediaLibraryModel;
  files: Pick<MediaService, "getMedia">;
};

const SENDABLE: readonly string[] = ["image", "video", "document", "audio"] satisfies LibraryItem["type"][];

export function createMediaLibraryService({ library, files, ...deps }: MediaLibraryDeps): MediaLibraryService {
  const records: AutomationRecords<LibraryItem> = createAutomationRecords({
    ...deps,
    kind: "library-item",
    notFound: "media-library.not-found",
    model: library as never,
    sort: (a, b) => a.name.localeCompare(b.name) || (a._id < b._id ? -1 : 1),
    view: toLibraryView,
  });

  /** The kind it is sent as. */
  async function kindOf(id: string): Promise<LibraryItem["type"]> {
    const media = await files.getMedia(id);
    const refuse = (message: string) => fail("request.invalid", { details: [{ path: "body.media", message }] });
    // A customer's file is theirs: it goes when they are erased.
    if (media.message !== null || media.direction !== "outbound") throw refuse("is not a file that was uploaded here");
    if (!SENDABLE.includes(media.type)) throw refuse("cannot be sent as a message of its own");
    return media.type as LibraryItem["type"];
  }

  function assertFree(name: string, id: string | null): void {
    const isTaken = records.all().some((one) => one._id !== id && one.name.toLowerCase() === name.toLowerCase());
    if (isTaken) throw fail("media-library.exists");
  }

  return {
    list: () => records.all().map(toLibraryView),

    async create({ name, media, description = "", caption = "", forAssistant = true }, actor) {
      assertFree(name, null);
      const fields = { name, media, type: await kindOf(media), description, caption, forAssistant };
      return toLibraryView(await records.create(fields, actor));
    },

    async patch(id, { version, ...fields }, actor) {
      records.get(id);
      if (fields.name !== undefined) assertFree(fields.name, id);
      const type = fields.media === undefined ? {} : { type: await kindOf(fields.media) };
      return toLibraryView(await records.patch(id, { ...fields, ...type }, version, actor));
    },

    remove: (id, actor) => records.remove(id, actor),
    load: records.load,
    stop: records.stop,
  };
}

const toLibraryView = ({ _id, createdAt, updatedAt, ...item }: LibraryItem): LibraryView => ({
  id: _id,
  ...item,
  createdAt: createdAt.toISOString(),
  updatedAt: updatedAt.toISOString(),
});
