/** Trying the text on the bench out: one writes as the customer and sees what would be answered. Nothing is sent to anybody. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { TrialView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { durationText } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { TypingDots } from "../ui/typing-dots";
import { outcomeLook, outcomeWord } from "./assistant-words";
import { dollars } from "./dollars";
import { goldenYaml, type Said } from "./golden-yaml";

interface Exchange {
  message: string;
  trial: TrialView;
  isKept: boolean;
}

@Component({
  selector: "app-playground",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FormattedText, Icon, TypingDots],
  template: `
    <div class="bench-head">
      <h2>{{ t("studio.playground") }}</h2>
      <span class="grow"></span>
      @if (live() !== null) {
        <span class="seg" role="group" [attr.aria-label]="t('studio.tryWhich')">
          <button type="button" [attr.aria-pressed]="!usesLive()" (click)="usesLive.set(false)">{{ t("studio.tryDraft") }}</button>
          <button type="button" [attr.aria-pressed]="usesLive()" (click)="usesLive.set(true)">{{ t("studio.tryLive") }}</button>
        </span>
      }
      <button class="ibtn" type="button" [attr.aria-label]="t('studio.startOver')" [title]="t('studio.startOver')" (click)="clear()"><app-icon name="retry" size="icon-m" /></button>
    </div>
    <div class="log scroll" tabindex="0" role="log" [attr.aria-label]="t('studio.playground')">
      <div class="log-inner">
        @for (one of said(); track $index; let at = $index) {
          <div class="msg"><div class="bubble" dir="auto"><span class="formatted">{{ one.message }}</span></div></div>
          <div class="msg msg-out msg-ai" data-role="assistant" [class.trial-chosen]="chosen() === at">
            <button class="bubble" type="button" dir="auto" [attr.aria-pressed]="chosen() === at" [title]="t('studio.showTrace')" (click)="show(at)"><app-formatted-text [text]="one.trial.answer ?? t('studio.saysNothing')" /></button>
            <div class="run">
              @if (one.trial.outcome !== "reply") {
                <span [class]="'chip ' + look(one.trial.outcome)">{{ outcome(one.trial.outcome) }}</span>
              }
              <b><app-icon name="assistant" size="icon-s" />{{ one.trial.model }}</b><span class="num">{{ duration(one.trial.ms) }}</span>@if (one.trial.costMicros !== null) {<span class="num">{{ money(one.trial.costMicros) }}</span>}
              @if (one.isKept) {
                <span><app-icon name="check" size="icon-s" />{{ t("studio.kept") }}</span>
              } @else {
                <button class="run-sources" type="button" (click)="keep(at)"><app-icon name="flag" size="icon-s" />{{ t("studio.keep") }}</button>
              }
            </div>
          </div>
        } @empty {
          <p class="playground-empty meta">{{ t("studio.playgroundText") }}</p>
        }
        @if (pending(); as text) {
          <div class="msg"><div class="bubble" dir="auto"><span class="formatted">{{ text }}</span></div></div>
          <div class="msg msg-out msg-ai"><app-typing-dots [who]="t('studio.assistant')" /></div>
        }
      </div>
    </div>
    <div class="playground-write">
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      <form class="box" (submit)="run($event)">
        <textarea rows="2" maxlength="6000" dir="auto" [attr.aria-label]="t('studio.asCustomer')" [placeholder]="t('studio.asCustomer')" [value]="message()" (input)="message.set($any($event.target).value)" (keydown.enter)="run($event)"></textarea>
        <div class="tools"><span class="meta clip">{{ t("studio.nothingSent") }}</span><span class="grow"></span><button class="btn btn-s" type="submit" [attr.aria-disabled]="deed.isBusy() || !message().trim() || !text().trim()">{{ t("studio.run") }}</button></div>
      </form>
    </div>
  `,
})
export class Playground {
  /** The text on the bench, saved or not. */
  readonly text = input.required<string>();
  readonly model = input("");
  /** The text that answers now; null when none does. */
  readonly live = input<string | null>(null);
  readonly prompt = input.required<string>();
  readonly traced = output<TrialView | null>();

  protected readonly t = inject(Words).t;
  readonly #assistant = inject(ApiClient).calls.assistant;
  readonly #toasts = inject(Toasts);
  protected readonly deed = new Deed();
  protected readonly said = signal<readonly Exchange[]>([]);
  protected readonly chosen = signal<number | null>(null);
  protected readonly message = signal("");
  protected readonly pending = signal<string | null>(null);
  protected readonly usesLive = signal(false);
  protected readonly history = computed((): Said[] =>
    this.said().flatMap(({ message, trial }): Said[] => [
      { role: "customer", text: message },
      ...(trial.answer ? [{ role: "assistant" as const, text: trial.answer }] : []),
    ]),
  );
  protected readonly duration = durationText;
  protected readonly money = dollars;
  protected readonly look = outcomeLook;
  protected readonly outcome = (outcome: string): string => outcomeWord(this.t, outcome);

  protected async run(event: Event): Promise<void> {
    if (event instanceof KeyboardEvent && (event.shiftKey || event.isComposing)) return;
    event.preventDefault();
    const message = this.message().trim();
    const text = (this.usesLive() ? this.live() : null) ?? this.text();
    if (!message || !text.trim() || this.deed.isBusy()) return;
    const model = this.usesLive() ? "" : this.model().trim();
    const body = { text, message, history: this.history().slice(-60), ...(model ? { model } : {}) };
    this.pending.set(message);
    this.message.set("");
    const isDone = await this.deed.run(async () => {
      const trial = await dataOf(this.#assistant.trial.post(body));
      this.said.update((all) => [...all, { message, trial, isKept: false }]);
    });
    this.pending.set(null);
    // What was typed comes back.
    if (isDone) this.show(this.said().length - 1);
    else if (!this.message()) this.message.set(message);
  }

  protected show(at: number): void {
    this.chosen.set(at);
    this.traced.emit(this.said()[at]?.trial ?? null);
  }

  protected clear(): void {
    this.said.set([]);
    this.chosen.set(null);
    this.deed.failure.set(null);
    this.traced.emit(null);
  }

  /** From now on it has to come out like this before the prompt is published. */
  protected async keep(at: number): Promise<void> {
    const one = this.said()[at];
    if (!one) return;
    const before = this.said().slice(0, at);
    const history = before.flatMap(({ message, trial }): Said[] => [
      { role: "customer", text: message },
      ...(trial.answer ? [{ role: "assistant" as const, text: trial.answer }] : []),
    ]);
    const yaml = goldenYaml({ history, message: one.message, outcome: one.trial.outcome });
    const golden = { name: one.message.slice(0, 120), yaml, prompt: this.prompt() };
    if (!(await this.deed.run(() => dataOf(this.#assistant.goldens.post(golden))))) return;
    this.said.update((all) => all.map((each, index) => (index === at ? { ...each, isKept: true } : each)));
    this.#toasts.say(this.t("studio.keptAsGolden"), "check-circle");
  }
}
