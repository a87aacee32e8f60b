/** The frame around every page: rail on the left, on a phone at the bottom; and the pill that tells when the line is broken. */
import { ChangeDetectionStrategy, Component, effect, inject, untracked } from "@angular/core";
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { LivePill } from "../live/live-pill";
import { Session } from "../session/session";
import { Icon } from "../ui/icon";
import { Logo } from "../ui/logo";
import { AgentMenu } from "./agent-menu";

@Component({
  selector: "app-shell",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AgentMenu, Icon, LivePill, Logo, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <div class="shell">
      <nav class="rail" aria-label="Main">
        <a class="mark" routerLink="/" aria-label="Chasqui, start page"><app-logo /></a>
        @for (link of links; track link.path) {
          <a
            class="rail-link"
            [routerLink]="link.path"
            routerLinkActive
            ariaCurrentWhenActive="page"
            [attr.aria-label]="link.word"
            [title]="link.word"
          >
            <app-icon [name]="link.icon" size="icon-l" /><span class="rail-word" aria-hidden="true">{{ link.word }}</span>
          </a>
        }
        <span class="grow"></span>
        <app-agent-menu />
      </nav>
      <div class="shell-page"><router-outlet /></div>
    </div>
    <app-live-pill />
  `,
})
export class Shell {
  protected readonly links = [{ path: "/sandbox", word: "Sandbox", icon: "phone" }];

  constructor() {
    const session = inject(Session);
    const router = inject(Router);
    // A session can end by itself (password changed, signed out in another tab): back to sign-in, and to this page afterwards.
    effect(() => {
      if (session.isSignedIn()) return;
      untracked(() => void router.navigate(["/sign-in"], { queryParams: session.hasExpired() ? { to: router.url } : {} }));
    });
  }
}
