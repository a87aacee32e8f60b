/** Stored files as WhatsApp wants them for itself: as the example of a template's header, or as the profile picture. */
import type { MediaStorage } from "../../channels/whatsapp/media-storage";
import { AppError, fail } from "../../core/errors";
import type { ConnectedChannel } from "../channels/channel-line";
import type { Media } from "./media.model";
import type { MediaService } from "./media.service";

export type ExampleKind = "image" | "video" | "document";

export interface MediaExampleService {
  /** Why this file cannot be used so; null when it can. */
  problemOf(id: string, kind: ExampleKind): Promise<string | null>;
  /** Uploads a file under the app of this number and gives its handle. Throws what `problemOf` tells as an error. */
  handleOf(id: string, kind: ExampleKind, channel: ConnectedChannel): Promise<string>;
}

export interface MediaExampleDeps {
  files: MediaService;
  storage: MediaStorage;
  /** Refuses, with the reason, what WhatsApp would not take as an example of this kind. */
  checkExample: (file: { type: ExampleKind; mimeType: string; size: number }) => void;
}

export function createMediaExampleService({ files, storage, checkExample }: MediaExampleDeps): MediaExampleService {
  const typeOf = ({ declaredType, mimeType }: Media) => declaredType ?? mimeType ?? "application/octet-stream";

  async function find(id: string, kind: ExampleKind) {
    const media = await files.getMedia(id);
    if (media.state !== "stored" || !media.storageKey) throw fail("media.not-ready", { retryAfter: 5 });
    const file = await storage.open(media.storageKey);
    if (!file) throw fail("media.not-found");
    checkExample({ type: kind, mimeType: typeOf(media), size: media.size ?? file.size });
    return { media, file };
  }

  return {
    async problemOf(id, kind) {
      try {
        await find(id, kind);
        return null;
      } catch (error) {
        // media.not-found, media.not-ready, media.refused: words for the field that names the file.
        if (error instanceof AppError && error.code.startsWith("media.")) return error.message;
        throw error;
      }
    },
    async handleOf(id, kind, { handles }) {
      const { media, file } = await find(id, kind);
      const filename = media.filename ?? `${kind}-${id}`;
      return handles.upload({ bytes: new Uint8Array(await file.arrayBuffer()), mimeType: typeOf(media), filename });
    },
  };
}
