/**
 * Files on their way out: an agent's upload is streamed to the storage and checked by its own bytes; before it is sent it goes to
 * WhatsApp once per number, and its id there is used again until shortly before it expires (facts §3.3).
 */
import type { MediaStorage } from "../../channels/whatsapp/media-storage";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId, shortHash } from "../../core/id";
import type { ConnectedChannel } from "../channels/channel-line";
import type { Media, MediaModel } from "./media.model";
import type { MediaService } from "./media.service";

type Kind = Media["type"];

/** WhatsApp's rules about files. Given by the composition root, because features know no channel. */
export interface MediaRules {
  /** Refuses, with the reason, what WhatsApp would refuse as this kind of message. */
  checkUpload: (file: { type: Kind; mimeType: string; size: number; head?: Uint8Array }) => void;
  /** The kind a file goes out as, undefined when it cannot. */
  kindOfFile: (mimeType: string, size: number) => Kind | undefined;
  sniffType: (head: Uint8Array) => string | undefined;
  bareType: (mimeType: string) => string;
  serveAs: (declared: string, sniffed: string | undefined) => { mimeType: string; inline: boolean };
}

export interface Upload {
  body: ReadableStream<Uint8Array> | null;
  type?: Kind | undefined;
  declaredType: string;
  filename: string | null;
  /** Of the Content-Length header, when there was one. */
  announcedSize: number | null;
  author: string;
  clientKey: string | null;
}

/** A file that can be named in a message now. */
export interface SendableFile {
  media: Media;
  /** WhatsApp's id of it. */
  graphId: string;
}

export interface MediaUploadService {
  /** Stores what an agent uploads. Throws media.refused with the reason, media.quota or request.too-large. */
  upload(upload: Upload): Promise<Media>;
  /** Makes a stored file ready to be sent by this number as this kind; received files can be sent on too. */
  prepare(id: string, kind: Kind, channel: ConnectedChannel): Promise<SendableFile>;
}

export interface MediaUploadDeps {
  media: MediaModel;
  files: MediaService;
  storage: MediaStorage;
  rules: MediaRules;
  clock: Clock;
}

const MAX_BYTES = 100 * 1024 * 1024;
const HEAD_BYTES = 32;
/** So much one person, or one key, may upload within a day: far more than work needs, far less than a disk holds. */
const DAILY_BYTES = 2 * 1024 * 1024 * 1024;
const DAY_MS = 86_400_000;
/** A queued message may wait a while: an id that ends within a day is not used again. */
const UPLOAD_MARGIN_MS = 86_400_000;

export function createMediaUploadService({ media, files, storage, rules, clock }: MediaUploadDeps): MediaUploadService {
  /** Uploads of the same file that run now: two messages at once need only one. */
  const running = new Map<string, Promise<string>>();

  /** Bytes that this account may still upload. Throws `media.quota` when there are none. */
  async function leftOf(author: string): Promise<number> {
    const since = new Date(clock.now() - DAY_MS);
    const [sum] = (await media.aggregate([
      { $match: { author, createdAt: { $gt: since } } },
      { $group: { _id: null, bytes: { $sum: "$size" }, oldest: { $min: "$createdAt" } } },
    ])) as { bytes: number; oldest: Date }[];
    const left = DAILY_BYTES - (sum?.bytes ?? 0);
    if (sum && left <= 0)
      throw fail("media.quota", { retryAfter: Math.max(1, Math.ceil((sum.oldest.getTime() - since.getTime()) / 1000)) });
    return left;
  }

  async function receive(upload: Upload): Promise<Media> {
    const { body, type, declaredType, filename, author, clientKey } = upload;
    const left = await leftOf(author);
    const writer = await storage.begin();
    let size = 0;
    let head = new Uint8Array(0);
    try {
      for await (const chunk of (body ?? []) as AsyncIterable<Uint8Array>) {
        size += chunk.length;
        if (size > MAX_BYTES) throw fail("request.too-large");
        if (size > left) throw fail("media.quota");
        if (head.length < HEAD_BYTES) head = new Uint8Array(Buffer.concat([head, chunk.subarray(0, HEAD_BYTES)]));
        await writer.write(chunk);
      }
      if (size === 0) throw fail("media.refused", { message: "The file is empty." });
      const sniffed = rules.sniffType(head);
      const mimeType = trueType(rules.bareType(declaredType), sniffed);
      const kind = type ?? rules.kindOfFile(mimeType, size);
      if (!kind) throw fail("media.refused", { message: `WhatsApp takes no files of type ${mimeType}.` });
      rules.checkUpload({ type: kind, mimeType, size, head });
      const { key } = await writer.commit(mimeType);
      const served = rules.serveAs(mimeType, sniffed);
      return {
        _id: newId(clock.now()),
        direction: "outbound",
        type: kind,
        channel: null,
        message: null,
        graphId: null,
        sourceUrl: null,
        state: "stored",
        attempts: 0,
        error: null,
        storageKey: key,
        thumbnailKey: await files.addThumbnail(kind, key),
        size,
        declaredType: mimeType,
        mimeType: served.mimeType,
        isInline: served.inline,
        filename,
        uploads: [],
        author,
        originKey: originOf(author, clientKey),
        createdAt: new Date(clock.now()),
      };
    } catch (error) {
      // A refusal of ours, a client that went away, a full disk: nothing is kept of a file that is not whole.
      await writer.abort();
      throw error;
    }
  }

  async function send(file: Media, kind: Kind, { channel, media: line }: ConnectedChannel): Promise<string> {
    const stored = file.storageKey ? await storage.open(file.storageKey) : null;
    if (!stored) throw fail("media.not-found");
    const mimeType = file.declaredType ?? file.mimeType ?? "application/octet-stream";
    const bytes = await stored.bytes();
    rules.checkUpload({ type: kind, mimeType, size: bytes.length, head: bytes.subarray(0, HEAD_BYTES) });
    // As bytes: a part of a form takes its type from a blob in memory only.
    const blob = new Blob([bytes], { type: mimeType });
    const filename = file.filename ?? `${kind}-${file._id}`;
    const { mediaId, expiresAt } = await line.upload({ type: kind, blob, mimeType, filename });
    const uploads = [
      ...file.uploads.filter((one) => one.channel !== channel.phoneNumberId),
      { channel: channel.phoneNumberId, graphId: mediaId, expiresAt: new Date(expiresAt) },
    ];
    await media.updateOne({ _id: file._id }, { $set: { uploads } });
    return mediaId;
  }

  return {
    async upload(upload) {
      const originKey = originOf(upload.author, upload.clientKey);
      const known = originKey && (await media.findOne({ originKey }).lean());
      if (known) return known as Media;
      const { announcedSize, type, declaredType } = upload;
      if (announcedSize !== null && announcedSize > MAX_BYTES) throw fail("request.too-large");
      // What is known to be refused is refused before it is read.
      if (type && announcedSize !== null) rules.checkUpload({ type, mimeType: declaredType, size: announcedSize });
      const file = await receive(upload);
      await media.collection.insertOne(file as never);
      return file;
    },

    async prepare(id, kind, channel) {
      const file = await files.getMedia(id);
      if (file.state !== "stored") throw fail("media.not-ready", { retryAfter: 5 });
      const number = channel.channel.phoneNumberId;
      const known = file.uploads.find((one) => one.channel === number);
      if (known && known.expiresAt.getTime() - clock.now() > UPLOAD_MARGIN_MS) return { media: file, graphId: known.graphId };
      const key = `${id}:${number}`;
      const upload = running.get(key) ?? send(file, kind, channel).finally(() => running.delete(key));
      running.set(key, upload);
      return { media: file, graphId: await upload };
    },
  };
}

const originOf = (author: string, clientKey: string | null): string | null =>
  clientKey === null ? null : shortHash(`media:${author}:${clientKey}`);

/** Kinds whose bytes always tell what they are. */
const TELLING = /^(image|video|audio)\/|^application\/pdf$/;
/** One container, several names: which of them it is only the sender knows. */
const CONTAINER: Readonly<Record<string, readonly string[]>> = {
  "video/mp4": ["audio/mp4", "video/3gpp"],
  "audio/mp4": ["video/mp4"],
  "video/3gpp": ["video/mp4"],
};

/** What a file is by its own bytes. Throws media.refused for one that claims to be a picture, sound, film or PDF and is not. */
function trueType(declared: string, sniffed: string | undefined): string {
  if (sniffed !== undefined && (TELLING.test(sniffed) || declared === "application/octet-stream"))
    return CONTAINER[sniffed]?.includes(declared) ? declared : sniffed;
  if (TELLING.test(declared))
    throw fail("media.refused", { message: `The file is not what it is called: its content is not ${declared}.` });
  return declared;
}
