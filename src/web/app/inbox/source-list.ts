/** The passages an answer rests on: each opens to its words, and to the whole article behind it. */
import { ChangeDetectionStrategy, Component, inject, input, signal, viewChild } from "@angular/core";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";

export interface ShownSource {
  chunk: string;
  /** Null: its article is gone or has changed; the words are those of then. */
  article: string | null;
  title: string | null;
  text: string | null;
  /** What was said that rests on it. */
  sentences?: readonly string[];
}

@Component({
  selector: "app-source-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Modal],
  template: `
    <ul class="sources" [attr.aria-label]="t('copilot.sources')">
      @for (source of sources(); track source.chunk) {
        <li>
          <button class="source" type="button" [attr.aria-expanded]="opened() === source.chunk" (click)="open(source.chunk)">
            <app-icon name="book" size="icon-s" /><span class="clip grow" dir="auto">{{ source.title ?? t("copilot.article") }}</span><app-icon [name]="opened() === source.chunk ? 'chevron-up' : 'chevron-down'" size="icon-s" />
          </button>
          @if (opened() === source.chunk) {
            @for (sentence of source.sentences ?? []; track $index) {
              <p class="source-said" dir="auto">“{{ sentence }}”</p>
            }
            @if (source.text !== null) {
              <p class="source-text" dir="auto">{{ source.text }}</p>
            }
            @if (source.article; as article) {
              <button class="btn btn-s btn-quiet" type="button" (click)="read(article)"><app-icon name="file" size="icon-s" />{{ t("copilot.readArticle") }}</button>
            } @else {
              <p class="sub">{{ t(source.text === null ? "copilot.articleGone" : "copilot.articleChanged") }}</p>
            }
          }
        </li>
      }
    </ul>
    @if (isReading()) {
      <app-modal [label]="article()?.title ?? t('copilot.article')" look="wide-dialog" (closed)="isReading.set(false)">
        <header class="modal-head">
          <h2 class="clip" dir="auto">{{ article()?.title ?? t("copilot.article") }}</h2>
          <button class="ibtn" type="button" [attr.aria-label]="t('common.close')" (click)="modal()?.close()"><app-icon name="close" /></button>
        </header>
        <div class="article scroll" tabindex="0" role="region" [attr.aria-label]="t('copilot.article')" [attr.aria-busy]="!article() && !failure()">
          @if (failure(); as wrong) {
            <app-failure-note [failure]="wrong" />
          } @else if (article(); as shown) {
            @if (shown.question) {
              <p><b dir="auto">{{ shown.question }}</b></p>
            }
            <p class="article-text" dir="auto">{{ shown.text }}</p>
            @if (shown.source.url; as url) {
              <p><a [href]="url" target="_blank" rel="noopener noreferrer">{{ url }}</a></p>
            }
          } @else {
            <p class="sub">{{ t("copilot.loading") }}</p>
          }
        </div>
      </app-modal>
    }
  `,
})
export class SourceList {
  readonly sources = input.required<readonly ShownSource[]>();

  protected readonly t = inject(Words).t;
  readonly #calls = inject(ApiClient).calls;
  protected readonly modal = viewChild(Modal);
  protected readonly opened = signal<string | null>(null);
  protected readonly isReading = signal(false);
  protected readonly article = signal<ArticleView | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);

  protected open(chunk: string): void {
    this.opened.update((before) => (before === chunk ? null : chunk));
  }

  protected async read(id: string): Promise<void> {
    this.article.set(null);
    this.failure.set(null);
    this.isReading.set(true);
    try {
      this.article.set(await dataOf(this.#calls.knowledge.articles({ id }).get()));
    } catch (error) {
      // Awaited: ApiFailure: it was removed meanwhile, or no server answers.
      this.failure.set(asFailure(error));
    }
  }
}
