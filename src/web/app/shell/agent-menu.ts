/** The signed-in agent: who it is, whether they are here, which theme, and the way out. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, signal, viewChild } from "@angular/core";
import { Router } from "@angular/router";
import { asFailure } from "../api/api-failure";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { type WordKey, Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Session } from "../session/session";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { Theme, type ThemeChoice } from "./theme";

@Component({
  selector: "app-agent-menu",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, Icon],
  template: `
    @if (session.agent(); as agent) {
      <button
        class="agent-button"
        type="button"
        popovertarget="agent-menu"
        aria-haspopup="dialog"
        [attr.aria-expanded]="isOpen()"
        [title]="agent.name"
      >
        <app-avatar [name]="agent.name" size="m" /><i [class]="'face-dot dot dot-' + presence()" aria-hidden="true"></i><span class="sr-only">{{ t("menu.accountOf", { name: agent.name }) }}, {{ t(presence() === "away" ? "presence.away" : presence() === "online" ? "presence.online" : "presence.offline") }}</span>
      </button>
      <div #menu id="agent-menu" class="menu agent-menu" popover role="dialog" [attr.aria-label]="t('menu.account')" (toggle)="follow($event)">
        <div class="agent-who">
          <b class="clip block" dir="auto">{{ agent.name }}</b>
          <span class="meta clip block">{{ agent.email }} · {{ role(agent.role) }}</span>
        </div>
        <div class="seg" role="group" [attr.aria-label]="t('presence.heading')">
          @for (one of presences; track one) {
            <button type="button" [attr.aria-pressed]="presence() === one" (click)="say(one)"><i [class]="'dot dot-' + one" aria-hidden="true"></i>{{ t(one === "away" ? "presence.away" : "presence.online") }}</button>
          }
        </div>
        <div class="seg" role="group" [attr.aria-label]="t('menu.theme')">
          @for (one of themes; track one.id) {
            <button type="button" [attr.aria-pressed]="theme.choice() === one.id" (click)="theme.choose(one.id)">
              @if (one.icon) {
                <app-icon [name]="one.icon" size="icon-s" />
              }
              {{ t(one.word) }}
            </button>
          }
        </div>
        <div class="seg" role="group" [attr.aria-label]="t('menu.language')">
          @for (one of languages; track one) {
            <button type="button" [attr.lang]="one" [attr.aria-pressed]="words.language() === one" (click)="words.choose(one)">{{ names[one] }}</button>
          }
        </div>
        <button class="menu-item" type="button" (click)="signOut()"><app-icon name="signout" />{{ t("menu.signOut") }}</button>
      </div>
    }
  `,
})
export class AgentMenu {
  protected readonly session = inject(Session);
  protected readonly theme = inject(Theme);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly languages = LANGUAGES;
  protected readonly names = LANGUAGE_NAMES;
  readonly #router = inject(Router);
  private readonly menu = viewChild<ElementRef<HTMLElement>>("menu");

  protected readonly isOpen = signal(false);
  readonly #directory = inject(Directory);
  readonly #toasts = inject(Toasts);
  protected readonly presences = ["online", "away"] as const;
  protected readonly presence = computed(() => this.#directory.presenceOf(this.session.agent()?.id ?? null));
  protected readonly themes: readonly { id: ThemeChoice; word: WordKey; icon: string | null }[] = [
    { id: "light", word: "theme.light", icon: "sun" },
    { id: "dark", word: "theme.dark", icon: "moon" },
    { id: "system", word: "theme.system", icon: null },
  ];

  /** A role of this installation's own making keeps its name. */
  protected role(name: string): string {
    const key = `role.${name}`;
    return this.words.has(key) ? this.t(key) : name;
  }

  protected async say(state: "online" | "away"): Promise<void> {
    try {
      await this.#directory.sayPresence(state);
    } catch (error) {
      // Awaited: ApiFailure.
      this.#toasts.say(this.words.failure(asFailure(error)), "alert");
    }
  }

  protected follow(event: Event): void {
    this.isOpen.set((event as ToggleEvent).newState === "open");
  }

  protected async signOut(): Promise<void> {
    this.menu()?.nativeElement.hidePopover();
    await this.session.signOut();
    await this.#router.navigateByUrl("/sign-in");
  }
}
