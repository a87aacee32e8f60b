/** Files behind media ids: uploads of the business (30 days) and media customers sent (7 days), with addresses that live 5 minutes. */
import type { Clock } from "../../../core/clock";
import { newSecret } from "../../../core/id";
import { signBody } from "../signature";
import type { StateStore } from "./state-store";

export interface StoredMedia {
  id: string;
  mimeType: string;
  /** Base64, as Meta writes it in webhooks; hex in the media endpoint's answer. */
  sha256: string;
  size: number;
  filename: string | null;
  origin: "upload" | "customer";
  createdAt: number;
}

const DAY_MS = 86_400_000;
const LIFE_MS = { upload: 30 * DAY_MS, customer: 7 * DAY_MS } as const;
const ADDRESS_LIFE_S = 300;

export class MediaStore {
  readonly #store: StateStore;
  readonly #clock: Clock;
  /** New at every start: addresses do not outlive a restart, as they do not outlive five minutes. */
  readonly #secret = newSecret();
  readonly #baseUrl: () => string;

  constructor(store: StateStore, clock: Clock, baseUrl: () => string) {
    this.#store = store;
    this.#clock = clock;
    this.#baseUrl = baseUrl;
  }

  add(
    bytes: Uint8Array,
    { mimeType, filename = null, origin }: { mimeType: string; filename?: string | null; origin: StoredMedia["origin"] },
  ): StoredMedia {
    const media: StoredMedia = {
      id: madeUpId(),
      mimeType,
      sha256: new Bun.CryptoHasher("sha256").update(bytes).digest("base64"),
      size: bytes.length,
      filename,
      origin,
      createdAt: this.#clock.now(),
    };
    this.#store.addMedia(media, bytes);
    return media;
  }

  /** The media of this id, unless its time is over. */
  find(id: string): StoredMedia | null {
    const media = this.#store.findMedia(id);
    return media && this.#clock.now() < media.createdAt + LIFE_MS[media.origin] ? media : null;
  }

  remove = (id: string): boolean => this.#store.dropMedia(id);

  /** An address of the file that works for five minutes. */
  address(id: string): string {
    const ext = Math.floor(this.#clock.now() / 1000) + ADDRESS_LIFE_S;
    return `${this.#baseUrl()}/whatsapp_business/attachments/?mid=${id}&source=webhook&ext=${ext}&hash=${this.#proof(id, ext)}`;
  }

  /** The file an address names; null when the address is wrong or too old. */
  open(params: URLSearchParams): { media: StoredMedia; bytes: Uint8Array<ArrayBuffer> } | null {
    const id = params.get("mid") ?? "";
    const ext = Number(params.get("ext"));
    if (params.get("hash") !== this.#proof(id, ext) || this.#clock.now() / 1000 >= ext) return null;
    const media = this.find(id);
    const bytes = media && this.#store.mediaBytes(id);
    return media && bytes ? { media, bytes } : null;
  }

  #proof = (id: string, ext: number): string => signBody(this.#secret, `${id}:${ext}`).slice(-32);
}

const madeUpId = (): string => `9${Array.from(crypto.getRandomValues(new Uint8Array(15)), (byte) => String(byte % 10)).join("")}`;
