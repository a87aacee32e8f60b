/** What goes no further by itself, in one place: sends, events, rules, webhooks; each with what can be done about it. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";
import { ATTENTION_NEEDS, AttentionStore } from "./attention-store";
import { DeadLetterCard } from "./dead-letter-card";
import { ProblemCard } from "./problem-card";
import { QuietWebhookCard } from "./quiet-webhook-card";
import { RunCard } from "./run-card";
import { UndeliveredCard } from "./undelivered-card";

@Component({
  selector: "app-attention-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [DeadLetterCard, Icon, ProblemCard, QuietWebhookCard, RunCard, UndeliveredCard],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("attention.heading") }}</h1>
      @if (!isOpen()) {
        <p class="callout"><app-icon name="lock" size="icon-m" />{{ t("attention.forbidden") }}</p>
      } @else {
        <p class="card-text">{{ t("attention.text") }}</p>
        @if (store.count() === 0) {
          <p class="callout" role="status"><app-icon name="check-circle" size="icon-m" />{{ t("attention.none") }}</p>
        }
        @if (may("messages.send")) {
          <app-undelivered-card state="unknown" />
          <app-undelivered-card state="failed" />
        }
        @if (may("dead-letters.manage")) {
          <app-dead-letter-card />
        }
        @if (may("automation.manage")) {
          <app-problem-card />
          <app-run-card />
        }
        @if (may("webhooks.manage")) {
          <app-quiet-webhook-card />
        }
      }
    </div>
  `,
})
export class AttentionRoom {
  protected readonly t = inject(Words).t;
  protected readonly store = inject(AttentionStore);
  readonly #permissions = inject(Permissions);
  protected readonly may = (name: string): boolean => this.#permissions.may(name);
  protected readonly isOpen = computed(() => !this.#permissions.isKnown() || ATTENTION_NEEDS.some(this.may));

  constructor() {
    void this.store.load();
  }
}
