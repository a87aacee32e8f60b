/** A customer's phone: the thread as WhatsApp would show it, and where the customer writes. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  effect,
  inject,
  input,
  linkedSignal,
  output,
  untracked,
  viewChild,
} from "@angular/core";
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
import { PendingTexts } from "./pending-texts";
import { ACTS, type Tappable, tappablesOf } from "./phone-act";
import { PhoneStore } from "./phone-store";
import type { Phone, SandboxView } from "./phone-view";

@Component({
  selector: "app-fake-phone",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, FailureNote, FailurePage, FormattedText, Icon, MenuButton, StickToEnd, Ticks, TypingDots],
  providers: [PhoneStore],
  templateUrl: "./fake-phone.html",
})
export class FakePhone {
  readonly phone = input.required<Phone>();
  readonly company = input.required<SandboxView["business"] | null>();
  /** Others lie beside it: it can be put away, and it says which of them is in the hand. */
  readonly hasNeighbours = input(false);
  readonly isHeld = input(true);
  /** Somebody touches it, or does something on it. */
  readonly held = output();
  readonly away = output();

  protected readonly store = inject(PhoneStore);
  readonly #texts = inject(PendingTexts);
  readonly #clock = inject(Clock);
  private readonly field = viewChild<ElementRef<HTMLInputElement>>("field");

  protected readonly t = inject(Words).t;
  protected readonly clockTime = clockTime;
  readonly #id = computed(() => this.phone().id);
  /** What was in the field when this phone was put away comes back with it. */
  protected readonly draft = computed(() => this.#texts.drafts.get(this.#id()) ?? "");
  protected readonly hasText = linkedSignal(() => this.draft().trim() !== "");
  protected readonly business = computed(() => this.company()?.name ?? "");
  protected readonly number = computed(() => {
    const number = this.company()?.displayNumber ?? "";
    return /^\d+$/.test(number) ? `+${number}` : number;
  });
  protected readonly firstName = computed(() => this.phone().name.split(" ")[0] ?? "");
  protected readonly count = computed(
    () =>
      this.store.messages().length +
      this.store.pending().length +
      (this.store.isTyping() ? 1 : 0) +
      (this.store.actFailure() ? 1 : 0),
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

  constructor() {
    effect(() => {
      const id = this.#id();
      untracked(() => void this.store.show(id));
    });
  }

  protected act(id: string): void {
    const act = ACTS.find((one) => one.id === id);
    if (!act) return;
    this.held.emit();
    void this.store.act(act.message);
  }

  protected tap({ act }: Tappable): void {
    this.held.emit();
    void this.store.act(act);
  }

  /** The same emoji once more takes it back. */
  protected react(messageId: string, before: string | undefined, emoji: string): void {
    this.held.emit();
    void this.store.act({ type: "reaction", messageId, emoji: before === emoji ? null : emoji });
  }

  protected keep(text: string): void {
    this.hasText.set(text.trim() !== "");
    this.#texts.drafts.set(this.#id(), text);
  }

  protected send(event: Event): void {
    event.preventDefault();
    const field = this.field()?.nativeElement;
    const text = field?.value.trim();
    if (!field || !text) return;
    field.value = "";
    this.keep("");
    field.focus();
    this.held.emit();
    void this.store.write(text);
  }
}
