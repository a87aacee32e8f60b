/** A conversation as agents see it: who and in which state, the messages, and where to answer. */
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
  viewChildren,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ConversationView, MessageView } from "@server/events/view";
import { injectVirtualizer } from "@tanstack/angular-virtual";
import { Clock } from "../clock";
import { type WordKey, Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Commands } from "../shell/commands";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { clockTime, timeLeft } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { TypingDots } from "../ui/typing-dots";
import { Weave } from "../ui/weave";
import { activityText } from "./activity-text";
import { WritingWatch } from "./came-since";
import { ColleagueLine } from "./colleague-line";
import { CorrectionDialog } from "./correction-dialog";
import { Directory } from "./directory";
import { DraftStore } from "./draft-store";
import { MessageBubble } from "./message-bubble";
import type { AskedDeed, MessageDeed } from "./message-deed";
import { MessageDialogs } from "./message-dialogs";
import { isActivity } from "./message-kind";
import { PendingBubble } from "./pending-bubble";
import { type OutgoingReply, ReplyComposer } from "./reply-composer";
import { ScheduledStrip } from "./scheduled-strip";
import { TakeNudge } from "./take-nudge";
import { rowsOf } from "./thread-row";
import { NEAR_END, ThreadScroll } from "./thread-scroll";
import { ThreadStore } from "./thread-store";

type Look = { word: WordKey; look: string };

const STATUS: Record<ConversationView["status"], Look> = {
  open: { word: "status.open", look: "chip-success" },
  assigned: { word: "status.assigned", look: "chip-success" },
  waiting: { word: "status.waiting", look: "chip-warning" },
  resolved: { word: "status.resolved", look: "" },
  closed: { word: "status.closed", look: "" },
};
const WAITING_FOR: Record<NonNullable<ConversationView["waitingFor"]>, Look> = {
  assistant: { word: "status.assistant", look: "chip-ai" },
  snooze: { word: "status.snoozed", look: "chip-warning" },
};

const ESTIMATED_ROW = 58;
/** What the server says of a conversation that does not exist, that this role does not reach, and of an address that is none. */
const GONE = new Set(["conversation.not-found", "auth.forbidden", "request.invalid"]);

@Component({
  selector: "app-conversation-thread",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    ColleagueLine,
    CorrectionDialog,
    FailureNote,
    FailurePage,
    Icon,
    MessageBubble,
    MessageDialogs,
    PendingBubble,
    ReplyComposer,
    RouterLink,
    ScheduledStrip,
    TakeNudge,
    TypingDots,
    Weave,
  ],
  templateUrl: "./conversation-thread.html",
})
export class ConversationThread {
  protected readonly store = inject(ThreadStore);
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #session = inject(Session);
  readonly #clock = inject(Clock);
  readonly #live = inject(LiveConnection);
  readonly #directory = inject(Directory);
  readonly #toasts = inject(Toasts);
  readonly #drafts = inject(DraftStore);
  readonly #now = inject(Ticker).now;
  readonly #permissions = inject(Permissions);

  /** Said when no conversation is open. */
  readonly emptyHeading = input<string>();
  readonly emptyText = input<string>();
  /** Beside a list on a narrow screen: a way back to it. */
  readonly hasBack = input(false);
  readonly back = output();

  private readonly composer = viewChild(ReplyComposer);
  private readonly scroller = viewChild<ElementRef<HTMLElement>>("scroller");
  private readonly rowElements = viewChildren<ElementRef<HTMLElement>>("line");

  protected readonly clockTime = clockTime;
  protected readonly rows = computed(() =>
    rowsOf(
      {
        messages: this.store.messages(),
        pending: this.store.pending(),
        writer: this.store.writer(),
        unreadFrom: this.store.unreadFrom(),
      },
      this.#now(),
    ),
  );
  protected readonly virtual = injectVirtualizer<HTMLElement, HTMLElement>(() => ({
    count: this.rows().length,
    scrollElement: this.scroller(),
    estimateSize: () => ESTIMATED_ROW,
    overscan: 10,
    getItemKey: (index) => this.rows()[index]?.key ?? index,
    anchorTo: "end",
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    paddingStart: 16,
    paddingEnd: 12,
  }));
  /** Why there is nothing to try again: it does not exist for this person, or not any more. */
  protected readonly goneFor = computed(() => {
    const code = this.store.failure()?.code;
    return code === "conversation.left" ? "left" : code && GONE.has(code) ? "gone" : null;
  });
  readonly #byWamid = computed(
    () => new Map(this.store.messages().flatMap((one) => (one.wamid ? [[one.wamid, one] as const] : []))),
  );

  protected readonly status = computed(() => {
    const shown = this.store.conversation();
    if (shown?.status === "waiting" && shown.waitingFor) return WAITING_FOR[shown.waitingFor];
    return STATUS[shown?.status ?? "open"];
  });
  protected readonly isDone = computed(() => {
    const shown = this.store.conversation();
    return shown !== null && (!shown.isOpen || shown.status === "resolved");
  });
  protected readonly windowLeft = computed(() => {
    const expires = this.store.conversation()?.windowExpiresAt;
    return expires ? timeLeft(expires, this.#now()) : null;
  });
  protected readonly firstName = computed(() => this.store.conversation()?.contact.name.trim().split(/\s+/)[0] ?? "");

  protected readonly scroll = new ThreadScroll({
    store: this.store,
    rows: this.rows,
    virtual: this.virtual,
    element: () => this.scroller()?.nativeElement,
  });
  protected readonly quoted = signal<MessageView | null>(null);
  protected readonly flashed = signal<string | null>(null);
  protected readonly canTranslate = computed(() => this.#permissions.may("assistant.use"));
  protected readonly canCorrect = computed(() => this.#permissions.may("messages.send"));
  /** Messages that are shown in the reader's language, too. */
  protected readonly translated = signal<ReadonlySet<string>>(new Set());
  /** What is done with a message once it is confirmed. */
  protected readonly asked = signal<AskedDeed | null>(null);
  readonly #names = { agent: (id: string) => this.#directory.nameOf(id), team: (id: string) => this.#directory.teamName(id) };
  /** What is written is for the customer. */
  protected readonly answers = signal(true);
  protected readonly writing = new WritingWatch(this.store.messages, (id) => this.#drafts.begunAt(id));

  constructor() {
    effect(() => {
      if (this.store.isUnread() && document.visibilityState === "visible") untracked(() => void this.store.markRead());
    });
    const seeAgain = () => {
      if (document.visibilityState === "visible") void this.store.markRead();
    };
    document.addEventListener("visibilitychange", seeAgain);
    inject(DestroyRef).onDestroy(() => document.removeEventListener("visibilitychange", seeAgain));
    const shown = computed(() => this.store.conversation()?.id);
    effect(() => {
      shown();
      untracked(() => {
        this.quoted.set(null);
        this.translated.set(new Set());
        this.writing.end();
      });
    });
    effect(() => {
      if (this.goneFor()) untracked(() => void this.words.more());
    });
    afterRenderEffect(() => {
      for (const row of this.rowElements()) this.virtual.measureElement(row.nativeElement);
    });
    inject(Commands).add([
      {
        id: "reply",
        group: "composer",
        icon: "reply",
        word: "command.reply",
        keys: "alt+l",
        run: () => this.composer()?.focus(),
        isPossible: () => this.store.conversation() !== null,
      },
      {
        id: "newest",
        group: "conversation",
        icon: "arrow-down",
        word: "command.newest",
        run: () => this.scroll.toEnd(),
        isPossible: () => this.store.conversation() !== null,
      },
    ]);
  }

  protected authorOf({ author, role }: MessageView): string | null {
    if (role !== "operator" || author === null) return null;
    const me = this.#session.agent();
    return me?.id === author ? me.name : this.#directory.nameOf(author);
  }

  protected lineOf(message: MessageView): string {
    return isActivity(message) ? activityText(message, this.words, this.#names) : "";
  }

  protected isStarred({ starredBy }: MessageView): boolean {
    return starredBy.includes(this.#session.agent()?.id ?? "");
  }

  protected doTo(message: MessageView, deed: MessageDeed): void {
    if (deed === "star" || deed === "unstar") void this.store.star(message, deed === "star");
    else if (deed === "translate" || deed === "untranslate") this.#showTranslated(message.id, deed === "translate");
    else if (deed === "resend") void this.store.resend(message.id);
    else this.asked.set({ deed, message });
  }

  #showTranslated(id: string, on: boolean): void {
    this.translated.update((all) => new Set(on ? [...all, id] : [...all].filter((one) => one !== id)));
  }

  protected originalOf(message: MessageView): MessageView | null {
    const wamid = message.context?.wamid;
    return wamid ? (this.#byWamid().get(wamid) ?? null) : null;
  }

  protected canAnswer(message: MessageView): boolean {
    return message.wamid !== null && !isActivity(message) && this.store.conversation()?.isOpen === true;
  }

  protected switchAssistant(): void {
    const shown = this.store.conversation();
    if (shown) void this.store.act([{ do: "assistant", on: !shown.isAIEnabled }], { isAIEnabled: !shown.isAIEnabled });
  }

  protected resolveOrReopen(): void {
    if (this.isDone()) void this.store.act([{ do: "status", status: "open" }], { status: "open", isOpen: true });
    else void this.#resolve();
  }

  async #resolve(): Promise<void> {
    const isDone = await this.store.act([{ do: "status", status: "resolved" }], { status: "resolved", isOpen: false });
    if (isDone)
      this.#toasts.sayUndoable(
        this.t("deed.resolved"),
        () => void this.store.act([{ do: "status", status: "open" }], { status: "open" }),
      );
  }

  protected send({ message, text, holdMs, thenResolve, note }: OutgoingReply): void {
    if (note) {
      void this.store.send({ message, text, note });
      this.scroll.toEnd();
      return;
    }
    const quoted = this.quoted();
    this.quoted.set(null);
    this.writing.end();
    void this.store.send({
      message: quoted ? { ...message, replyTo: quoted.id } : message,
      text,
      ...(holdMs ? { holdMs } : {}),
      ...(thenResolve ? { thenResolve } : {}),
    });
    this.scroll.toEnd();
  }

  protected react(message: MessageView, emoji: string): void {
    void this.store.send({ message: { type: "reaction", reaction: { messageId: message.id, emoji } }, text: emoji });
  }

  protected quote(message: MessageView): void {
    this.quoted.set(message);
    this.composer()?.focus();
  }

  protected edit(key: string): void {
    const kind = this.store.pending().some((reply) => reply.key === key && reply.note) ? "note" : "reply";
    this.composer()?.restore(this.store.takeBack(key), kind);
  }

  protected discard(key: string): void {
    this.store.takeBack(key);
  }

  protected write(hasText: boolean): void {
    if (hasText) this.writing.begin(this.store.conversation()?.id ?? "");
    else this.writing.end();
  }

  protected tellTyping(on: boolean): void {
    const shown = this.store.conversation();
    if (shown) this.#live.send({ type: "typing", conversationId: shown.id, on });
  }

  /** Shows the newest messages and counts from here. */
  protected showNew(): void {
    this.writing.look();
    this.scroll.toEnd();
  }

  /** Goes to the message that is quoted. */
  protected async jumpTo(wamid: string): Promise<void> {
    const idOf = () => this.#byWamid().get(wamid)?.id;
    if (!(await this.scroll.goTo(idOf, "center"))) return this.#toasts.say(this.t("thread.quotedGone"), "info");
    this.flashed.set(idOf() ?? null);
    this.#clock.timer(1_600, () => this.flashed.set(null));
  }
}
