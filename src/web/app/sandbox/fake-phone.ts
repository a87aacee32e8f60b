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
import { StickToEnd } from "../ui/stick-to-end";
import { Ticks } from "../ui/ticks";
import { clockTime, dayKey, dayName } from "../ui/time-text";
import { TypingDots } from "../ui/typing-dots";
import { PhoneStore } from "./phone-store";

@Component({
  selector: "app-fake-phone",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, FailurePage, FormattedText, Icon, StickToEnd, Ticks, TypingDots],
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
      return { message, label, quoted, kind: kindOf(message.content), reactions: Object.values(message.reactions) };
    });
  });

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
