/** Files behind handles: what template examples and the profile picture are made of, each with an address anybody may open. */
import type { Clock } from "../../../core/clock";
import { newSecret } from "../../../core/id";
import { APP_ID } from "./credentials";
import type { UploadSession, UploadTable } from "./upload-table";

/** The path under which a file is shown without a token, as Meta's image servers do. */
export const PUBLIC_PATH = "cdn";

const HANDLE_LIFE_S = 30 * 86_400;

export class UploadStore {
  readonly #table: UploadTable;
  readonly #clock: Clock;
  readonly #baseUrl: () => string;

  constructor(table: UploadTable, clock: Clock, baseUrl: () => string) {
    this.#table = table;
    this.#clock = clock;
    this.#baseUrl = baseUrl;
  }

  begin(file: Pick<UploadSession, "filename" | "mimeType" | "length">): UploadSession {
    const id = base64(`1:attachment:${newSecret()}`);
    const session = { ...file, id, signature: newSecret(), createdAt: this.#clock.now() };
    this.#table.add(session);
    return { ...session, handle: null };
  }

  find = (id: string): UploadSession | null => this.#table.find(id);

  received = (id: string): number => this.#table.received(id);

  /** Keeps a part; with the last one the file gets its handle. */
  add({ id, filename, mimeType, length }: UploadSession, at: number, bytes: Uint8Array): void {
    if (bytes.length > 0) this.#table.addPart(id, at, bytes);
    if (at + bytes.length < length) return;
    const expires = Math.floor(this.#clock.now() / 1000) + HANDLE_LIFE_S;
    const parts = [base64(filename), base64(mimeType), newSecret(), "e", expires, APP_ID, newSecret()];
    this.#table.setHandle(id, `4:${parts.join(":")}`);
  }

  /** The file of a handle; null when there was no such upload. */
  findByHandle = (handle: unknown): UploadSession | null =>
    typeof handle === "string" ? this.#table.findByHandle(handle) : null;

  address = ({ id }: UploadSession): string => `${this.#baseUrl()}/${PUBLIC_PATH}/${id}`;

  /** The whole file as its public address shows it. */
  open(id: string): Response {
    const file = this.#table.find(id);
    if (!file?.handle) return new Response("URL signature mismatch", { status: 404 });
    return new Response(this.#table.bytes(id), { headers: { "content-type": file.mimeType } });
  }
}

const base64 = (text: string): string => Buffer.from(text).toString("base64url");
