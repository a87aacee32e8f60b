/** What an assistant's answer took: model, time, tokens, money; and what it rests on. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { MessageView } from "@server/events/view";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";
import { durationText } from "../ui/time-text";
import { AnswerSources } from "./answer-sources";

type AiRun = NonNullable<MessageView["aiRun"]>;

const COUNT = numberFormat();

/** Millionths of a dollar as dollars, with as many digits as a single answer needs. */
export const moneyText = (micros: number): string => `$${(micros / 1_000_000).toFixed(micros !== 0 && micros < 100 ? 6 : 4)}`;

@Component({
  selector: "app-run-line",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AnswerSources, Icon, RouterLink],
  template: `
    <div class="run">
      <b><app-icon name="assistant" size="icon-s" />{{ run().model }}</b>
      <span class="num" [title]="t('run.time')">{{ time() }}</span>
      <span class="num" [title]="tokensTitle()">{{ tokens() }}</span>
      @if (money(); as price) {
        <span class="num" [title]="t('run.price')">{{ price }}</span>
      }
      @if (hasSources()) {
        <button class="run-sources" type="button" [attr.aria-expanded]="isOpen()" (click)="isOpen.set(!isOpen())">{{ words.n("run.sources", run().sources) }}<app-icon [name]="isOpen() ? 'chevron-up' : 'chevron-down'" size="icon-s" /></button>
      }
      @if (trace(); as id) {
        <a class="run-sources" [routerLink]="['/studio/runs', id]" [attr.aria-label]="t('run.trace')" [title]="t('run.trace')"><app-icon name="pulse" size="icon-s" /></a>
      }
    </div>
    @if (isOpen() && run().id; as id) {
      @defer (on immediate) {
        <app-answer-sources [run]="id" />
      }
    }
  `,
})
export class RunLine {
  readonly run = input.required<AiRun>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #permissions = inject(Permissions);
  protected readonly isOpen = signal(false);
  protected readonly hasSources = computed(
    () => this.run().id !== null && this.run().sources > 0 && this.#permissions.may("knowledge.read"),
  );

  /** The run in the workshop, for those who may go there. */
  protected readonly trace = computed(() => (this.#permissions.may("assistant.manage") ? this.run().id : null));

  protected readonly time = computed(() => durationText(this.run().ms));
  protected readonly tokens = computed(
    () => `${COUNT().format(this.run().inputTokens)} → ${COUNT().format(this.run().outputTokens)} ${this.t("run.tokens")}`,
  );
  protected readonly tokensTitle = computed(() => {
    const { inputTokens, cachedTokens, outputTokens } = this.run();
    return this.t("run.tokensTitle", { read: inputTokens, cached: cachedTokens, written: outputTokens });
  });
  protected readonly money = computed(() => {
    const { costMicros } = this.run();
    return costMicros === null ? null : moneyText(costMicros);
  });
}
