/** A file for the library: uploaded at once, named, and described for whoever sends it. */
import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  inject,
  input,
  linkedSignal,
  output,
  signal,
  viewChild,
} from "@angular/core";
import type { LibraryView } from "@server/features/media-library/media-library.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { kindOfFile, MOST_BYTES, needsShrinking, shrink } from "../inbox/upload-rules";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { sizeText } from "../ui/size-text";

interface Upload {
  name: string;
  progress: number;
  media: string | null;
  trouble: string | null;
}

@Component({
  selector: "app-library-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  host: { class: "contents" },
  template: `
    @let now = fields();
    <app-modal [label]="t(item() ? 'library.edit' : 'library.add')" look="wide-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="save($event)">
        <h2>{{ t(item() ? "library.edit" : "library.add") }}</h2>
        @if (theirs(); as other) {
          <section class="callout callout-conflict" role="alert">
            <div class="form-grid grow">
              <p><b>{{ t("library.conflict") }}</b></p>
              <p dir="auto"><b>{{ other.name }}</b> {{ other.description }}</p>
              <div class="form-ways">
                <button class="btn btn-s" type="button" (click)="settle(other, true)">{{ t("knowledge.takeTheirs") }}</button>
                <button class="btn btn-s" type="button" (click)="settle(other, false)">{{ t("knowledge.keepMine") }}</button>
              </div>
            </div>
          </section>
        }
        <div class="field">
          <label class="label" for="library-file">{{ t(item() ? "library.otherFile" : "library.file") }}</label>
          <input class="input input-file" id="library-file" type="file" [required]="!item()" (change)="take($any($event.target).files[0])" />
          @if (upload(); as one) {
            @if (one.trouble) {
              <span class="hint hint-bad" role="alert">{{ one.trouble }}</span>
            } @else if (one.media === null) {
              <progress class="upload-bar" max="1" [value]="one.progress" [attr.aria-label]="t('composer.uploading', { name: one.name })"></progress>
            } @else {
              <span class="hint" role="status">{{ t("library.uploaded") }}</span>
            }
          }
        </div>
        <div class="field"><label class="label" for="library-name">{{ t("contact.name") }}</label><input class="input" id="library-name" required maxlength="60" pattern=".*\\S.*" autocomplete="off" dir="auto" [value]="now.name" (input)="write({ name: $any($event.target).value })" /></div>
        <div class="field">
          <label class="label" for="library-about">{{ t("library.description") }}</label>
          <textarea class="input input-area" id="library-about" rows="3" maxlength="300" dir="auto" aria-describedby="library-hint" [value]="now.description" (input)="write({ description: $any($event.target).value })"></textarea>
          <span class="hint" id="library-hint">{{ t("library.descriptionHint") }}</span>
        </div>
        <div class="field"><label class="label" for="library-caption">{{ t("library.caption") }}</label><textarea class="input input-area" id="library-caption" rows="2" maxlength="1000" dir="auto" [value]="now.caption" (input)="write({ caption: $any($event.target).value })"></textarea></div>
        <label class="check"><input type="checkbox" [checked]="now.forAssistant" (change)="write({ forAssistant: $any($event.target).checked })" />{{ t("library.forAssistant") }}</label>
        @if (deed.failure(); as refused) {
          @if (!theirs()) {
            <app-failure-note [failure]="refused" />
          }
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit" [attr.aria-disabled]="isWaiting()">{{ t("common.save") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class LibraryDialog {
  /** Null: a new one. */
  readonly item = input.required<LibraryView | null>();
  readonly closed = output();
  readonly saved = output();
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #library = this.#api.calls["media-library"];
  readonly #words = inject(Words);
  readonly #key = new RequestKey();
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly upload = signal<Upload | null>(null);
  /** What somebody else has saved meanwhile. */
  protected readonly theirs = signal<LibraryView | null>(null);
  protected readonly fields = linkedSignal(() => fieldsOf(this.item()));
  readonly #version = linkedSignal(() => this.item()?.version);
  #stop = new AbortController();

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#stop.abort());
  }

  protected write(change: Partial<ReturnType<typeof fieldsOf>>): void {
    this.fields.update((before) => ({ ...before, ...change }));
  }

  protected isWaiting(): boolean {
    const upload = this.upload();
    return this.deed.isBusy() || (upload !== null && upload.media === null);
  }

  protected async take(given: File | undefined): Promise<void> {
    this.#stop.abort();
    this.#stop = new AbortController();
    this.upload.set(null);
    if (!given) return;
    const { signal } = this.#stop;
    const tell = (change: Partial<Upload>) => {
      if (!signal.aborted)
        this.upload.update((one) => ({ name: given.name, progress: 0, media: null, trouble: null, ...one, ...change }));
    };
    tell({});
    const file = needsShrinking(given) ? ((await shrink(given)) ?? given) : given;
    const type = kindOfFile(file);
    if (file.size > MOST_BYTES[type])
      return tell({ trouble: this.t("composer.tooLarge", { size: sizeText(file.size), most: sizeText(MOST_BYTES[type]) }) });
    if (this.fields().name === "") this.write({ name: file.name.replace(/\.[^.]+$/, "").slice(0, 60) });
    try {
      const onProgress = (progress: number) => tell({ progress });
      const key = crypto.randomUUID();
      const media = await this.#api.uploadMedia(file, { filename: file.name, type, idempotencyKey: key, onProgress, signal });
      tell({ media: media.id });
    } catch (error) {
      // Awaited: ApiFailure: of a kind that WhatsApp does not take, or no server.
      tell({ trouble: this.#words.failure(asFailure(error)) });
    }
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const item = this.item();
    const media = this.upload()?.media;
    if (this.isWaiting() || (!item && !media)) return;
    const fields = { ...this.fields(), name: this.fields().name.trim(), ...(media ? { media } : {}) };
    const isDone = await this.deed.run(async () => {
      if (item) await this.#patch(item.id, fields);
      else {
        const body = { ...fields, media: media ?? "" };
        await this.#key.send(body, (headers) => dataOf(this.#library.post(body, { headers })));
      }
    });
    if (!isDone) return;
    this.saved.emit();
    this.modal()?.close();
  }

  protected settle(theirs: LibraryView, isTaken: boolean): void {
    this.#version.set(theirs.version);
    if (isTaken) this.fields.set(fieldsOf(theirs));
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  async #patch(id: string, fields: ReturnType<typeof fieldsOf>): Promise<void> {
    try {
      await dataOf(this.#library({ id }).patch({ ...fields, version: this.#version() ?? 0 }));
    } catch (error) {
      // Awaited: ApiFailure; what the other one wrote is shown to be taken over.
      if (error instanceof ApiFailure && error.code === "request.stale") {
        const all = await dataOf(this.#library.get()).catch(() => []);
        this.theirs.set(all.find((one) => one.id === id) ?? null);
      }
      throw error;
    }
  }
}

const fieldsOf = (item: LibraryView | null) => ({
  name: item?.name ?? "",
  description: item?.description ?? "",
  caption: item?.caption ?? "",
  forAssistant: item?.forAssistant ?? true,
});
