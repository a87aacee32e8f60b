/** Where nothing hovers, one button holds all that a row of the list can do. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Ticker } from "../ticker";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { ConversationDeeds } from "./conversation-deeds";
import { OTHER_MOMENT, snoozeItems } from "./snooze-times";

/** So few that the menu needs no search. */
const SNOOZES = ["reply", "hour", "tomorrow", OTHER_MOMENT];

@Component({
  selector: "app-row-touch-menu",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [MenuButton],
  template: `
    <app-menu-button look="ibtn" [stop]="stop()" icon="more" [label]="t('list.deeds', { name: conversation().contact.name })" [items]="items()" (chosen)="run($event)" />
  `,
  host: { class: "conv-more" },
})
export class RowTouchMenu {
  readonly conversation = input.required<ConversationView>();
  readonly isDone = input(false);
  readonly stop = input(0);
  /** Its checkbox is pressed. */
  readonly pick = output();

  protected readonly t = inject(Words).t;
  readonly #deeds = inject(ConversationDeeds);
  readonly #me = inject(Session).agent()?.id ?? null;
  readonly #now = inject(Ticker).now;
  readonly #isMine = computed(() => this.conversation().assignedAgent === this.#me);

  protected readonly items = computed((): MenuItem[] => [
    this.isDone()
      ? { id: "reopen", text: this.t("deed.reopen"), icon: "undo" }
      : { id: "resolve", text: this.t("deed.resolve"), icon: "check-circle" },
    this.#isMine()
      ? { id: "give-up", text: this.t("deed.giveUp"), icon: "x-circle" }
      : { id: "take", text: this.t("deed.take"), icon: "assign" },
    { id: "unread", text: this.t("deed.unread"), icon: "bell" },
    { id: "pick", text: this.t("list.pick", { name: this.conversation().contact.name }), icon: "check" },
    ...snoozeItems(this.#now(), this.t)
      .filter(({ id }) => SNOOZES.includes(id))
      .map((item) => ({ ...item, id: `snooze ${item.id}`, icon: "snooze" })),
  ]);

  protected run(id: string): void {
    const one = this.conversation();
    if (id === "pick") this.pick.emit();
    else if (id === "resolve") void this.#deeds.resolve(one);
    else if (id === "reopen") void this.#deeds.reopen(one);
    else if (id === "unread") void this.#deeds.markUnread(one);
    else if (id.startsWith("snooze ")) this.#deeds.snoozeBy(one, id.slice("snooze ".length));
    else void this.#deeds.assign(one, id === "take" ? this.#me : null);
  }
}
