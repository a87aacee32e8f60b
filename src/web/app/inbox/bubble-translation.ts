/** A message in the reader's language, under what was really written. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { moneyText } from "./run-line";
import { type Translation, Translations } from "./translations";

@Component({
  selector: "app-bubble-translation",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    @if (words.hasMore()) {
      @if (failure(); as wrong) {
        <app-failure-note [failure]="wrong" [retryLabel]="words.t('copilot.again')" (retry)="load()" />
      } @else {
        <div class="translation" role="status" [attr.aria-label]="words.t('copilot.translation')">
          @if (translation(); as shown) {
            <p dir="auto" [attr.lang]="words.language()">{{ shown.text }}</p>
            <span class="translation-foot">{{ words.t("copilot.translated", { model: shown.model }) }}{{ shown.costMicros === null ? "" : " · " + money(shown.costMicros) }}</span>
          } @else {
            <span class="translation-foot">{{ words.t("copilot.translating") }}</span>
          }
        </div>
      }
    }
  `,
})
export class BubbleTranslation {
  readonly message = input.required<{ id: string; conversation: string }>();
  readonly text = input.required<string>();
  protected readonly words = inject(Words);
  protected readonly money = moneyText;
  readonly #translations = inject(Translations);
  protected readonly translation = signal<Translation | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);

  constructor() {
    void this.words.more();
    effect(() => {
      this.text();
      this.words.language();
      untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    const { id, conversation } = this.message();
    const [text, language] = [this.text(), this.words.language()];
    const isStill = () => text === this.text() && language === this.words.language();
    this.failure.set(null);
    this.translation.set(null);
    try {
      const translation = await this.#translations.of({ id, conversation, text }, language);
      if (isStill()) this.translation.set(translation);
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      if (isStill()) this.failure.set(asFailure(error));
    }
  }
}
