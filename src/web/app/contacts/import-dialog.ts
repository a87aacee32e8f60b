/** Contacts from a CSV file: looked at first, then taken in, with progress and a report of what could not be taken. */
import { ChangeDetectionStrategy, Component, DestroyRef, inject, output, signal, viewChild } from "@angular/core";
import type { ImportView } from "@server/events/customer-view";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { saveFile } from "../ui/save-file";

@Component({
  selector: "app-import-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  templateUrl: "./import-dialog.html",
})
export class ImportDialog {
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #api = inject(ApiClient);
  protected readonly modal = viewChild(Modal);
  protected readonly run = signal<ImportView | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly trouble = signal<string | null>(null);
  protected readonly file = signal<File | null>(null);
  protected readonly onExisting = signal<"update" | "skip">("update");

  constructor() {
    inject(DestroyRef).onDestroy(
      inject(LiveConnection).on("import:updated", ({ import: told }) => {
        const run = this.run();
        if (run && told.id === run.id && told.done >= run.done) this.run.set(told);
      }),
    );
  }

  protected part(run: ImportView): number {
    return run.total > 0 ? (run.done / run.total) * 100 : run.state === "running" ? 0 : 100;
  }

  protected take(file: File | undefined): void {
    this.file.set(file ?? null);
    this.run.set(null);
    this.failure.set(null);
    this.trouble.set(null);
  }

  /** `isDryRun`: nothing is changed, only what would be is told. */
  protected async start(event: Event, isDryRun: boolean): Promise<void> {
    event.preventDefault();
    const file = this.file();
    this.trouble.set(file ? null : this.t("import.noFile"));
    if (!file) return;
    this.failure.set(null);
    try {
      const query = new URLSearchParams({
        dryRun: String(isDryRun),
        onExisting: this.onExisting(),
        filename: file.name.slice(0, 200),
      });
      this.run.set(await this.#api.postFile<ImportView>(`/api/v2/imports?${query}`, file, crypto.randomUUID()));
      await this.#follow();
    } catch (error) {
      // Awaited: ApiFailure: not a CSV file, too large, a header that nobody knows.
      this.failure.set(asFailure(error));
    }
  }

  protected async stop(): Promise<void> {
    const run = this.run();
    if (run) await this.#try(async () => this.run.set(await dataOf(this.#api.calls.imports({ id: run.id }).cancel.post())));
  }

  protected async report(): Promise<void> {
    const run = this.run();
    if (run)
      await this.#try(async () => saveFile(await this.#api.loadFile(`/api/v2/imports/${run.id}/report`), `import-${run.id}.csv`));
  }

  /** The line may be down: the state is asked for as well until it is over. */
  async #follow(): Promise<void> {
    for (let run = this.run(); run?.state === "running"; run = this.run()) {
      const { id } = run;
      await new Promise((go) => setTimeout(go, 700));
      // Awaited: ApiFailure; the next look asks again.
      const now = await dataOf(this.#api.calls.imports({ id }).get()).catch(() => null);
      if (this.run()?.id !== id) return;
      if (now) this.run.set(now);
    }
  }

  async #try(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }
}
