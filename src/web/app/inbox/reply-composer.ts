/** Where a person writes: a reply, or a note for colleagues. Nothing typed is lost: drafts outlive the page and the computer, and what could not be sent stays in the thread with its reason. */
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  effect,
  inject,
  input,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import type { MessageView } from "@server/events/view";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Commands } from "../shell/commands";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { AttachmentTray, messagesOf } from "./attachment-tray";
import { ChoicesBuilder } from "./choices-builder";
import { countText, LONGEST } from "./composer-count";
import { ComposerField } from "./composer-field";
import { ComposerSuggestions } from "./composer-suggestions";
import { mentionedIn } from "./composer-trigger";
import { CopilotPanel } from "./copilot-panel";
import type { CopilotPut } from "./copilot-put";
import { Directory } from "./directory";
import type { DraftKind } from "./draft-store";
import { EmojiButton } from "./emoji-button";
import { LaterDialog } from "./later-dialog";
import { kindOf } from "./message-kind";
import { SendHabits } from "./send-habits";
import { SuggestionList } from "./suggestion-list";
import { TemplatePicker } from "./template-picker";
import { VoiceButton } from "./voice-button";

type Answerable = Exclude<NewMessage, { type: "reaction" }>;

export interface OutgoingReply {
  message: Answerable;
  text: string;
  holdMs?: number;
  thenResolve?: boolean;
  /** It is a note for colleagues, and mentions these. */
  note?: { mentions: string[] };
}

@Component({
  selector: "app-reply-composer",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    AttachmentTray,
    ChoicesBuilder,
    CopilotPanel,
    EmojiButton,
    Icon,
    LaterDialog,
    MenuButton,
    SuggestionList,
    TemplatePicker,
    VoiceButton,
  ],
  providers: [ComposerSuggestions],
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
  /** Whether it is for the customer. */
  readonly answering = output<boolean>();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly habits = inject(SendHabits);
  protected readonly suggestions = inject(ComposerSuggestions);
  readonly #directory = inject(Directory);
  private readonly field = viewChild<ElementRef<HTMLTextAreaElement>>("field");
  protected readonly tray = viewChild(AttachmentTray);
  readonly #permissions = inject(Permissions);

  protected readonly mayUseCopilot = computed(() => this.#permissions.may("assistant.use"));
  protected readonly hasCopilot = signal(false);

  protected readonly mode = signal<DraftKind>("reply");
  protected readonly writing = new ComposerField({
    element: () => this.field()?.nativeElement,
    conversation: this.conversation,
    mode: this.mode,
    written: (hasText) => this.written.emit(hasText),
    typing: (on) => this.typing.emit(on),
  });
  protected readonly text = this.writing.text.asReadonly();
  /** A field to write in: notes need no open window. */
  protected readonly canWrite = computed(() => this.mode() === "note" || this.isWindowOpen());
  protected readonly dialog = signal<"choices" | "template" | "later" | null>(null);
  /** What leaves later. */
  protected readonly later = signal<readonly Answerable[]>([]);
  protected readonly isDropping = signal(false);
  protected readonly isTooLong = computed(() => this.text().length > LONGEST);
  protected readonly canSend = computed(() => {
    const tray = this.tray();
    const files = tray?.files() ?? [];
    if (this.mode() === "note") return !this.isTooLong() && this.text().trim() !== "";
    return !this.isTooLong() && (files.length > 0 ? files.every(({ media }) => media !== null) : this.text().trim() !== "");
  });
  protected readonly left = computed(() => countText(this.text().length, this.mode(), this.t));
  protected readonly quotedText = computed(() => {
    const quoted = this.quoted();
    if (!quoted) return "";
    const kind = kindOf(quoted);
    return quoted.content || (kind ? this.t(kind.word, { type: quoted.type }) : "");
  });
  protected readonly sendWays = computed((): MenuItem[] => [
    { id: "resolve", text: this.t("composer.sendAndResolve"), icon: "check-circle" },
    { id: "later", text: this.t("composer.sendLater"), icon: "clock" },
    { id: "enter", text: this.t("composer.enterSends"), icon: "keyboard", isOn: this.habits.enterSends() },
    { id: "undo", text: this.t("composer.undoTime"), icon: "undo", isOn: this.habits.holdMs() > 0 },
  ]);

  constructor() {
    afterRenderEffect(() => {
      const draft = this.writing.recall();
      this.field();
      untracked(() => this.writing.show(draft));
    });
    effect(() => this.answering.emit(this.mode() === "reply"));
    const shown = computed(() => this.conversation());
    afterRenderEffect(() => {
      shown();
      untracked(() => {
        this.mode.set("reply");
        this.suggestions.close();
      });
    });
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
      { id: "note", group: "composer", icon: "note", word: "command.note", keys: "alt+p", run: () => this.choose("note") },
      {
        id: "copilot",
        group: "composer",
        icon: "assistant",
        word: "composer.copilot",
        keys: "alt+i",
        run: () => this.turnCopilot(!this.hasCopilot()),
        isPossible: () => this.mayUseCopilot(),
      },
    ]);
  }

  focus(): void {
    this.choose("reply");
  }

  /** Reply or note; the field has the focus then. */
  choose(mode: DraftKind): void {
    this.mode.set(mode);
    this.writing.rest();
    this.writing.focus();
  }

  /** Puts words back into the field, in front of what is there. */
  restore(text: string, mode: DraftKind = "reply"): void {
    this.writing.prepend(text, mode);
    this.choose(mode);
  }

  /** Opens the copilot, or folds it and goes back to the field. */
  protected turnCopilot(on: boolean): void {
    this.hasCopilot.set(on);
    if (!on) this.field()?.nativeElement.focus();
  }

  /** Takes the copilot's words. */
  protected put(given: CopilotPut): void {
    this.hasCopilot.set(false);
    if (given.how === "note") this.restore(given.text, "note");
    else this.writing.put(given);
  }

  protected press(event: KeyboardEvent): void {
    // Enter ends a word in an input method.
    if (event.isComposing) return;
    if (this.writing.steer(event)) return;
    const isForced = event.ctrlKey || event.metaKey;
    // Shift+Enter is a line break.
    if (event.key !== "Enter" || (!isForced && (event.shiftKey || !this.habits.enterSends()))) return;
    this.send(event);
  }

  protected turn(event: Event): void {
    event.preventDefault();
    this.choose(this.mode() === "reply" ? "note" : "reply");
    requestAnimationFrame(() => document.getElementById(`kind-${this.mode()}`)?.focus());
  }

  protected send(event: Event | null, thenResolve = false): void {
    event?.preventDefault();
    const field = this.field()?.nativeElement;
    if (!field) return;
    this.writing.text.set(field.value);
    if (!this.canSend()) return;
    if (this.mode() === "note") {
      const text = field.value.trim();
      this.reply.emit({ message: { text }, text, note: { mentions: mentionedIn(text, this.#directory.agents()) } });
      this.writing.empty();
      return;
    }
    const replies = messagesOf(this.tray()?.files() ?? [], field.value.trim());
    for (const [index, { message, text }] of replies.entries())
      this.reply.emit({
        message,
        text,
        ...(this.habits.holdMs() > 0 ? { holdMs: this.habits.holdMs() } : {}),
        ...(thenResolve && index === replies.length - 1 ? { thenResolve } : {}),
      });
    this.tray()?.clear();
    this.writing.empty();
  }

  /** It waits on the server now. */
  protected leaveLater(): void {
    this.tray()?.clear();
    this.writing.empty();
  }

  protected chooseWay(id: string): void {
    if (id === "resolve") this.send(null, true);
    else if (id === "later") this.#openLater();
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

  #openLater(): void {
    const field = this.field()?.nativeElement;
    if (!field || !this.canSend()) {
      field?.focus();
      return;
    }
    this.later.set(messagesOf(this.tray()?.files() ?? [], field.value.trim()).map(({ message }) => message));
    this.dialog.set("later");
  }
}
