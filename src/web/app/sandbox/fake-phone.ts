/** A customer's phone: the thread as WhatsApp would show it, and where the customer writes. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, signal, viewChild } from "@angular/core";
import { Clock } from "../clock";
import { Words } from "../i18n/words";
import { kindOf } from "../inbox/message-kind";
import { Avatar } from "../ui/avatar";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { StickToEnd } from "../ui/stick-to-end";
import { Ticks } from "../ui/ticks";
import { clockTime, dayKey, dayName } from "../ui/time-text";
import { TypingDots } from "../ui/typing-dots";
import { ACTS, type Tappable, tappablesOf } from "./phone-act";
import { PhoneStore } from "./phone-store";

@Component({
  selector: "app-fake-phone",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, FailurePage, FormattedText, Icon, MenuButton, StickToEnd, Ticks, TypingDots],
  templateUrl: "./fake-phone.html",
})
export class FakePhone {
  protected readonly store = inject(PhoneStore);
  readonly #clock = inject(Clock);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>("field");

  protected readonly t = inject(Words).t;
  protected readonly clockTime = clockTime;
  protected readonly hasText = signal(false);
  protected readonly business = computed(() => this.store.business()?.name ?? "");
  protected readonly number = computed(() => {
    const number = this.store.business()?.displayNumber ?? "";
    return /^\d+$/.test(number) ? `+${number}` : number;
  });
  protected readonly firstName = computed(() => this.store.phone()?.name.split(" ")[0] ?? "");
  protected readonly count = computed(
    () => this.store.messages().length + this.store.pending().length + (this.store.isTyping() ? 1 : 0),
  );
  protected readonly rows = computed(() => {
    const now = this.#clock.now();
    const messages = this.store.messages();
    const byId = new Map(messages.map((message) => [message.id, message]));
    let before: string | null = null;
    return messages.map((message) => {
      const day = dayKey(message.at);
      const label = day === before ? null : dayName(message.at, now);
      before = day;
      const quoted = message.replyTo === undefined ? undefined : byId.get(message.replyTo);
      return {
        message,
        label,
        quoted,
        kind: kindOf(message.content),
        taps: tappablesOf(message),
        reactions: Object.values(message.reactions),
      };
    });
  });

  protected readonly acts = computed((): MenuItem[] =>
    ACTS.map(({ id, word, icon }) => ({ id, text: this.t(word, { type: "" }), icon })),
  );
  protected readonly hearts = ["👍", "❤️", "😂", "😮", "😢", "🙏"].map((emoji): MenuItem => ({ id: emoji, text: emoji }));

  protected act(id: string): void {
    const act = ACTS.find((one) => one.id === id);
    if (act) void this.store.act(act.message);
  }

  protected tap({ act }: Tappable): void {
    void this.store.act(act);
  }

  /** The same emoji once more takes it back. */
  protected react(messageId: string, before: string | undefined, emoji: string): void {
    void this.store.act({ type: "reaction", messageId, emoji: before === emoji ? null : emoji });
  }

  protected send(event: Event): void {
    event.preventDefault();
    const field = this.field()?.nativeElement;
    const text = field?.value.trim();
    if (!field || !text) return;
    field.value = "";
    this.hasText.set(false);
    field.focus();
    void this.store.write(text);
  }
}
