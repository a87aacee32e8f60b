/** The frame around every page: rail on the left, on a phone at the bottom; command bar, shortcuts, toasts, and the pill of a broken line. */
import { ChangeDetectionStrategy, Component, computed, effect, Injector, inject, signal, untracked } from "@angular/core";
import { Router, RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import type { AttentionStore } from "../attention/attention-store";
import { Clock } from "../clock";
import { LANGUAGE_NAMES, LANGUAGES } from "../i18n/locale";
import { type WordKey, Words } from "../i18n/words";
import { LivePill } from "../live/live-pill";
import { WorkerLink } from "../offline/worker-link";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Icon } from "../ui/icon";
import { Logo } from "../ui/logo";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { ToastStack } from "../ui/toast-stack";
import { AgentMenu } from "./agent-menu";
import { CommandBar } from "./command-bar";
import { type Command, Commands } from "./commands";
import { ShortcutSheet } from "./shortcut-sheet";
import { Theme } from "./theme";

interface RailLink {
  path: string;
  word: WordKey;
  icon: string;
  keys?: string;
  /** Shown to those only who may do this. */
  needs?: string;
}

/** The first screen comes first. */
const WORKER_MS = 1_500;

const LINKS: readonly RailLink[] = [
  { path: "/conversations", word: "nav.conversations", icon: "inbox", keys: "alt+c" },
  { path: "/contacts", word: "nav.contacts", icon: "contacts", keys: "alt+v" },
  { path: "/templates", word: "template.heading", icon: "template", needs: "templates.read" },
  { path: "/knowledge", word: "nav.knowledge", icon: "book", needs: "knowledge.read" },
  { path: "/studio", word: "nav.studio", icon: "assistant", needs: "assistant.manage" },
  { path: "/reports", word: "nav.reports", icon: "chart", keys: "alt+r", needs: "reports.read" },
  { path: "/sandbox", word: "nav.sandbox", icon: "phone" },
  { path: "/settings", word: "nav.settings", icon: "settings", keys: "alt+s" },
];
const MOST_ON_PHONE = 5;
const ON_PHONE: ReadonlySet<string> = new Set(["/conversations", "/contacts", "/sandbox", "/settings"]);

@Component({
  selector: "app-shell",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    AgentMenu,
    CommandBar,
    Icon,
    LivePill,
    Logo,
    MenuButton,
    RouterLink,
    RouterLinkActive,
    RouterOutlet,
    ShortcutSheet,
    ToastStack,
  ],
  template: `
    <div class="shell">
      <nav class="rail" [attr.aria-label]="t('nav.main')">
        <a class="mark" routerLink="/" [attr.aria-label]="t('nav.start')"><app-logo /></a>
        @for (link of links(); track link.path) {
          <a
            class="rail-link"
            [class.rail-rest]="rest().includes(link)"
            [routerLink]="link.path"
            routerLinkActive
            ariaCurrentWhenActive="page"
            [attr.aria-label]="nameOf(link)"
            [title]="nameOf(link)"
          >
            <app-icon [name]="link.icon" size="icon-l" /><span class="rail-word" aria-hidden="true">{{ t(link.word) }}</span>
            @if (link.path === "/settings" && attention(); as waiting) {
              <span class="count count-alert rail-count" aria-hidden="true" [attr.data-count]="waiting"></span>
            }
          </a>
        }
        @if (rest().length > 0) {
          <app-menu-button class="rail-more" look="rail-link" icon="more" iconSize="icon-l" [hasText]="true" [label]="t('nav.more')" [items]="restItems()" (chosen)="go($event)"><span class="rail-word">{{ t("nav.more") }}</span></app-menu-button>
        }
        <span class="grow"></span>
        <button class="rail-link rail-extra" type="button" [attr.aria-label]="t('shortcuts.heading')" [title]="t('shortcuts.heading')" (click)="dialog.set('shortcuts')">
          <app-icon name="keyboard" size="icon-l" />
        </button>
        <app-agent-menu />
      </nav>
      <div class="shell-page"><router-outlet /></div>
    </div>
    @switch (dialog()) {
      @case ("commands") {
        @defer (on immediate) {
          <app-command-bar (closed)="dialog.set(null)" />
        }
      }
      @case ("shortcuts") {
        @defer (on immediate) {
          <app-shortcut-sheet (closed)="dialog.set(null)" />
        }
      }
    }
    <app-toast-stack />
    <app-live-pill />
  `,
})
export class Shell {
  readonly #permissions = inject(Permissions);
  protected readonly links = computed(() => LINKS.filter((link) => this.#mayGo(link)));
  /** On a phone these are behind a button: five have room. */
  protected readonly rest = computed(() => {
    const links = this.links();
    return links.length > MOST_ON_PHONE ? links.filter(({ path }) => !ON_PHONE.has(path)) : [];
  });
  protected readonly restItems = computed((): MenuItem[] =>
    this.rest().map(({ path, word, icon }) => ({ id: path, text: this.t(word), icon })),
  );
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly dialog = signal<"commands" | "shortcuts" | null>(null);
  readonly #router = inject(Router);
  readonly #session = inject(Session);
  readonly #injector = inject(Injector);
  readonly #attention = signal<AttentionStore | null>(null);
  /** How much needs a person; null: nothing, or not known yet. */
  protected readonly attention = computed(() => (this.#attention()?.count() ? (this.#attention()?.badge() ?? null) : null));

  constructor() {
    const worker = inject(WorkerLink);
    worker.listen();
    inject(Clock).timer(WORKER_MS, () => {
      void worker.start();
      void this.#countAttention();
      // What the server refuses is said in the reader's language, also where nothing is drawn anew.
      if (this.#words.language() !== "en") void this.#words.more().catch(() => null);
    });
    inject(Commands).add([...this.#goCommands(), ...this.#appCommands()]);
    // A session can end by itself (password changed, signed out in another tab): back to sign-in, and to this page afterwards.
    effect(() => {
      if (this.#session.isSignedIn()) return;
      const to = this.#session.hasExpired() ? { to: this.#router.url } : {};
      untracked(() => void this.#router.navigate(["/sign-in"], { queryParams: to }));
    });
  }

  protected go(path: string): void {
    void this.#router.navigateByUrl(path);
  }

  protected nameOf({ path, word }: RailLink): string {
    const waiting = path === "/settings" ? this.attention() : null;
    return waiting ? this.t("nav.settingsWaiting", { count: waiting }) : this.t(word);
  }

  async #countAttention(): Promise<void> {
    // Awaited: TypeError when no server answers; it is counted with the next visit.
    const file = await import("../attention/attention-store").catch(() => null);
    if (file) this.#attention.set(this.#injector.get(file.AttentionStore));
  }

  #mayGo({ needs }: RailLink): boolean {
    return needs === undefined || this.#permissions.may(needs);
  }

  #goCommands(): Command[] {
    return LINKS.map((link) => ({
      id: `go${link.path.replaceAll("/", "-")}`,
      group: "go",
      icon: link.icon,
      word: link.word,
      ...(link.keys ? { keys: link.keys } : {}),
      run: () => void this.#router.navigateByUrl(link.path),
      isPossible: () => this.#mayGo(link),
    }));
  }

  #appCommands(): Command[] {
    const theme = inject(Theme);
    const words = inject(Words);
    return [
      {
        id: "bar",
        group: "app",
        icon: "command",
        word: "commands.heading",
        keys: "mod+k",
        run: () => this.#toggleBar(),
        isHidden: true,
      },
      {
        id: "keys",
        group: "app",
        icon: "keyboard",
        word: "shortcuts.heading",
        keys: "?",
        run: () => this.dialog.set("shortcuts"),
      },
      { id: "light", group: "app", icon: "sun", word: "command.light", run: () => theme.choose("light") },
      { id: "dark", group: "app", icon: "moon", word: "command.dark", run: () => theme.choose("dark") },
      { id: "system", group: "app", icon: "settings", word: "command.system", run: () => theme.choose("system") },
      ...LANGUAGES.map(
        (one): Command => ({
          id: `language-${one}`,
          group: "app",
          icon: "globe",
          word: "command.language",
          detail: LANGUAGE_NAMES[one],
          run: () => void words.choose(one),
        }),
      ),
      {
        id: "sign-out",
        group: "app",
        icon: "signout",
        word: "menu.signOut",
        run: () => void this.#session.signOut().then(() => this.#router.navigateByUrl("/sign-in")),
      },
    ];
  }

  #toggleBar(): void {
    const open = document.querySelector<HTMLDialogElement>("dialog[open]");
    if (open) open.close();
    else this.dialog.set("commands");
  }
}
