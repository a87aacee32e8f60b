/** Files on their way into the knowledge, one after the other. They go on while their giver looks at something else. */
import { effect, inject, Service, signal, untracked } from "@angular/core";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { sizeText } from "../ui/size-text";

export interface FileUpload {
  key: string;
  file: File;
  state: "waiting" | "sending" | "reading" | "added" | "refused";
  /** Between 0 and 1. */
  progress: number;
  /** The article it became. */
  article: string | null;
  trouble: string | null;
  /** Sent again it may be taken. */
  canRetry: boolean;
  stop: AbortController;
}

export const ENDINGS = ["pdf", "docx", "txt", "md", "markdown", "html", "htm"] as const;
const MOST_BYTES = 20 * 1024 * 1024;

@Service()
export class FileUploads {
  readonly #api = inject(ApiClient);
  readonly #words = inject(Words);
  readonly #all = signal<readonly FileUpload[]>([]);
  /** Counts what has become an article. */
  readonly added = signal(0);
  readonly all = this.#all.asReadonly();
  #isRunning = false;

  constructor() {
    const { agent } = inject(Session);
    let whose: string | undefined;
    effect(() => {
      const who = agent()?.id;
      if (whose !== undefined && who !== whose) untracked(() => this.#dropAll());
      whose = who;
    });
  }

  add(files: readonly File[]): void {
    this.#all.update((all) => [...all.filter(({ state }) => state !== "added"), ...files.map((file) => this.#fresh(file))]);
    void this.#run();
  }

  retry(key: string): void {
    this.#change(key, { state: "waiting", trouble: null, progress: 0 });
    void this.#run();
  }

  remove({ key, stop }: FileUpload): void {
    stop.abort();
    this.#all.update((all) => all.filter((one) => one.key !== key));
  }

  #fresh(file: File): FileUpload {
    const ending = file.name.toLowerCase().split(".").at(-1) ?? "";
    const trouble = !(ENDINGS as readonly string[]).includes(ending)
      ? this.#words.t("failure.knowledge.unknown-file")
      : file.size > MOST_BYTES
        ? this.#words.t("knowledge.fileTooLarge", { size: sizeText(file.size), most: sizeText(MOST_BYTES) })
        : null;
    return {
      key: crypto.randomUUID(),
      file,
      state: trouble ? "refused" : "waiting",
      progress: 0,
      article: null,
      trouble,
      canRetry: trouble === null,
      stop: new AbortController(),
    };
  }

  async #run(): Promise<void> {
    if (this.#isRunning) return;
    this.#isRunning = true;
    for (let next = this.#waiting(); next; next = this.#waiting()) await this.#send(next);
    this.#isRunning = false;
  }

  readonly #waiting = () => this.#all().find(({ state }) => state === "waiting");

  async #send({ key, file, stop }: FileUpload): Promise<void> {
    this.#change(key, { state: "sending" });
    const query = new URLSearchParams({ name: file.name.slice(-200) });
    try {
      const article = await this.#api.sendFile<ArticleView>(`/api/v2/knowledge/files?${query}`, file, {
        idempotencyKey: key,
        // All of it has left: the server is making text of it.
        onProgress: (progress) => this.#change(key, { progress, state: progress === 1 ? "reading" : "sending" }),
        signal: stop.signal,
      });
      this.#change(key, { state: "added", article: article.id, progress: 1 });
      this.added.update((count) => count + 1);
    } catch (error) {
      // Awaited: ApiFailure: damaged, locked, without text, or no server.
      const failure = asFailure(error);
      const canRetry = failure.status === 0 || failure.status === 429 || failure.status >= 500;
      this.#change(key, { state: "refused", trouble: this.#words.failure(failure), canRetry });
    }
  }

  #dropAll(): void {
    for (const { stop } of this.#all()) stop.abort();
    this.#all.set([]);
  }

  #change(key: string, change: Partial<FileUpload>): void {
    this.#all.update((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }
}
