/** Where a person writes. Nothing typed is lost: drafts outlive the page, and what could not be sent stays in the thread with its reason. */
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
import type { MessageView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Commands } from "../shell/commands";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { AttachmentTray, messagesOf } from "./attachment-tray";
import { ChoicesBuilder } from "./choices-builder";
import { EmojiButton } from "./emoji-button";
import { kindOf } from "./message-kind";
import { ReplyOutbox } from "./reply-outbox";
import { SendHabits } from "./send-habits";
import { TemplatePicker } from "./template-picker";
import { VoiceButton } from "./voice-button";

type Answerable = Exclude<NewMessage, { type: "reaction" }>;

export interface OutgoingReply {
  message: Answerable;
  text: string;
  holdMs?: number;
  thenResolve?: boolean;
}

/** The server takes no longer text. */
const LONGEST = 5000;
/** WhatsApp takes this many in one message; longer ones leave in parts. */
const ONE_MESSAGE = 4096;
/** The counter appears when the end comes near. */
const COUNT_FROM = 3800;
const STOPPED_TYPING_MS = 4_000;

@Component({
  selector: "app-reply-composer",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AttachmentTray, ChoicesBuilder, EmojiButton, Icon, MenuButton, TemplatePicker, VoiceButton],
  templateUrl: "./reply-composer.html",
})
export class ReplyComposer {
  readonly to = input.required<string>();
  /** Whose draft is written here: what was typed comes back when the same conversation is opened again. */
  readonly conversation = input.required<string>();
  readonly contactLanguage = input<string | null>(null);
  readonly isWindowOpen = input(true);
  readonly isOpen = input(true);
  /** When the window closed, or will. */
  readonly lastWrote = input<string | null>(null);
  readonly placeholder = input("");
  readonly quoted = input<MessageView | null>(null);
  readonly unquote = output();
  readonly reply = output<OutgoingReply>();
  readonly typing = output<boolean>();
  /** Whether something is written. */
  readonly written = output<boolean>();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly habits = inject(SendHabits);
  readonly #clock = inject(Clock);
  readonly #outbox = inject(ReplyOutbox);
  private readonly field = viewChild<ElementRef<HTMLTextAreaElement>>("field");
  protected readonly tray = viewChild(AttachmentTray);
  readonly #text = signal("");
  #pause: Cancelable | null = null;

  protected readonly dialog = signal<"choices" | "template" | null>(null);
  protected readonly isDropping = signal(false);
  protected readonly isTooLong = computed(() => this.#text().length > LONGEST);
  protected readonly hasFiles = computed(() => (this.tray()?.files().length ?? 0) > 0);
  protected readonly canSend = computed(() => {
    const tray = this.tray();
    const files = tray?.files() ?? [];
    return !this.isTooLong() && (files.length > 0 ? files.every(({ media }) => media !== null) : this.#text().trim() !== "");
  });
  protected readonly left = computed(() => {
    const { length } = this.#text();
    if (length < COUNT_FROM) return null;
    if (length > LONGEST) return this.t("composer.tooMany", { count: length - LONGEST });
    return length > ONE_MESSAGE ? this.t("composer.inTwo") : this.t("composer.left", { count: ONE_MESSAGE - length });
  });
  protected readonly quotedText = computed(() => {
    const quoted = this.quoted();
    if (!quoted) return "";
    const kind = kindOf(quoted);
    return quoted.content || (kind ? this.t(kind.word, { type: quoted.type }) : "");
  });
  protected readonly sendWays = computed((): MenuItem[] => [
    { id: "resolve", text: this.t("composer.sendAndResolve"), icon: "check-circle" },
    { id: "enter", text: this.t("composer.enterSends"), icon: "keyboard", isOn: this.habits.enterSends() },
    { id: "undo", text: this.t("composer.undoTime"), icon: "undo", isOn: this.habits.holdMs() > 0 },
  ]);

  constructor() {
    afterRenderEffect(() => {
      const conversation = this.conversation();
      const field = this.field()?.nativeElement;
      untracked(() => {
        const draft = this.#outbox.draftOf(conversation);
        if (field && field.value !== draft) field.value = draft;
        this.#text.set(draft);
        this.written.emit(draft !== "");
      });
    });
    // Nobody can be told any more by then; the sign ends by itself where it is shown.
    inject(DestroyRef).onDestroy(() => this.#pause?.cancel());
    inject(Commands).add([
      {
        id: "attach",
        group: "composer",
        icon: "attach",
        word: "composer.attach",
        keys: "mod+alt+a",
        run: () => this.tray()?.browse(),
        isPossible: () => this.isWindowOpen(),
      },
      { id: "template", group: "composer", icon: "template", word: "composer.template", run: () => this.dialog.set("template") },
      {
        id: "choices",
        group: "composer",
        icon: "buttons",
        word: "composer.choices",
        run: () => this.dialog.set("choices"),
        isPossible: () => this.isWindowOpen(),
      },
    ]);
  }

  focus(): void {
    this.field()?.nativeElement.focus();
  }

  /** Puts words back into the field, in front of what is there. */
  restore(text: string): void {
    const field = this.field()?.nativeElement;
    if (!field) {
      // The window has closed meanwhile: the words wait as a draft.
      this.#outbox.keepDraft(this.conversation(), text);
      return;
    }
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

  /** Puts text where the caret is. */
  protected insert(text: string): void {
    const field = this.field()?.nativeElement;
    if (!field) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    this.write(field.value);
    field.focus();
  }

  protected sendByKey(event: Event): void {
    const key = event as KeyboardEvent;
    // Enter ends a word in an input method; Shift+Enter is a line break.
    if (key.isComposing) return;
    const isForced = key.ctrlKey || key.metaKey;
    if (!isForced && (key.shiftKey || !this.habits.enterSends())) return;
    this.send(event);
  }

  protected send(event: Event | null, thenResolve = false): void {
    event?.preventDefault();
    const field = this.field()?.nativeElement;
    if (!field) return;
    this.#text.set(field.value);
    if (!this.canSend()) return;
    const replies = messagesOf(this.tray()?.files() ?? [], field.value.trim());
    for (const [index, { message, text }] of replies.entries())
      this.reply.emit({
        message,
        text,
        ...(this.habits.holdMs() > 0 ? { holdMs: this.habits.holdMs() } : {}),
        ...(thenResolve && index === replies.length - 1 ? { thenResolve } : {}),
      });
    this.tray()?.clear();
    field.value = "";
    this.#keep("");
    this.#stopTyping();
    field.focus();
  }

  protected chooseWay(id: string): void {
    if (id === "resolve") this.send(null, true);
    else if (id === "enter") this.habits.setEnterSends(!this.habits.enterSends());
    else this.habits.setUndo(this.habits.holdMs() === 0);
  }

  protected sendOther(message: Answerable, text: string): void {
    this.dialog.set(null);
    this.reply.emit({ message, text });
    this.focus();
  }

  protected paste(event: ClipboardEvent): void {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    this.tray()?.add(files);
  }

  protected hover(event: DragEvent, on: boolean): void {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    this.isDropping.set(on);
  }

  protected drop(event: DragEvent): void {
    event.preventDefault();
    this.isDropping.set(false);
    this.tray()?.add([...(event.dataTransfer?.files ?? [])]);
  }

  #keep(text: string): void {
    if ((this.#text() === "") !== (text === "")) this.written.emit(text !== "");
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
