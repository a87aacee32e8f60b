/** What an answer of the assistant rests on, asked for when somebody wants to see it. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { type ShownSource, SourceList } from "./source-list";

@Component({
  selector: "app-answer-sources",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SourceList],
  template: `
    @if (words.hasMore()) {
      @if (failure(); as wrong) {
        <app-failure-note [failure]="wrong" [retryLabel]="words.t('copilot.again')" (retry)="load()" />
      } @else if (sources(); as found) {
        @if (found.length > 0) {
          <app-source-list [sources]="found" />
        } @else {
          <p class="sub" role="status">{{ words.t("copilot.noSources") }}</p>
        }
      } @else {
        <p class="sub" role="status">{{ words.t("copilot.loading") }}</p>
      }
    }
  `,
})
export class AnswerSources {
  readonly run = input.required<string>();
  protected readonly words = inject(Words);
  readonly #calls = inject(ApiClient).calls;
  protected readonly sources = signal<readonly ShownSource[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);

  constructor() {
    void this.words.more();
    effect(() => {
      this.run();
      untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    const id = this.run();
    this.failure.set(null);
    this.sources.set(null);
    try {
      const found = await dataOf(this.#calls.assistant.runs({ id }).sources.get());
      if (id === this.run()) this.sources.set(found);
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      if (id === this.run()) this.failure.set(asFailure(error));
    }
  }
}
