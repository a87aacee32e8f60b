/**
 * The rules of files: every attachment of a customer is expected in the transaction that stores its message, and worked off by
 * state, so nothing is forgotten by a crash. The same content is kept once, whoever sent it.
 */
import type { MediaStorage } from "../../channels/whatsapp/media-storage";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { derivedId } from "../../core/id";
import type { Change } from "../../events/log";
import { MEDIA_KINDS } from "../../events/view";
import { CAF_TYPE, toCaf, VOICE_TYPE } from "./caf-opus";
import type { Media, MediaModel } from "./media.model";
import { mediaUrl, thumbnailUrl } from "./media.view";
import { fileResponse } from "./media-file";
import { makeThumbnail, THUMBNAIL_TYPE } from "./media-thumbnail";

/** A message as far as its files are concerned. */
export interface MessageWithFiles {
  _id: string;
  channel: string;
  attachments: readonly {
    type: string;
    mediaId: string | null;
    sourceUrl?: string;
    url: string | null;
    mimeType: string | null;
    filename: string | null;
  }[];
}

export interface LoadedFile {
  key: string;
  size: number;
  mimeType: string;
  sniffedType?: string;
}

export interface MediaService {
  /** Notes what came attached to these messages, to be loaded. The same attachment is noted once. In the caller's transaction. */
  expect(messages: readonly MessageWithFiles[], change: Change): Promise<void>;
  /** Files to load, the soonest first. */
  listDue(limit: number): Promise<Pick<Media, "_id" | "dueAt">[]>;
  /** Takes the work on a file for `leaseMs`; null when it is done, not due, or somebody else has it. */
  claim(id: string, leaseMs: number): Promise<Media | null>;
  /** The file is here. Gives back the document as it is now. */
  finish(media: Media, loaded: LoadedFile, thumbnailKey: string | null, change: Change): Promise<Media>;
  retryAt(media: Media, dueAt: Date, reason: string): Promise<void>;
  giveUp(media: Media, reason: string, change: Change): Promise<void>;
  /** The only process on this data takes over at once what a crashed predecessor had begun. */
  seizeAll(): Promise<void>;
  getMedia(id: string): Promise<Media>;
  /** An agent asks for a file that could not be loaded: tried again from the start. */
  retry(id: string): Promise<Media>;
  /** Stores a small picture of an image; null when there can be none. */
  addThumbnail(type: string, key: string): Promise<string | null>;
  /** The file as an HTTP answer, or a voice note as CAF. Throws media.not-found, media.not-ready or media.no-format. */
  serve(id: string, request: Request, format?: "caf"): Promise<Response>;
  serveThumbnail(id: string, request: Request): Promise<Response>;
  /** What the attachment of a message shows of a file: where it is, or why it is not there. */
  shownInMessage(media: Media): ShownFile;
  /** Removes content that no file names: it belonged to one that was erased while it was loaded. */
  discard(keys: readonly (string | null)[]): Promise<void>;
}

export interface ShownFile {
  media: string;
  url?: string;
  size?: number;
  mimeType?: string;
  thumbnailUrl?: string;
  error?: string;
}

export interface MediaDeps {
  media: MediaModel;
  storage: MediaStorage;
  /** How a file may be served: by its own bytes, not by what it is called. */
  serveAs: (declared: string, sniffed: string | undefined) => { mimeType: string; inline: boolean };
  clock: Clock;
}

const FIRST_TRY = 0;

export function createMediaService({ media, storage, serveAs, clock }: MediaDeps): MediaService {
  const now = () => new Date(clock.now());

  async function change(id: string, update: Record<string, unknown>, session?: Change["session"]): Promise<Media> {
    const after = await media.collection.findOneAndUpdate({ _id: id as never }, update as never, {
      returnDocument: "after",
      ...(session ? { session } : {}),
    });
    if (!after) throw fail("media.not-found");
    return after as unknown as Media;
  }

  const service: MediaService = {
    async expect(messages, { session }) {
      const docs = messages.flatMap((message) =>
        message.attachments.flatMap((attachment) =>
          attachment.url === null && (attachment.mediaId || attachment.sourceUrl) ? [expected(message, attachment)] : [],
        ),
      );
      if (docs.length === 0) return;
      await media.collection.bulkWrite(
        docs.map(({ _id, ...fields }) => ({
          updateOne: { filter: { _id: _id as never }, update: { $setOnInsert: fields } as never, upsert: true },
        })),
        { session, ordered: false },
      );
    },

    async listDue(limit) {
      return (await media
        .find({ dueAt: { $exists: true } }, { dueAt: 1 })
        .sort({ dueAt: 1 })
        .limit(limit)
        .lean()) as Pick<Media, "_id" | "dueAt">[];
    },

    async claim(id, leaseMs) {
      const claimed = await media.collection.findOneAndUpdate(
        { _id: id as never, dueAt: { $lte: now() } } as never,
        { $set: { dueAt: new Date(clock.now() + leaseMs) }, $inc: { attempts: 1 } } as never,
        { returnDocument: "after" },
      );
      return claimed as unknown as Media | null;
    },

    async finish({ _id, declaredType }, { key, size, mimeType, sniffedType }, thumbnailKey, { session }) {
      const served = serveAs(declaredType ?? mimeType, sniffedType);
      return change(
        _id,
        {
          $set: {
            state: "stored",
            storageKey: key,
            thumbnailKey,
            size,
            mimeType: served.mimeType,
            isInline: served.inline,
            error: null,
          },
          $unset: { dueAt: "" },
        },
        session,
      );
    },

    async retryAt({ _id }, dueAt, reason) {
      await change(_id, { $set: { dueAt, error: reason.slice(0, 300) } });
    },

    async giveUp({ _id }, reason, { session }) {
      await change(_id, { $set: { state: "failed", error: reason.slice(0, 300) }, $unset: { dueAt: "" } }, session);
    },

    async seizeAll() {
      await media.updateMany({ dueAt: { $exists: true } }, { $set: { dueAt: now() } });
    },

    async getMedia(id) {
      const found = await media.findById(id).lean();
      if (!found) throw fail("media.not-found");
      return found as Media;
    },

    async retry(id) {
      const found = await service.getMedia(id);
      if (found.state !== "failed") return found;
      return change(id, { $set: { state: "pending", dueAt: now(), attempts: FIRST_TRY, error: null } });
    },

    async addThumbnail(type, key) {
      const file = type === "image" || type === "sticker" ? await storage.open(key) : null;
      const small = file && (await makeThumbnail(file));
      if (!small) return null;
      const writer = await storage.begin();
      try {
        await writer.write(small);
      } catch (error) {
        await writer.abort();
        throw error;
      }
      return (await writer.commit(THUMBNAIL_TYPE)).key;
    },

    async serve(id, request, format) {
      const { storageKey, size, mimeType, isInline, filename } = await service.getMedia(id);
      if (format === "caf") return serveCaf(storageKey, mimeType, request);
      return serveFile(storageKey, { size, mimeType: mimeType ?? "application/octet-stream", isInline, filename }, request);
    },

    async serveThumbnail(id, request) {
      const { thumbnailKey } = await service.getMedia(id);
      if (!thumbnailKey) throw fail("media.not-found");
      return serveFile(thumbnailKey, { size: null, mimeType: THUMBNAIL_TYPE, isInline: true, filename: null }, request);
    },

    async discard(keys) {
      for (const key of keys)
        if (key && !(await media.exists({ $or: [{ storageKey: key }, { thumbnailKey: key }] }))) await storage.remove(key);
    },

    shownInMessage({ _id, state, size, mimeType, thumbnailKey, error }) {
      if (state !== "stored") return { media: _id, error: error ?? "The file could not be loaded." };
      return {
        media: _id,
        url: mediaUrl(_id),
        ...(size === null ? {} : { size }),
        ...(mimeType ? { mimeType } : {}),
        ...(thumbnailKey ? { thumbnailUrl: thumbnailUrl(_id) } : {}),
      };
    },
  };

  function expected(
    message: MessageWithFiles,
    { type, mediaId, sourceUrl, mimeType, filename }: MessageWithFiles["attachments"][number],
  ): Media {
    const kinds: readonly string[] = MEDIA_KINDS;
    return {
      _id: derivedId(message._id, `media:${mediaId ?? sourceUrl}`),
      direction: "inbound",
      type: kinds.includes(type) ? (type as Media["type"]) : "document",
      channel: message.channel,
      message: message._id,
      graphId: mediaId,
      sourceUrl: mediaId ? null : (sourceUrl ?? null),
      state: "pending",
      dueAt: now(),
      attempts: FIRST_TRY,
      error: null,
      storageKey: null,
      thumbnailKey: null,
      size: null,
      declaredType: mimeType,
      mimeType: null,
      isInline: false,
      filename,
      uploads: [],
      author: null,
      originKey: null,
      createdAt: now(),
    };
  }

  /** Made anew each time: a voice note takes a few milliseconds, and few are ever asked for in this form. */
  async function serveCaf(key: string | null, mimeType: string | null, request: Request): Promise<Response> {
    if (!key) throw fail("media.not-ready", { retryAfter: 5 });
    if (mimeType !== VOICE_TYPE) throw fail("media.no-format");
    const file = await storage.open(key);
    if (!file) throw fail("media.not-found");
    const caf = await toCaf(file);
    if (!caf) throw fail("media.no-format");
    const about = { size: caf.size, mimeType: CAF_TYPE, isInline: true, filename: null };
    return fileResponse({ file: caf, key: `caf-${key}`, ...about }, request);
  }

  async function serveFile(
    key: string | null,
    about: { size: number | null; mimeType: string; isInline: boolean; filename: string | null },
    request: Request,
  ): Promise<Response> {
    if (!key) throw fail("media.not-ready", { retryAfter: 5 });
    const file = await storage.open(key);
    // Retention or a lost disk: the record outlives the file.
    if (!file) throw fail("media.not-found");
    return fileResponse({ file, key, ...about, size: about.size ?? file.size }, request);
  }

  return service;
}
