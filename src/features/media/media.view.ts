/** A file as clients see it. */
import type { MediaView } from "../../events/view";
import type { Media } from "./media.model";

/** Where agents load a file. */
export const mediaUrl = (id: string): string => `/api/v2/media/${id}`;
export const thumbnailUrl = (id: string): string => `${mediaUrl(id)}/thumbnail`;

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
