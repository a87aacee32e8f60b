/** One conversation of the list, in three lines of fixed height whatever it holds. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Ticker } from "../ticker";
import { Avatar, tintOf } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { listTime, shortMoment, timeLeft } from "../ui/time-text";
import { ConversationDeeds } from "./conversation-deeds";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import { DraftStore } from "./draft-store";
import { previewOf } from "./message-preview";
import { ReplyOutbox } from "./reply-outbox";
import { snoozeChoices } from "./snooze-times";

const HOUR_MS = 3_600_000;
const MOST_LABELS = 2;

@Component({
  selector: "app-conversation-row",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, Icon, MenuButton, RouterLink],
  templateUrl: "./conversation-row.html",
  host: {
    class: "conv",
    "[class.conv-unread]": "conversation().unreadCount > 0",
    "[class.conv-picked]": "isPicked()",
    "[class.conv-picking]": "isPicking()",
    "[class.conv-current]": "isCurrent()",
    "[attr.data-id]": "conversation().id",
  },
})
export class ConversationRow {
  readonly conversation = input.required<ConversationView>();
  readonly isCurrent = input(false);
  readonly isPicked = input(false);
  /** Others are picked: every row shows its checkbox. */
  readonly isPicking = input(false);
  /** The one row that the Tab key stops at. */
  readonly isStop = input(false);
  /** It is open already and wanted once more. */
  readonly reopened = output();
  readonly pick = output<{ on: boolean; range: boolean }>();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly deeds = inject(ConversationDeeds);
  readonly #list = inject(ConversationListStore);
  readonly #directory = inject(Directory);
  readonly #outbox = inject(ReplyOutbox);
  readonly #drafts = inject(DraftStore);
  readonly #session = inject(Session);
  readonly #now = inject(Ticker).now;

  protected readonly time = computed(() => listTime(this.conversation().lastMessageAt, this.#now()));
  protected readonly preview = computed(() => previewOf(this.conversation().lastMessage, this.words));
  protected readonly draft = computed(() => this.#drafts.anyOf(this.conversation().id));
  protected readonly writer = computed(() => this.#list.typing().get(this.conversation().id) ?? null);
  protected readonly isUndelivered = computed(
    () =>
      this.#list.undelivered().has(this.conversation().id) ||
      this.#outbox.pending().some(({ conversation, failure }) => conversation === this.conversation().id && failure !== null),
  );
  protected readonly snoozed = computed(() => {
    const { waitingFor, snoozedUntil } = this.conversation();
    if (waitingFor !== "snooze") return null;
    return snoozedUntil ? this.t("list.snoozedUntil", { time: shortMoment(snoozedUntil) }) : this.t("list.snoozedReply");
  });
  protected readonly window = computed(() => {
    const { windowExpiresAt } = this.conversation();
    const left = windowExpiresAt ? timeLeft(windowExpiresAt, this.#now()) : null;
    const isSoon = windowExpiresAt !== null && Date.parse(windowExpiresAt) - this.#now() < HOUR_MS;
    return { left, isSoon };
  });
  protected readonly labels = computed(() => {
    const { labels } = this.conversation();
    return { shown: labels.slice(0, MOST_LABELS), more: labels.length - MOST_LABELS };
  });
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly owner = computed(() => this.#directory.nameOf(this.conversation().assignedAgent));
  protected readonly isDone = computed(() => !this.conversation().isOpen || this.conversation().status === "resolved");
  protected readonly isMine = computed(() => this.conversation().assignedAgent === this.#session.agent()?.id);

  protected readonly snoozes = computed((): MenuItem[] =>
    snoozeChoices(this.#now()).map(({ id, word, until }) => ({
      id,
      text: this.t(word),
      ...(until ? { detail: shortMoment(until.getTime()) } : {}),
    })),
  );

  protected snooze(id: string): void {
    const choice = snoozeChoices(this.#now()).find((one) => one.id === id);
    if (choice) void this.deeds.snooze(this.conversation(), choice.until);
  }

  protected take(): void {
    void this.deeds.assign(this.conversation(), this.isMine() ? null : (this.#session.agent()?.id ?? null));
  }

  protected resolveOrReopen(): void {
    void (this.isDone() ? this.deeds.reopen(this.conversation()) : this.deeds.resolve(this.conversation()));
  }
}
