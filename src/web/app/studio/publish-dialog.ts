/** Before a draft answers customers: what has changed, which golden conversations it has to pass, and how far that is. */
import { ChangeDetectionStrategy, Component, computed, inject, output, signal, viewChild } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { GoldenView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { Toasts } from "../ui/toasts";
import { WorkbenchStore } from "./workbench-store";

@Component({
  selector: "app-publish-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Modal, RouterLink],
  template: `
    <app-modal [label]="heading()" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="publish($event)">
        <h2>{{ heading() }}</h2>
        <p class="card-text">{{ t("studio.publishText") }}</p>
        <div class="field">
          <label class="label" for="publish-note">{{ t("studio.note") }}</label>
          <input class="input" id="publish-note" maxlength="500" autocomplete="off" dir="auto" [value]="store.edit().note" (input)="store.write({ note: $any($event.target).value })" />
        </div>
        @if (goldens(); as all) {
          @if (all.length > 0) {
            <p class="label">{{ words.n("studio.mustPass", all.length) }}</p>
            <ul class="publish-tests scroll" tabindex="0" [attr.aria-label]="t('studio.goldens')">
              @for (golden of all; track golden.id) {
                <li><app-icon name="flag" size="icon-s" /><span class="clip" dir="auto" [title]="golden.name">{{ golden.name }}</span></li>
              }
            </ul>
          } @else {
            <p class="callout"><app-icon name="info" size="icon-m" /><span>{{ t("studio.noTests") }}</span></p>
          }
        }
        @if (testing(); as now) {
          <div role="status">
            <span class="meta num">{{ t("studio.testing", { done: now.done, total: now.total }) }}</span>
            <span class="bar bar-wide bar-ai" aria-hidden="true"><i [style.width.%]="(now.done / (now.total || 1)) * 100"></i></span>
            <p class="hint">{{ t("studio.testingText") }}</p>
          </div>
        }
        @if (store.publishing.failure() ?? store.saving.failure() ?? loading.failure(); as refused) {
          <app-failure-note [failure]="refused" />
          @if (refused.code === "assistant.tests-failed") {
            <a class="btn btn-s" routerLink="/studio/goldens">{{ t("studio.toGoldens") }}</a>
          }
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.close") }}</button>
          <button class="btn btn-primary" type="submit" [attr.aria-disabled]="store.publishing.isBusy() || testing() !== null">{{ t(store.publishing.isBusy() ? "studio.publishing" : "studio.publish") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class PublishDialog {
  readonly closed = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly store = inject(WorkbenchStore);
  protected readonly modal = viewChild(Modal);
  protected readonly loading = new Deed();
  protected readonly goldens = signal<readonly GoldenView[] | null>(null);
  readonly #goldens = inject(ApiClient).calls.assistant.goldens;
  readonly #toasts = inject(Toasts);
  protected readonly heading = computed(() => this.t("studio.publishVersion", { number: this.store.nextNumber() }));
  protected readonly testing = computed(() => {
    const now = this.store.publication();
    return now?.state === "testing" ? now : null;
  });

  constructor() {
    this.store.publishing.failure.set(null);
    void this.loading.run(async () => {
      const id = this.store.prompt()?.id;
      const all = await dataOf(this.#goldens.get());
      this.goldens.set(all.filter(({ isEnabled, prompt }) => isEnabled && (prompt === null || prompt === id)));
    });
  }

  protected async publish(event: Event): Promise<void> {
    event.preventDefault();
    if (this.store.publishing.isBusy() || this.testing()) return;
    if (this.store.isDirty() && !(await this.store.save())) return;
    const number = this.store.nextNumber();
    if (!(await this.store.publish()) || this.testing()) return;
    this.#toasts.say(this.t("studio.published", { number }), "check-circle");
    this.modal()?.close();
  }
}
