/** Where a person writes a reply. Nothing typed is lost: what could not be sent stays in the thread with its reason. */
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  type ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { type Cancelable, Clock } from "../clock";
import { Icon } from "../ui/icon";
import { ReplyOutbox } from "./reply-outbox";

/** The server takes no longer text. */
const LONGEST = 5000;
/** WhatsApp takes this many in one message; longer ones leave in parts. */
const ONE_MESSAGE = 4096;
/** The counter appears when the end comes near. */
const COUNT_FROM = 3800;
const STOPPED_TYPING_MS = 4_000;
const COUNT = new Intl.NumberFormat();

@Component({
  selector: "app-reply-composer",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <form class="composer" (submit)="send($event)">
      <div class="box">
        <textarea
          #field
          rows="2"
          dir="auto"
          [attr.aria-label]="'Reply to ' + to()"
          [attr.aria-describedby]="left() === null ? null : 'composer-count'"
          [attr.aria-invalid]="isTooLong()"
          [placeholder]="placeholder()"
          (input)="write(field.value)"
          (keydown.enter)="sendByKey($event)"
        ></textarea>
        <div class="tools">
          <span class="hint grow" [class.hint-bad]="isTooLong()" id="composer-count" aria-live="polite">
            @if (left(); as count) {
              {{ count }}
            }
          </span>
          <button class="btn btn-primary" type="submit" [attr.aria-disabled]="!canSend()">
            Send<app-icon name="send" size="icon-m" />
          </button>
        </div>
      </div>
    </form>
  `,
})
export class ReplyComposer {
  readonly to = input.required<string>();
  /** Whose draft is written here: what was typed comes back when the same conversation is opened again. */
  readonly conversation = input.required<string>();
  readonly placeholder = input("Write a reply");
  readonly reply = output<string>();
  readonly typing = output<boolean>();

  readonly #clock = inject(Clock);
  readonly #outbox = inject(ReplyOutbox);
  private readonly field = viewChild.required<ElementRef<HTMLTextAreaElement>>("field");
  readonly #text = signal("");
  #pause: Cancelable | null = null;

  protected readonly isTooLong = computed(() => this.#text().length > LONGEST);
  protected readonly canSend = computed(() => this.#text().trim() !== "" && !this.isTooLong());
  protected readonly left = computed(() => {
    const { length } = this.#text();
    if (length < COUNT_FROM) return null;
    if (length > LONGEST) return `${COUNT.format(length - LONGEST)} characters too many`;
    return length > ONE_MESSAGE
      ? "Leaves in two messages"
      : `${COUNT.format(ONE_MESSAGE - length)} characters left in one message`;
  });

  constructor() {
    afterRenderEffect(() => {
      const draft = this.#outbox.draftOf(this.conversation());
      this.field().nativeElement.value = draft;
      untracked(() => this.#text.set(draft));
    });
    // Nobody can be told any more by then; the sign ends by itself where it is shown.
    inject(DestroyRef).onDestroy(() => this.#pause?.cancel());
  }

  /** Puts words back into the field, in front of what is there. */
  restore(text: string): void {
    const field = this.field().nativeElement;
    field.value = field.value ? `${text}\n${field.value}` : text;
    this.write(field.value);
    field.focus();
  }

  protected write(text: string): void {
    this.#keep(text);
    if (!this.#pause && text) this.typing.emit(true);
    this.#pause?.cancel();
    this.#pause = this.#clock.timer(STOPPED_TYPING_MS, () => this.#stopTyping());
  }

  protected sendByKey(event: Event): void {
    const key = event as KeyboardEvent;
    // Enter ends a word in an input method; Shift+Enter is a line break.
    if (key.shiftKey || key.isComposing) return;
    this.send(event);
  }

  protected send(event: Event): void {
    event.preventDefault();
    const field = this.field().nativeElement;
    this.#text.set(field.value);
    if (!this.canSend()) return;
    this.reply.emit(field.value.trim());
    field.value = "";
    this.#keep("");
    this.#stopTyping();
    field.focus();
  }

  #keep(text: string): void {
    this.#text.set(text);
    this.#outbox.keepDraft(this.conversation(), text);
  }

  #stopTyping(): void {
    if (!this.#pause) return;
    this.#pause.cancel();
    this.#pause = null;
    this.typing.emit(false);
  }
}
