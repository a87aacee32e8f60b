/** A message of ours that the server does not have yet: held, on its way, or refused with its reason. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Ticks } from "../ui/ticks";
import { clockTime } from "../ui/time-text";
import { kindOf } from "./message-kind";
import type { PendingReply } from "./reply-outbox";

@Component({
  selector: "app-pending-bubble",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Ticks],
  template: `
    @let reply = this.reply();
    <div class="bubble">
      @if (kind(); as known) {
        <span class="kind"><app-icon [name]="known.icon" size="icon-m" />{{ words.t(known.word) }}</span>
      }
      <span class="formatted" dir="auto">{{ reply.text }}</span>
      <span class="stamp"><time>{{ time() }}</time><app-ticks [state]="reply.failure ? 'failed' : 'queued'" /></span>
    </div>
    @if (reply.heldUntil !== null) {
      <span class="held">
        <span class="toast-ring" [style.animation-duration.ms]="reply.heldUntil - reply.at" aria-hidden="true"></span>
        <button type="button" (click)="edit.emit()">{{ words.t("common.undo") }}</button>
        <button type="button" (click)="now.emit()">{{ words.t("thread.sendNow") }}</button>
      </span>
    }
    @if (reply.failure; as failure) {
      <span class="trouble">
        <app-icon name="alert" size="icon-s" />
        <span>
          {{ words.t("thread.notSent", { said: words.failure(failure) }) }}
          @for (detail of failure.details; track detail.path) {
            <span class="block">{{ words.detail(detail) }}</span>
          }
          @if (failure.requestId; as id) {
            <span class="block mono break-all">{{ words.t("failure.request", { id }) }}</span>
          }
          <span class="trouble-ways">
            <button class="btn btn-s" type="button" (click)="now.emit()"><app-icon name="retry" size="icon-s" />{{ words.t("thread.sendAgain") }}</button>
            @if (!kind()) {
              <button class="btn btn-s btn-quiet" type="button" (click)="edit.emit()">{{ words.t("thread.edit") }}</button>
            }
            <button class="btn btn-s btn-quiet" type="button" (click)="discard.emit()">{{ words.t("thread.discard") }}</button>
          </span>
        </span>
      </span>
    }
  `,
  host: {
    class: "msg msg-out",
    "[class.msg-failed]": "reply().failure !== null",
    "[class.msg-note]": "reply().note !== undefined",
    "data-role": "operator",
    "data-delivery": "pending",
  },
})
export class PendingBubble {
  readonly reply = input.required<PendingReply>();
  readonly now = output();
  readonly edit = output();
  readonly discard = output();
  protected readonly words = inject(Words);
  protected readonly time = computed(() => clockTime(this.reply().at));
  protected readonly kind = computed(() => kindOf({ type: this.reply().message.type ?? "text" }));
}
