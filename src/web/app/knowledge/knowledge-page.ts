/** What the assistant answers from: articles, unanswered questions, a trial, files to send, settings. Only what the role may see is listed. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { type WordKey, Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";

const TABS: readonly { path: string; word: WordKey; needs: string }[] = [
  { path: "articles", word: "knowledge.articles", needs: "knowledge.read" },
  { path: "gaps", word: "knowledge.gaps", needs: "knowledge.manage" },
  { path: "try", word: "knowledge.try", needs: "knowledge.read" },
  { path: "files", word: "library.heading", needs: "messages.send" },
  { path: "settings", word: "nav.settings", needs: "knowledge.manage" },
];

@Component({
  selector: "app-knowledge-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <main class="sheet page">
      <header class="page-head page-head-tabs">
        <h1>{{ t("nav.knowledge") }}</h1>
        <nav class="page-tabs" [attr.aria-label]="t('nav.knowledge')">
          @for (tab of tabs(); track tab.path) {
            <a [routerLink]="['/knowledge', tab.path]" routerLinkActive ariaCurrentWhenActive="page">{{ t(tab.word) }}</a>
          }
        </nav>
      </header>
      <div class="page-body scroll" tabindex="0" role="region" [attr.aria-label]="t('nav.knowledge')"><router-outlet /></div>
    </main>
  `,
})
export class KnowledgePage {
  protected readonly t = inject(Words).t;
  readonly #permissions = inject(Permissions);
  protected readonly tabs = computed(() => TABS.filter(({ needs }) => this.#permissions.may(needs)));
}
