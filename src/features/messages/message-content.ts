/** What an outgoing message says: how a person reads it, what is kept of it, and which files it carries. Pure. */
import type { Media } from "../media/media.model";
import type { NewContent } from "./message-content.schema";

type Kind = Media["type"];
const KINDS: readonly string[] = ["image", "video", "audio", "document", "sticker"] satisfies Kind[];

/** The same content with WhatsApp's ids in the places of ours. */
export type Sendable<T> = T extends readonly (infer Item)[]
  ? Sendable<Item>[]
  : T extends object
    ? { [K in keyof T as K extends "mediaId" ? "id" : K]: Sendable<T[K]> }
    : T;

export type SendableContent = Sendable<NewContent>;

export interface FileNeed {
  mediaId: string;
  kind: Kind;
}

/** Every file of ours that a message names, wherever it is: as the message itself, in a header, on a card. */
export function filesIn(value: unknown, under = ""): FileNeed[] {
  if (typeof value !== "object" || value === null) return [];
  if (Array.isArray(value)) return value.flatMap((item) => filesIn(item));
  const object = value as Record<string, unknown>;
  if (typeof object.mediaId === "string") {
    const kind = [object.type, under].find((one) => KINDS.includes(String(one)));
    return [{ mediaId: object.mediaId, kind: (kind ?? "document") as Kind }];
  }
  return Object.entries(object).flatMap(([key, item]) => filesIn(item, key));
}

/** Puts WhatsApp's ids in the places of ours. */
export function withGraphIds<T>(value: T, graphIds: ReadonlyMap<string, string>): Sendable<T> {
  const copy = (part: unknown): unknown => {
    if (typeof part !== "object" || part === null) return part;
    if (Array.isArray(part)) return part.map(copy);
    return Object.fromEntries(
      Object.entries(part).map(([key, item]) =>
        key === "mediaId" && typeof item === "string" ? ["id", graphIds.get(item)] : [key, copy(item)],
      ),
    );
  };
  return copy(value) as Sendable<T>;
}

/** What a person reads in the thread and the list. A template is filled in by its own room. */
export function readableText(content: Exclude<NewContent, { type: "template" }>): string {
  switch (content.type) {
    case "image":
      return content.image.caption ?? "";
    case "video":
      return content.video.caption ?? "";
    case "document":
      return content.document.caption ?? content.document.filename ?? "";
    case "audio":
    case "sticker":
      return "";
    case "location": {
      const { name, address, latitude, longitude } = content.location;
      return [name, address].filter(Boolean).join(", ") || `${latitude}, ${longitude}`;
    }
    case "contacts":
      return content.contacts.map(({ formattedName }) => formattedName).join(", ");
    case "reaction":
      return content.reaction.emoji;
    case "interactive":
      return content.interactive.body;
  }
}

/** The typed content as it is kept. Ids of files are in the attachments. */
export function payloadOf(content: Exclude<NewContent, { type: "template" | "reaction" }>): Record<string, unknown> {
  switch (content.type) {
    case "image":
      return captionOf(content.image);
    case "video":
      return captionOf(content.video);
    case "document":
      return { ...captionOf(content.document), ...(content.document.filename ? { filename: content.document.filename } : {}) };
    case "audio":
      return { voice: content.audio.voice ?? false };
    case "sticker":
      return {};
    case "location":
      return { ...content.location };
    case "contacts":
      return { contacts: content.contacts };
    case "interactive":
      return { ...content.interactive };
  }
}

const captionOf = ({ caption }: { caption?: string }): Record<string, unknown> => (caption === undefined ? {} : { caption });

/** The file of a message that is one, with the address it is loaded from when it is not ours. */
export function ownFile(
  content: NewContent,
): { kind: Kind; mediaId?: string; link?: string; caption?: string; filename?: string } | null {
  if (!KINDS.includes(content.type)) return null;
  const kind = content.type as Kind;
  const file = (content as unknown as Record<string, { mediaId?: string; link?: string; caption?: string; filename?: string }>)[
    kind
  ];
  return file ? { kind, ...file } : null;
}
