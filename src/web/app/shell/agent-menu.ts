/** The signed-in agent: who it is, which theme, and the way out. */
import { ChangeDetectionStrategy, Component, type ElementRef, inject, signal, viewChild } from "@angular/core";
import { Router } from "@angular/router";
import { Session } from "../session/session";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
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
        <app-avatar [name]="agent.name" size="m" /><span class="sr-only">Account of {{ agent.name }}</span>
      </button>
      <div #menu id="agent-menu" class="menu agent-menu" popover role="dialog" aria-label="Account" (toggle)="follow($event)">
        <div class="agent-who">
          <b class="clip block" dir="auto">{{ agent.name }}</b>
          <span class="meta clip block">{{ agent.email }} · {{ agent.role }}</span>
        </div>
        <div class="seg" role="group" aria-label="Theme">
          @for (one of themes; track one.id) {
            <button type="button" [attr.aria-pressed]="theme.choice() === one.id" (click)="theme.choose(one.id)">
              @if (one.icon) {
                <app-icon [name]="one.icon" size="icon-s" />
              }
              {{ one.word }}
            </button>
          }
        </div>
        <button class="menu-item" type="button" (click)="signOut()"><app-icon name="signout" />Sign out</button>
      </div>
    }
  `,
})
export class AgentMenu {
  protected readonly session = inject(Session);
  protected readonly theme = inject(Theme);
  readonly #router = inject(Router);
  private readonly menu = viewChild<ElementRef<HTMLElement>>("menu");

  protected readonly isOpen = signal(false);
  protected readonly themes: readonly { id: ThemeChoice; word: string; icon: string | null }[] = [
    { id: "light", word: "Light", icon: "sun" },
    { id: "dark", word: "Dark", icon: "moon" },
    { id: "system", word: "System", icon: null },
  ];

  protected follow(event: Event): void {
    this.isOpen.set((event as ToggleEvent).newState === "open");
  }

  protected async signOut(): Promise<void> {
    this.menu()?.nativeElement.hidePopover();
    await this.session.signOut();
    await this.#router.navigateByUrl("/sign-in");
  }
}
