/** One send that a person has to look at. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { MessageView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";

@Component({
  selector: "app-undelivered-row",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  template: `
    <div class="row-line">
      <span class="min-w-0 grow">
        <span class="block clip"><a class="text-link" dir="auto" [routerLink]="['/conversations', message().conversation]" [title]="t('reports.toTalk')">{{ name() ?? t("reports.toTalk") }}</a><span class="meta"> · </span><time class="meta" [title]="fullTime(message().sentAt)">{{ time() }}</time></span>
        <span class="block clip" dir="auto" [title]="message().content">{{ message().content || message().type }}</span>
        @if (reason(); as why) {
          <span class="hint hint-bad"><app-icon name="alert" size="icon-s" /><span dir="auto">{{ why }}</span></span>
        }
      </span>
      @if (canDecide()) {
        <button class="btn btn-s" type="button" [attr.aria-disabled]="deed.isBusy() || null" (click)="resend()"><app-icon name="retry" size="icon-s" />{{ t("thread.sendAgain") }}</button>
        <button class="btn btn-s btn-quiet" type="button" [attr.aria-disabled]="deed.isBusy() || null" (click)="dismiss()">{{ t(isUnknown() ? "thread.leaveIt" : "thread.discard") }}</button>
      } @else {
        <span class="meta">{{ t("attention.settling") }}</span>
      }
    </div>
    @if (deed.failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
  `,
})
export class UndeliveredRow {
  readonly message = input.required<MessageView>();
  readonly name = input.required<string | null>();
  /** A person has decided: it needs nobody any more. */
  readonly decided = output();
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly fullTime = fullTime;
  protected readonly time = computed(() => listTime(this.message().sentAt, this.#now()));
  protected readonly isUnknown = computed(() => this.message().delivery?.state === "unknown");
  /** WhatsApp may still say what became of it. */
  protected readonly canDecide = computed(() => !this.isUnknown() || this.message().delivery?.needsDecision === true);

  protected readonly reason = computed(() => {
    const error = this.message().delivery?.error;
    return error ? `${error.code} · ${error.details ?? error.message}` : null;
  });

  protected async resend(): Promise<void> {
    if (await this.deed.run(() => this.#api.resend(this.message().id))) this.decided.emit();
  }

  protected async dismiss(): Promise<void> {
    if (await this.deed.run(() => this.#api.dismiss(this.message().id))) this.decided.emit();
  }
}
