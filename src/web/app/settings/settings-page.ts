/** The settings: rooms on the left, one of them on the right. Only what the role may see is listed. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { RouterLink, RouterLinkActive, RouterOutlet } from "@angular/router";
import { ATTENTION_NEEDS, AttentionStore } from "../attention/attention-store";
import { type WordKey, Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Permissions } from "./permissions";

interface RoomLink {
  path: string;
  word: WordKey;
  icon: string;
  /** Any of these opens it; none: everybody. */
  needs: readonly string[];
}

const GROUPS: readonly { word: WordKey; rooms: readonly RoomLink[] }[] = [
  {
    word: "settings.mine",
    rooms: [{ path: "account", word: "account.heading", icon: "person", needs: [] }],
  },
  {
    word: "settings.desk",
    rooms: [
      { path: "people", word: "people.heading", icon: "contacts", needs: ["agents.read"] },
      { path: "teams", word: "people.teams", icon: "assign", needs: ["agents.read"] },
      { path: "roles", word: "roles.heading", icon: "shield", needs: ["agents.read", "roles.manage"] },
      { path: "labels", word: "labels.heading", icon: "tag", needs: ["contacts.read"] },
      { path: "replies", word: "composer.canned", icon: "slash", needs: ["messages.send"] },
      { path: "automation", word: "automation.heading", icon: "automation", needs: ["automation.manage"] },
      { path: "macros", word: "automation.macros", icon: "command", needs: ["conversations.write"] },
      { path: "sla", word: "sla.heading", icon: "flag", needs: ["automation.manage"] },
      { path: "hours", word: "hours.heading", icon: "calendar", needs: ["automation.manage"] },
    ],
  },
  {
    word: "settings.company",
    rooms: [
      { path: "attention", word: "attention.heading", icon: "alert", needs: ATTENTION_NEEDS },
      { path: "numbers", word: "numbers.heading", icon: "phone", needs: ["channels.read"] },
      { path: "assistant", word: "assistant.heading", icon: "assistant", needs: ["assistant.manage"] },
      { path: "rules", word: "rules.heading", icon: "settings", needs: ["settings.read", "conversations.assign"] },
      { path: "webhooks", word: "webhooks.heading", icon: "link", needs: ["webhooks.manage"] },
      { path: "keys", word: "keys.heading", icon: "key", needs: ["api-keys.manage"] },
      { path: "audit", word: "audit.heading", icon: "history", needs: ["audit.read"] },
    ],
  },
];

@Component({
  selector: "app-settings-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, RouterLink, RouterLinkActive, RouterOutlet],
  template: `
    <main class="sheet settings">
      <nav class="settings-nav scroll" [attr.aria-label]="t('nav.settings')">
        <h1 class="sr-only">{{ t("nav.settings") }}</h1>
        @for (group of groups(); track group.word) {
          <h2>{{ t(group.word) }}</h2>
          @for (room of group.rooms; track room.path) {
            <a [routerLink]="['/settings', room.path]" routerLinkActive ariaCurrentWhenActive="page"><app-icon [name]="room.icon" size="icon-m" /><span class="grow">{{ t(room.word) }}</span>@if (room.path === "attention" && attention.count() > 0) {<span class="count count-alert">{{ attention.badge() }}</span>}</a>
          }
        }
      </nav>
      <div class="settings-body page-body scroll" tabindex="0" role="region" [attr.aria-label]="t('nav.settings')"><div class="settings-room"><router-outlet /></div></div>
    </main>
  `,
})
export class SettingsPage {
  protected readonly t = inject(Words).t;
  protected readonly attention = inject(AttentionStore);
  readonly #permissions = inject(Permissions);
  protected readonly groups = computed(() =>
    GROUPS.map(({ word, rooms }) => ({
      word,
      rooms: rooms.filter(({ needs }) => needs.length === 0 || needs.some((name) => this.#permissions.may(name))),
    })).filter(({ rooms }) => rooms.length > 0),
  );
}
