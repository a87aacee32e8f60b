/** One message of a thread: who spoke is seen before it is read. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import type { MessageView } from "@server/events/view";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Ticks } from "../ui/ticks";
import { clockTime, fullTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { BubbleTranslation } from "./bubble-translation";
import { MessageContent } from "./message-content";
import type { MessageDeed } from "./message-deed";
import { isActivity, kindOf } from "./message-kind";
import { offerOf } from "./message-payload";
import { RunLine } from "./run-line";

/** What people answer with most; the same set WhatsApp offers first. */
const QUICK = ["👍", "❤️", "😂", "😮", "😢", "🙏"] as const;
const TAKE_BACK = "";

@Component({
  selector: "app-message-bubble",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BubbleTranslation, Icon, MenuButton, MessageContent, RunLine, Ticks],
  templateUrl: "./message-bubble.html",
  host: {
    class: "msg",
    "[class.msg-out]": "isOut()",
    "[class.msg-ai]": "message().role === 'assistant'",
    "[class.msg-failed]": "message().delivery?.state === 'failed'",
    "[class.msg-continues]": "continues()",
    "[class.msg-note]": "message().private",
    "[class.msg-event]": "isLine()",
    "[class.msg-gone]": "message().revokedAt !== null",
    "[attr.data-role]": "message().role",
    "[attr.data-id]": "message().id",
    "[attr.data-type]": "message().type",
    "[attr.data-delivery]": "message().delivery?.state",
  },
})
export class MessageBubble {
  readonly message = input.required<MessageView>();
  readonly continues = input(false);
  /** Name of the person who wrote it. */
  readonly author = input<string | null>(null);
  /** The message that this one answers, where it is known. */
  readonly original = input<MessageView | null>(null);
  readonly customer = input("");
  /** Whether somebody may answer and react here. */
  readonly canAnswer = input(false);
  /** What happened, in the reader's language. */
  readonly line = input("");
  readonly isStarred = input(false);
  /** Whether somebody may have it translated, and has. */
  readonly canTranslate = input(false);
  readonly isTranslated = input(false);
  /** Whether somebody may say what the assistant should have answered. */
  readonly canCorrect = input(false);
  readonly jump = output<string>();
  readonly resend = output();
  readonly dismiss = output();
  readonly quote = output();
  readonly react = output<string>();
  readonly deed = output<MessageDeed>();

  readonly #words = inject(Words);
  readonly #toasts = inject(Toasts);
  protected readonly t = this.#words.t;
  protected readonly isLine = computed(() => isActivity(this.message()));
  protected readonly isOut = computed(() => this.message().direction === "outbound");
  protected readonly isBare = computed(() => this.message().type === "sticker" && this.message().attachments.length > 0);
  protected readonly time = computed(() => clockTime(this.message().sentAt));
  protected readonly fullTime = computed(() => fullTime(this.message().sentAt));

  /** Who spoke, above the first bubble of a burst; customers need no name, they are the only ones on the left. */
  protected readonly by = computed(() => {
    const { role, aiRun, rule } = this.message();
    const isNote = this.message().private;
    if ((this.continues() && !isNote) || role === "user") return null;
    if (role === "operator") {
      const name = this.author() ?? this.t("thread.agent");
      return isNote ? `${name} · ${this.t("thread.privateNote")}` : name;
    }
    if (role === "system") return rule ? this.t("thread.byRule", { name: rule.name }) : this.t("thread.byItself");
    const fragments = aiRun?.fragments ?? 1;
    return fragments > 1 ? this.t("thread.assistantOfMany", { count: fragments }) : this.t("thread.assistant");
  });

  protected readonly quoted = computed(() => {
    const wamid = this.message().context?.wamid;
    if (!wamid) return null;
    const original = this.original();
    if (!original) return { wamid, who: this.t("thread.quoted"), text: this.t("thread.earlierMessage") };
    const kind = kindOf(original);
    const text = original.content || (kind ? this.t(kind.word, { type: original.type }) : "");
    const who =
      original.role === "user"
        ? this.customer()
        : original.role === "assistant"
          ? this.t("thread.assistant")
          : this.t("thread.us");
    return { wamid, who, text };
  });

  protected readonly options = computed(() =>
    this.isOut() && ["interactive", "template"].includes(this.message().type) ? offerOf(this.message()).options : [],
  );

  protected readonly reactions = computed(() =>
    this.message()
      .reactions.map(({ emoji }) => emoji)
      .join(" "),
  );
  protected readonly reactionsTitle = computed(() =>
    this.message()
      .reactions.map(
        ({ emoji, by }) => `${emoji} ${by === "customer" ? this.customer() || this.t("thread.customer") : this.t("thread.us")}`,
      )
      .join(", "),
  );
  protected readonly emojis = computed((): MenuItem[] => {
    const ours = this.message().reactions.find(({ by }) => by === "business")?.emoji;
    return [
      ...QUICK.map((emoji) => ({ id: emoji, text: emoji, isOn: emoji === ours })),
      ...(ours ? [{ id: TAKE_BACK, text: this.t("thread.takeReactionBack"), icon: "close" }] : []),
    ];
  });

  /** The words in it: what was written, or what was heard. */
  protected readonly translatable = computed(() => {
    const { content, attachments, erasedAt, private: isNote } = this.message();
    if (this.isLine() || isNote || erasedAt !== null) return "";
    return (
      content.trim() ||
      attachments
        .map(({ fileDescription }) => fileDescription ?? "")
        .join("\n")
        .trim()
    );
  });

  protected readonly deeds = computed((): (MenuItem & { id: MessageDeed })[] => {
    const { delivery, erasedAt, role } = this.message();
    const isNote = this.message().private;
    const canGo = !isNote && erasedAt === null;
    return [
      this.isStarred()
        ? { id: "unstar", text: this.t("message.unstar"), icon: "star" }
        : { id: "star", text: this.t("message.star"), icon: "star" },
      ...(this.canTranslate() && this.translatable() !== ""
        ? [
            this.isTranslated()
              ? { id: "untranslate" as const, text: this.t("message.untranslate"), icon: "translate" }
              : { id: "translate" as const, text: this.t("message.translate"), icon: "translate" },
          ]
        : []),
      ...(canGo && this.canCorrect() && role === "assistant"
        ? [{ id: "correct" as const, text: this.t("message.correct"), icon: "edit" }]
        : []),
      ...(canGo ? [{ id: "forward" as const, text: this.t("message.forward"), icon: "arrow-right" }] : []),
      ...(delivery?.state === "failed" ? [{ id: "resend" as const, text: this.t("message.resend"), icon: "retry" }] : []),
      ...(isNote
        ? [
            { id: "edit-note" as const, text: this.t("message.noteEdit"), icon: "edit" },
            { id: "delete-note" as const, text: this.t("message.noteDelete"), icon: "trash" },
          ]
        : []),
      ...(canGo ? [{ id: "erase" as const, text: this.t("message.erase"), icon: "trash" }] : []),
    ];
  });

  /** Why it did not arrive, in the provider's words with its code. */
  protected readonly trouble = computed(() => {
    const delivery = this.message().delivery;
    if (delivery?.state === "unknown") return this.t("delivery.unknown");
    if (delivery?.state === "cancelled") return this.t("delivery.cancelled");
    if (delivery?.state !== "failed") return null;
    const { error } = delivery;
    if (!error) return this.t("delivery.failed");
    const said = `${error.message}${error.details ? ` ${error.details}` : ""}`;
    return this.t("delivery.failedWith", { said, code: String(error.code) });
  });
  protected readonly canDecide = computed(() => {
    const delivery = this.message().delivery;
    return delivery?.state === "failed" || (delivery?.state === "unknown" && delivery.needsDecision);
  });

  protected async copy(): Promise<void> {
    // Awaited: NotAllowedError, and no clipboard at all on plain http.
    const isCopied = await (navigator.clipboard?.writeText(this.message().content) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    this.#toasts.say(this.t(isCopied ? "thread.copied" : "thread.notCopied"), isCopied ? "check" : "alert");
  }
}
