/** What was published so far: each version with who, when and why; looked at, compared with what answers now, and put back. */
import { ChangeDetectionStrategy, Component, inject, output, signal, viewChild } from "@angular/core";
import type { VersionRow } from "@server/features/ai-prompts/ai-prompt.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { SureButton } from "../ui/sure-button";
import { fullTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { type DiffRow, numbered } from "./prompt-edit";
import { WorkbenchStore } from "./workbench-store";

@Component({
  selector: "app-versions-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Modal, SureButton],
  template: `
    <app-modal [label]="t('studio.versions')" look="wide-dialog versions-dialog" (closed)="closed.emit()">
      <header class="modal-head"><h2>{{ t("studio.versions") }}</h2><button class="ibtn" type="button" [attr.aria-label]="t('common.close')" [title]="t('common.close')" (click)="modal()?.close()"><app-icon name="close" /></button></header>
      <div class="versions-body scroll" tabindex="0" role="region" [attr.aria-label]="t('studio.versions')">
        @if (store.publishing.failure() ?? deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <ul class="rows">
          @for (row of store.versions(); track row.number) {
            <li class="row-line">
              <b class="num">{{ row.number }}</b>
              <span class="min-w-0 grow"><span class="block clip" dir="auto" [title]="row.note">{{ row.note || t("studio.noNote") }}</span><span class="block meta clip">{{ row.publishedBy.name }} · {{ fullTime(row.publishedAt) }}{{ row.model ? " · " + row.model : "" }}</span></span>
              @if (row.isPublished) {
                <span class="chip chip-success">{{ t("studio.answersNow") }}</span>
              }
              <button class="btn btn-s" type="button" [attr.aria-expanded]="open()?.number === row.number" (click)="show(row)">{{ t(row.isPublished ? "studio.showText" : "studio.compare") }}</button>
              @if (!row.isPublished) {
                <app-sure-button [label]="t('studio.rollBack', { number: row.number })" (sure)="rollBack(row.number)" />
              }
              @if (open(); as shown) {
                @if (shown.number === row.number) {
                  <div class="version-text mono scroll" tabindex="0" role="region" [attr.aria-label]="t('studio.versionText', { number: row.number })">
                    @for (line of shown.rows; track $index) {
                      <div class="diff-row" [class.diff-added]="line.kind === 'added'" [class.diff-removed]="line.kind === 'removed'"><span class="diff-number num">{{ line.before ?? "" }}</span><span class="diff-number num">{{ line.after ?? "" }}</span><span class="diff-sign" aria-hidden="true">{{ line.kind === "added" ? "+" : line.kind === "removed" ? "−" : "" }}</span><span class="diff-text" dir="auto">{{ line.text }}</span></div>
                    }
                  </div>
                }
              }
            </li>
          } @empty {
            <li class="meta">{{ t("studio.noVersions") }}</li>
          }
        </ul>
      </div>
    </app-modal>
  `,
})
export class VersionsDialog {
  readonly closed = output();
  protected readonly t = inject(Words).t;
  protected readonly store = inject(WorkbenchStore);
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  protected readonly open = signal<{ number: number; rows: readonly DiffRow[] } | null>(null);
  readonly #prompts = inject(ApiClient).calls.assistant.prompts;
  readonly #toasts = inject(Toasts);
  protected readonly fullTime = fullTime;

  constructor() {
    this.store.publishing.failure.set(null);
    void this.store.loadVersions();
  }

  /** The text of the live one; of any other what differs from the live one. */
  protected async show({ number }: VersionRow): Promise<void> {
    const prompt = this.store.prompt();
    if (!prompt) return;
    if (this.open()?.number === number) {
      this.open.set(null);
      return;
    }
    const live = prompt.published?.number ?? number;
    const query = { from: String(live), to: String(number) };
    await this.deed.run(async () => {
      const { lines } = await dataOf(this.#prompts({ id: prompt.id }).diff.get({ query }));
      this.open.set({ number, rows: numbered(lines) });
    });
  }

  protected async rollBack(number: number): Promise<void> {
    if (!(await this.store.rollBack(number))) return;
    this.open.set(null);
    this.#toasts.say(this.t("studio.rolledBack", { number }), "check-circle");
  }
}
