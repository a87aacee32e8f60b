/** Outgoing webhooks that get nothing: why, since when, and sending again. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { EndpointView } from "@server/features/webhook-endpoints/webhook-endpoint.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type WordKey, Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { AttentionStore } from "./attention-store";

@Component({
  selector: "app-quiet-webhook-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, RouterLink],
  template: `
    <section class="card">
      <h2>{{ t("attention.webhook.heading") }}</h2>
      <ul class="rows">
        @for (one of store.endpoints(); track one.id) {
          <li class="row-line">
            <span class="min-w-0 grow">
              <span class="block clip"><a class="text-link" dir="auto" routerLink="/settings/webhooks">{{ one.name }}</a>&ngsp;<span [class]="'chip ' + (one.state === 'paused' ? 'chip-warning' : 'chip-danger')">{{ t(stateWord(one)) }}</span></span>
              @if (one.reason ?? one.lastError; as why) {
                <span class="block meta" dir="auto">{{ why }}</span>
              }
              <span class="block meta">{{ n("attention.webhook.behind", one.behind) }}</span>
            </span>
            @if (one.state !== "failing") {
              <button class="btn btn-s" type="button" (click)="resume(one)">{{ t("webhooks.resume") }}</button>
            }
          </li>
        } @empty {
          <li class="meta">{{ t("attention.webhook.none") }}</li>
        }
      </ul>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
    </section>
  `,
})
export class QuietWebhookCard {
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly n = this.#words.n;
  protected readonly store = inject(AttentionStore);
  readonly #hooks = inject(ApiClient).calls["webhook-endpoints"];
  protected readonly deed = new Deed();
  protected readonly stateWord = ({ state }: EndpointView): WordKey => `webhooks.${state}`;

  protected async resume(one: EndpointView): Promise<void> {
    await this.deed.run(() => dataOf(this.#hooks({ id: one.id }).resume.post({})));
    await this.store.load();
  }
}
