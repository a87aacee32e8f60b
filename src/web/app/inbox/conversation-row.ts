/** One conversation of the list, in three lines of fixed height whatever it holds. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ConversationView } from "@server/events/view";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Ticker } from "../ticker";
import { Avatar, tintOf } from "../ui/avatar";
import { Icon } from "../ui/icon";
import { MenuButton } from "../ui/menu-button";
import { listTime, nearMoment } from "../ui/time-text";
import { ConversationDeeds } from "./conversation-deeds";
import { ConversationListStore } from "./conversation-list-store";
import { Directory } from "./directory";
import { DraftStore } from "./draft-store";
import { previewOf } from "./message-preview";
import { ReplyOutbox } from "./reply-outbox";
import { rowClock } from "./row-clock";
import { RowTouchMenu } from "./row-touch-menu";
import { snoozeItems } from "./snooze-times";

const MOST_LABELS = 2;

@Component({
  selector: "app-conversation-row",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, Icon, MenuButton, RouterLink, RowTouchMenu],
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

  /** Nothing hovers here. */
  protected readonly isTouch = matchMedia("(hover: none)").matches;
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
    return snoozedUntil
      ? this.t("list.snoozedUntil", { time: nearMoment(snoozedUntil, this.#now()) })
      : this.t("list.snoozedReply");
  });
  protected readonly clock = computed(() => rowClock(this.conversation(), this.#now(), this.t));
  protected readonly labels = computed(() => {
    const { labels } = this.conversation();
    return { shown: labels.slice(0, MOST_LABELS), more: labels.length - MOST_LABELS };
  });
  protected readonly tint = (name: string): string => `tint-${tintOf(name)}`;
  protected readonly owner = computed(() => this.#directory.nameOf(this.conversation().assignedAgent));
  protected readonly isDone = computed(() => !this.conversation().isOpen || this.conversation().status === "resolved");
  protected readonly isMentioned = computed(() => this.conversation().mentions.includes(this.#session.agent()?.id ?? ""));
  protected readonly isMine = computed(() => this.conversation().assignedAgent === this.#session.agent()?.id);

  protected readonly snoozes = computed(() => snoozeItems(this.#now(), this.t));

  protected take(): void {
    void this.deeds.assign(this.conversation(), this.isMine() ? null : (this.#session.agent()?.id ?? null));
  }

  protected resolveOrReopen(): void {
    void (this.isDone() ? this.deeds.reopen(this.conversation()) : this.deeds.resolve(this.conversation()));
  }
}
