/** A file as clients see it. */
import type { MediaView } from "../../events/view";
import { CAF_TYPE, VOICE_TYPE } from "./caf-opus";
import type { Media } from "./media.model";

/** Where agents load a file. */
export const mediaUrl = (id: string): string => `/api/v2/media/${id}`;
export const thumbnailUrl = (id: string): string => `${mediaUrl(id)}/thumbnail`;

/** What a player may choose from: the file itself, and for a voice note the same sound for Safari. */
export function sourcesOf({ mimeType }: Pick<Media, "mimeType">, url: string): { src: string; type: string }[] {
  if (mimeType === VOICE_TYPE)
    return [
      { src: url, type: `${VOICE_TYPE}; codecs=opus` },
      { src: `${url}&format=caf`, type: `${CAF_TYPE}; codecs=opus` },
    ];
  return [{ src: url, type: mimeType ?? "application/octet-stream" }];
}

export const toMediaView = (media: Media): MediaView => ({
  id: media._id,
  type: media.type,
  direction: media.direction,
  state: media.state,
  url: media.state === "stored" ? mediaUrl(media._id) : null,
  thumbnailUrl: media.thumbnailKey ? thumbnailUrl(media._id) : null,
  mimeType: media.mimeType,
  filename: media.filename,
  size: media.size,
  error: media.error,
  createdAt: media.createdAt.toISOString(),
});
