/**
 * Media of one number: download at once (addresses live five minutes, ids seven days), upload, delete. The token goes only to the
 * Graph API's own host and Meta's media hosts; a broken download goes on where it stopped (facts §3.3).
 */
import { wait } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { createGraphHttp, type GraphHttpOptions, graphJson } from "./graph-http";
import type { Attachment } from "./inbound-content";
import { idOf, numberOf, textOf } from "./json-value";
import { bareType, checkUpload, MAX_RECEIVED_BYTES, sniffType } from "./media-rules";
import type { MediaStorage, MediaWriter } from "./media-storage";

export interface MediaAddress {
  url: string;
  mimeType?: string;
  size?: number;
}

export interface DownloadedMedia {
  /** Key in the storage: SHA-256 in hex. */
  key: string;
  size: number;
  /** What WhatsApp says it is, without parameters. */
  mimeType: string;
  /** What its first bytes say; undefined when they say nothing. */
  sniffedType?: string;
}

export interface MediaClient {
  /** The address of a media id, good for five minutes. */
  resolve(mediaId: string): Promise<MediaAddress>;
  /** Loads an attachment into the storage. Throws media.refused (never again) or media.unavailable (try again). */
  download(attachment: Pick<Attachment, "mediaId" | "url" | "mimeType">): Promise<DownloadedMedia>;
  /** Uploads a file for sending; the id can be used again for 30 days. */
  upload(file: {
    type: Attachment["type"];
    blob: Blob;
    mimeType: string;
    filename: string;
  }): Promise<{ mediaId: string; expiresAt: number }>;
  remove(mediaId: string): Promise<void>;
}

export interface MediaClientOptions extends GraphHttpOptions {
  phoneNumberId: string;
  storage: MediaStorage;
  maxBytes?: number;
}

const META_HOSTS = new Set(["graph.facebook.com", "lookaside.fbsbx.com"]);
const UPLOAD_LIFE_MS = 30 * 86_400_000;
const MOST_TRIES = 4;
const PAUSE_MS = 300;
/** Longer silence on the line means that it is broken. */
const SILENCE_MS = 20_000;

export function createMediaClient(options: MediaClientOptions): MediaClient {
  const { baseUrl, phoneNumberId, storage, accessToken, clock, maxBytes = MAX_RECEIVED_BYTES, timeoutMs = SILENCE_MS } = options;
  const http = createGraphHttp(options);
  const graphOrigin = new URL(baseUrl).origin;

  /** Refuses every address the token must not be sent to. */
  const safeUrl = (address: string): URL => {
    const url = URL.parse(address);
    const isSafe =
      url !== null &&
      (url.origin === graphOrigin || (url.protocol === "https:" && url.port === "" && META_HOSTS.has(url.hostname)));
    if (!isSafe) throw fail("media.refused", { message: "The file's address is not one of WhatsApp's." });
    return url;
  };

  const resolve = async (mediaId: string): Promise<MediaAddress> => {
    const path = encodeURIComponent(mediaId);
    const body = await graphJson(http, { method: "GET", path, query: { phone_number_id: phoneNumberId } }, clock.now());
    const url = textOf(body.url);
    if (url === undefined) throw fail("media.unavailable", { cause: "no url in the answer" });
    return { url, mimeType: textOf(body.mime_type), size: numberOf(body.file_size) };
  };

  const get = async (url: URL, from: number, signal: AbortSignal): Promise<Response> => {
    const headers: Record<string, string> = { authorization: `Bearer ${accessToken()}`, "user-agent": "Chasqui" };
    if (from > 0) headers.range = `bytes=${from}-`;
    return fetch(url, { headers, signal, redirect: "manual" });
  };

  const download = async ({
    mediaId,
    url,
    mimeType,
  }: Pick<Attachment, "mediaId" | "url" | "mimeType">): Promise<DownloadedMedia> => {
    const file = new Reception(storage, maxBytes);
    let address: MediaAddress | undefined = url === undefined ? undefined : { url };
    let last: unknown;
    try {
      for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
        if (attempt > 2) await wait(clock, PAUSE_MS * attempt);
        try {
          if (!address) {
            if (mediaId === undefined) throw fail("media.refused", { message: "The file's address is no longer valid." });
            address = await resolve(mediaId);
            if ((address.size ?? 0) > maxBytes) throw tooLarge(maxBytes);
          }
          if (await receive(file, safeUrl(address.url))) {
            const stored = await file.finish(bareType(mimeType ?? address.mimeType ?? "application/octet-stream"));
            return stored;
          }
          last = "the address is over";
          address = undefined;
        } catch (error) {
          // media.refused and a Graph refusal are final; everything else is a line that broke or an answer that may change.
          if (error instanceof AppError && !error.retryable) throw error;
          last = error;
          // Without an id there is no other address to ask for.
          if (mediaId !== undefined) address = undefined;
        }
      }
      throw fail("media.unavailable", { cause: last });
    } finally {
      await file.discard();
    }
  };

  /** Reads the address into the file, from where it stands. False: the address is over, ask for a new one. */
  const receive = async (file: Reception, url: URL): Promise<boolean> => {
    const abort = new AbortController();
    let timer = clock.timer(timeoutMs, () => abort.abort());
    const stillAlive = () => {
      timer.cancel();
      timer = clock.timer(timeoutMs, () => abort.abort());
    };
    try {
      const response = await get(url, file.size, abort.signal);
      if (response.status === 401 || response.status === 403 || response.status === 404 || response.status === 410) return false;
      if (response.status >= 300 && response.status < 400)
        throw fail("media.refused", { message: "The file's address leads elsewhere." });
      const isPart = response.status === 206 && startsAt(response, file.size);
      // What is here already stays only when exactly the rest of it comes.
      if (!isPart && (response.ok || response.status === 416)) await file.restart();
      if (response.status === 206 && !isPart) throw fail("media.unavailable", { cause: "another part than the one asked for" });
      if (!response.ok || !response.body) throw fail("media.unavailable", { cause: `HTTP ${response.status}` });
      if (file.size + Number(response.headers.get("content-length") ?? 0) > maxBytes) throw tooLarge(maxBytes);
      for await (const chunk of response.body) {
        stillAlive();
        await file.add(chunk);
      }
      return true;
    } finally {
      timer.cancel();
      abort.abort();
    }
  };

  return {
    resolve,
    download,
    async upload({ type, blob, mimeType, filename }) {
      checkUpload({ type, mimeType, size: blob.size });
      const form = new FormData();
      form.set("messaging_product", "whatsapp");
      form.set("type", mimeType);
      form.set("file", new File([blob], filename, { type: mimeType }));
      const body = await graphJson(http, { method: "POST", path: `${phoneNumberId}/media`, body: form }, clock.now());
      const mediaId = idOf(body.id);
      if (mediaId === undefined) throw fail("media.unavailable", { cause: "no id in the answer" });
      return { mediaId, expiresAt: clock.now() + UPLOAD_LIFE_MS };
    },
    async remove(mediaId) {
      await graphJson(http, { method: "DELETE", path: encodeURIComponent(mediaId) }, clock.now());
    },
  };
}

/** Whether a part is the one that was asked for: a mixture of two parts would be nobody's file. */
const startsAt = (response: Response, from: number): boolean =>
  Number(/^bytes (\d+)-/.exec(response.headers.get("content-range") ?? "")?.[1]) === from;

const tooLarge = (maxBytes: number): AppError =>
  fail("media.refused", { message: `The file is larger than the ${Math.floor(maxBytes / 1024 / 1024)} MB that are accepted.` });

/** A file while it arrives: what is here stays when the line breaks. */
class Reception {
  readonly #storage: MediaStorage;
  readonly #maxBytes: number;
  #writer: MediaWriter | null = null;
  #head = new Uint8Array(0);
  size = 0;

  constructor(storage: MediaStorage, maxBytes: number) {
    this.#storage = storage;
    this.#maxBytes = maxBytes;
  }

  async add(chunk: Uint8Array): Promise<void> {
    if (this.size + chunk.length > this.#maxBytes) throw tooLarge(this.#maxBytes);
    this.#writer ??= await this.#storage.begin();
    if (this.#head.length < 32) this.#head = Buffer.concat([this.#head, chunk.subarray(0, 32)]);
    await this.#writer.write(chunk);
    this.size += chunk.length;
  }

  async restart(): Promise<void> {
    await this.discard();
    this.#head = new Uint8Array(0);
    this.size = 0;
  }

  async finish(mimeType: string): Promise<DownloadedMedia> {
    if (!this.#writer || this.size === 0) throw fail("media.refused", { message: "The file is empty." });
    const sniffedType = sniffType(this.#head);
    const { key, size } = await this.#writer.commit(mimeType);
    this.#writer = null;
    return { key, size, mimeType, ...(sniffedType === undefined ? {} : { sniffedType }) };
  }

  /** Throws away what is not finished. */
  async discard(): Promise<void> {
    const writer = this.#writer;
    this.#writer = null;
    await writer?.abort();
  }
}
