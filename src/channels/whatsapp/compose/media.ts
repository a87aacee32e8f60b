/** Image, video, audio, document and sticker: by the id of an upload or by a link Meta fetches. */

import { compact } from "../json-value";
import { type ComposeOptions, envelope } from "./envelope";
import { atMost, refuse, required, webAddress } from "./limit";

/** Exactly one of both. Meta caches a link for ten minutes. */
export interface MediaSource {
  id?: string;
  link?: string;
}

export type MediaContent = MediaSource &
  (
    | { type: "image" | "video"; caption?: string }
    /** `voice`: shown as a voice note; needs OGG with OPUS, mono. */
    | { type: "audio"; voice?: boolean }
    | { type: "document"; caption?: string; filename?: string }
    | { type: "sticker" }
  );

const MAX_CAPTION = 1024;

export function composeMedia({ media, ...options }: ComposeOptions & { media: MediaContent }): string {
  const { type, ...rest } = media;
  const { id, link, ...details } = rest;
  if ("caption" in details && details.caption !== undefined) atMost(`${type}.caption`, details.caption, MAX_CAPTION);
  if ("filename" in details && details.filename !== undefined) required(`${type}.filename`, details.filename, 240);
  return envelope(type, compact({ ...mediaSource(type, { id, link }), ...details }), options);
}

/** The checked source, used for headers of interactive messages and templates too. */
export function mediaSource(path: string, { id, link }: MediaSource): { id: string } | { link: string } {
  if ((id === undefined) === (link === undefined)) throw refuse(path, "needs either id or link");
  return id === undefined ? { link: webAddress(`${path}.link`, link ?? "") } : { id: required(`${path}.id`, id, 100) };
}
