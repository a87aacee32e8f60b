/** The assistant's workshop: its rooms as tabs, what today has cost, and one of the rooms below. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, signal, untracked } from "@angular/core";
import { RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { type WordKey, Words } from "../i18n/words";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";
import { dollars } from "./dollars";

const ROOMS: readonly { path: string; word: WordKey }[] = [
  { path: "prompts", word: "studio.workbench" },
  { path: "goldens", word: "studio.goldens" },
  { path: "replays", word: "studio.replays" },
  { path: "runs", word: "studio.runs" },
  { path: "tools", word: "studio.tools" },
  { path: "money", word: "studio.money" },
];

@Component({
  selector: "app-studio-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <main class="sheet page studio">
      <header class="page-head">
        <h1>{{ t("studio.heading") }}</h1>
        @if (may()) {
          <nav class="studio-tabs scroll" [attr.aria-label]="t('studio.heading')">
            @for (room of rooms; track room.path) {
              <a [routerLink]="['/studio', room.path]" routerLinkActive ariaCurrentWhenActive="page">{{ t(room.word) }}</a>
            }
          </nav>
          <span class="grow"></span>
          @if (spent(); as now) {
            <a class="studio-spent" [routerLink]="['/studio/money']">
              <span class="meta num">{{ now.most === null ? t("studio.today", { spent: now.text }) : t("studio.todayOf", { spent: now.text, most: now.most }) }}</span>
              @if (now.part !== null) {
                <span class="bar bar-ai" aria-hidden="true"><i [style.width.%]="now.part"></i></span>
              }
            </a>
          }
        }
      </header>
      @if (may()) {
        <div class="studio-room"><router-outlet /></div>
      } @else if (isKnown()) {
        <div class="empty">
          <app-icon name="lock" size="icon-l" />
          <h2>{{ t("studio.closed") }}</h2>
          <p>{{ t("studio.closedText") }}</p>
          <a class="btn" routerLink="/conversations">{{ t("nav.conversations") }}</a>
        </div>
      }
    </main>
  `,
})
export class StudioPage {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #calls = this.#api.calls;
  readonly #clock = inject(Clock);
  readonly #permissions = inject(Permissions);
  protected readonly rooms = ROOMS;
  protected readonly may = computed(() => this.#permissions.may("assistant.manage"));
  /** What the role may do arrives a moment after the page: nobody is turned away before. */
  protected readonly isKnown = signal(false);
  protected readonly spent = signal<{ text: string; most: string | null; part: number | null } | null>(null);

  constructor() {
    const session = inject(Session);
    effect(() => {
      if (!session.agent()) return;
      untracked(
        () =>
          void dataOf(this.#calls.auth.me.get()).then(
            () => this.isKnown.set(true),
            () => this.isKnown.set(true),
          ),
      );
    });
    effect(() => {
      if (this.may()) untracked(() => void this.#loadSpent());
    });
  }

  /** Only said where it is known: roles that see a part of the conversations are told no sums. */
  async #loadSpent(): Promise<void> {
    const today = new Date(this.#clock.now()).toISOString().slice(0, 10);
    // Awaited: ApiFailure; the figure is left out then.
    const [usage, budgets] = await Promise.all([
      dataOf(this.#calls.assistant.usage.get({ query: { from: today, to: today } })).catch(() => null),
      this.#api.getSettings<{ dayMicros: number | null }>("assistant-budgets").catch(() => null),
    ]);
    if (!usage) return;
    const { costMicros } = usage.total;
    const most = budgets?.values.dayMicros ?? null;
    const part = most ? Math.min(100, (costMicros / most) * 100) : null;
    this.spent.set({ text: dollars(costMicros), most: most === null ? null : dollars(most), part });
  }
}
