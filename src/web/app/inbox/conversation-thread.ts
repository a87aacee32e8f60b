/** A conversation as agents see it: who and in which state, the messages, and where to answer. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, untracked, viewChild } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import { Clock } from "../clock";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { StickToEnd } from "../ui/stick-to-end";
import { Ticks } from "../ui/ticks";
import { clockTime, timeLeft } from "../ui/time-text";
import { TypingDots } from "../ui/typing-dots";
import { Weave } from "../ui/weave";
import { MessageBubble } from "./message-bubble";
import { ReplyComposer } from "./reply-composer";
import { rowsOf } from "./thread-row";
import { ThreadStore } from "./thread-store";

const STATUS: Record<ConversationView["status"], { word: string; look: string }> = {
  open: { word: "Open", look: "chip-success" },
  assigned: { word: "Assigned", look: "chip-success" },
  waiting: { word: "Waiting", look: "chip-warning" },
  resolved: { word: "Resolved", look: "" },
  closed: { word: "Closed", look: "" },
};
const WAITING_FOR: Record<NonNullable<ConversationView["waitingFor"]>, { word: string; look: string }> = {
  assistant: { word: "With the assistant", look: "chip-ai" },
  snooze: { word: "Snoozed", look: "chip-warning" },
};

@Component({
  selector: "app-conversation-thread",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, Icon, MessageBubble, ReplyComposer, StickToEnd, Ticks, TypingDots, Weave],
  templateUrl: "./conversation-thread.html",
})
export class ConversationThread {
  protected readonly store = inject(ThreadStore);
  readonly #session = inject(Session);
  readonly #clock = inject(Clock);
  readonly #live = inject(LiveConnection);

  /** Said when no conversation is open. */
  readonly emptyHeading = input("No conversation chosen");
  readonly emptyText = input("Choose one from the list.");

  private readonly composer = viewChild(ReplyComposer);

  protected readonly clockTime = clockTime;
  protected readonly rows = computed(() => rowsOf(this.store.messages(), this.#clock.now()));
  protected readonly count = computed(() => this.rows().length + this.store.pending().length);
  protected readonly status = computed(() => {
    const shown = this.store.conversation();
    if (shown?.status === "waiting" && shown.waitingFor) return WAITING_FOR[shown.waitingFor];
    return STATUS[shown?.status ?? "open"];
  });
  protected readonly isDone = computed(() => this.store.conversation()?.isOpen === false);
  protected readonly firstName = computed(() => this.store.conversation()?.contact.name.split(" ")[0] ?? "");
  protected readonly window = computed(() => {
    const expires = this.store.conversation()?.windowExpiresAt;
    if (!expires) return null;
    const left = timeLeft(expires, this.#clock.now());
    return left ? `window open ${left}` : "window closed";
  });

  constructor() {
    effect(() => {
      const unread = this.store.conversation()?.unreadCount ?? 0;
      if (unread > 0 && document.visibilityState === "visible") untracked(() => void this.store.markRead());
    });
  }

  protected authorOf(author: string | null): string | null {
    const me = this.#session.agent();
    return author !== null && me?.id === author ? me.name : null;
  }

  protected switchAssistant(): void {
    const shown = this.store.conversation();
    if (shown) void this.store.change({ isAIEnabled: !shown.isAIEnabled });
  }

  protected resolveOrReopen(): void {
    void this.store.change({ status: this.isDone() ? "open" : "resolved" });
  }

  protected edit(key: string): void {
    this.composer()?.restore(this.store.takeBack(key));
  }

  protected tellTyping(on: boolean): void {
    const shown = this.store.conversation();
    if (shown) this.#live.send({ type: "typing", conversationId: shown.id, on });
  }
}
