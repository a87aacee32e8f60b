/** What the assistant should have said: becomes a suggestion for the knowledge, or an answer in use where one may publish it. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal, viewChild } from "@angular/core";
import type { MessageView } from "@server/events/view";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { Toasts } from "../ui/toasts";
import { questionBefore } from "./answered-question";
import { ThreadStore } from "./thread-store";

@Component({
  selector: "app-correction-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  template: `
    @if (words.hasMore()) {
      <app-modal [label]="t('message.correct')" look="wide-dialog" (closed)="closed.emit()">
        <form class="dialog-form" (submit)="save($event)">
          <h2>{{ t("message.correct") }}</h2>
          <div class="field">
            <span class="label">{{ t("correct.question") }}</span>
            <blockquote class="quoted-note" dir="auto">{{ question() || t("correct.noQuestion") }}</blockquote>
          </div>
          <div class="field">
            <label class="label" for="correct-answer">{{ t("correct.answer") }}</label>
            <textarea class="input input-area" id="correct-answer" rows="7" maxlength="5000" required autofocus dir="auto" aria-describedby="correct-hint" [value]="message().content"></textarea>
            <span class="hint" id="correct-hint">{{ t(mayPublish() ? "correct.hintPublish" : "correct.hint") }}</span>
          </div>
          @if (mayPublish()) {
            <label class="check"><input type="checkbox" [checked]="isPublishing()" (change)="isPublishing.set($any($event.target).checked)" />{{ t("correct.publish") }}</label>
          }
          @if (isUnchanged()) {
            <p class="hint hint-bad" role="alert">{{ t("correct.unchanged") }}</p>
          }
          @if (deed.failure(); as refused) {
            <app-failure-note [failure]="refused" />
          }
          <div class="dialog-ways">
            <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
            <button class="btn btn-primary" type="submit" [attr.aria-disabled]="deed.isBusy()">{{ t(mayPublish() && isPublishing() ? "correct.doPublish" : "correct.do") }}</button>
          </div>
        </form>
      </app-modal>
    }
  `,
})
export class CorrectionDialog {
  readonly message = input.required<MessageView>();
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #knowledge = inject(ApiClient).calls.knowledge;
  readonly #thread = inject(ThreadStore);
  readonly #toasts = inject(Toasts);
  readonly #permissions = inject(Permissions);
  readonly #key = new RequestKey();
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly isPublishing = signal(false);
  protected readonly isUnchanged = signal(false);
  protected readonly mayPublish = computed(() => this.#permissions.may("knowledge.manage"));
  protected readonly question = computed(() => questionBefore(this.message().id, this.#thread.messages()));
  /** Already suggested, and refused only when it was to be published. */
  #made: ArticleView | null = null;
  #said = "";

  constructor() {
    void this.words.more();
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const answer = (event.target as HTMLFormElement).querySelector("textarea")?.value.trim() ?? "";
    this.isUnchanged.set(answer === this.message().content.trim());
    if (!answer || this.isUnchanged()) return;
    const isPublished = this.mayPublish() && this.isPublishing();
    const isDone = await this.deed.run(async () => {
      const body = { message: this.message().id, answer };
      if (answer !== this.#said) this.#made = null;
      this.#made ??= await this.#key.send(body, (headers) => dataOf(this.#knowledge.corrections.post(body, { headers })));
      this.#said = answer;
      const { id, version } = this.#made;
      if (isPublished) await dataOf(this.#knowledge.articles({ id }).patch({ version, values: { status: "published" } }));
    });
    if (!isDone) return;
    this.#toasts.say(this.t(isPublished ? "correct.published" : "correct.done"), "check-circle");
    this.modal()?.close();
  }
}
