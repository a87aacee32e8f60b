/** What was found, in the place of the list. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { Router } from "@angular/router";
import type { SearchHitView } from "@server/features/search/search.schema";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Avatar } from "../ui/avatar";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { listTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { HighlightedText } from "./highlighted-text";
import { SearchStore } from "./search-store";

const ICONS: Record<SearchHitView["kind"], string | null> = { message: null, note: "lock", transcript: "mic", contact: "person" };

@Component({
  selector: "app-search-results",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailurePage, HighlightedText, Icon],
  template: `
    @if (search.failure(); as failure) {
      <app-failure-page [failure]="failure" [heading]="t('search.failed')" (retry)="search.load()" />
    } @else if (search.hits(); as hits) {
      <p class="sr-only" role="status">{{ words.n("search.found", hits.length) }}</p>
      @if (hits.length === 0) {
        <div class="empty">
          <app-icon name="search" size="icon-l" />
          <h2>{{ t("search.none", { text: search.query() }) }}</h2>
          <p>{{ t("search.where") }}</p>
        </div>
      } @else {
        <ul class="hits scroll">
          @for (hit of hits; track hit.kind + hit.id) {
            <li>
              <button class="found" type="button" (click)="open(hit)">
                <app-avatar [name]="hit.contact.name" />
                <span class="conv-body">
                  <span class="conv-line conv-line-1"><span class="conv-name clip" dir="auto">{{ hit.contact.name }}</span><time class="conv-time" [attr.datetime]="hit.at">{{ time(hit.at) }}</time></span>
                  <span class="found-text" dir="auto">
                    @if (icon(hit.kind); as name) {
                      <app-icon [name]="name" size="icon-s" />
                    }
                    <span><app-highlighted-text [text]="hit.text" [spans]="hit.highlights" /></span>
                  </span>
                </span>
              </button>
            </li>
          }
          @if (search.hasMore()) {
            <li class="found-more"><button class="btn btn-s" type="button" (click)="search.loadMore()">{{ t("search.more") }}</button></li>
          }
        </ul>
      }
    } @else {
      <div class="list-skeleton skeleton" aria-busy="true" role="status" [attr.aria-label]="t('search.looking')">
        @for (i of [1, 2, 3, 4]; track i) {
          <div><i></i><span><i></i><i></i><i></i></span></div>
        }
      </div>
    }
  `,
})
export class SearchResults {
  protected readonly search = inject(SearchStore);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #router = inject(Router);
  readonly #api = inject(ApiClient);
  readonly #toasts = inject(Toasts);
  readonly #now = inject(Ticker).now;
  protected readonly icon = (kind: SearchHitView["kind"]): string | null => ICONS[kind];
  protected readonly time = (at: string): string => listTime(at, this.#now());

  /** Opens where it was said; for a contact their latest conversation. */
  protected async open(hit: SearchHitView): Promise<void> {
    const id = hit.conversation ?? (await this.#latestOf(hit.contact.id));
    if (id) void this.#router.navigate(["/conversations", id]);
    else this.#toasts.say(this.t("search.noConversation", { name: hit.contact.name }), "info");
  }

  async #latestOf(contact: string): Promise<string | null> {
    // Awaited: ApiFailure; said as nothing found.
    const page = await this.#api.listConversations({ contact, limit: 1 }).catch(() => null);
    return page?.items[0]?.id ?? null;
  }
}
