/** Where a person writes: a reply, or a note for colleagues. Nothing typed is lost: drafts outlive the page and the computer, and what could not be sent stays in the thread with its reason. */
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
import { asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Commands } from "../shell/commands";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Toasts } from "../ui/toasts";
import { AttachmentTray, messagesOf } from "./attachment-tray";
import { ChoicesBuilder } from "./choices-builder";
import { countText, LONGEST } from "./composer-count";
import { ComposerSuggestions, type Suggestion } from "./composer-suggestions";
import { ComposerSwap } from "./composer-swap";
import { mentionedIn } from "./composer-trigger";
import { CopilotPanel } from "./copilot-panel";
import type { CopilotPut } from "./copilot-put";
import { Directory } from "./directory";
import { type DraftKind, DraftStore } from "./draft-store";
import { EmojiButton } from "./emoji-button";
import { LaterDialog } from "./later-dialog";
import { kindOf } from "./message-kind";
import { SendHabits } from "./send-habits";
import { SuggestionList } from "./suggestion-list";
import { TemplatePicker } from "./template-picker";
import { TypingSign } from "./typing-sign";
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

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly habits = inject(SendHabits);
  protected readonly suggestions = inject(ComposerSuggestions);
  readonly #drafts = inject(DraftStore);
  readonly #directory = inject(Directory);
  readonly #toasts = inject(Toasts);
  private readonly field = viewChild<ElementRef<HTMLTextAreaElement>>("field");
  protected readonly tray = viewChild(AttachmentTray);
  protected readonly text = signal("");
  readonly #permissions = inject(Permissions);
  readonly #sign = new TypingSign(inject(Clock), (on) => this.typing.emit(on));

  protected readonly mayUseCopilot = computed(() => this.#permissions.may("assistant.use"));
  protected readonly hasCopilot = signal(false);
  protected readonly swap = new ComposerSwap(() => `${this.conversation()} ${this.mode()}`);

  protected readonly mode = signal<DraftKind>("reply");
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
      const draft = this.#drafts.textOf(this.conversation(), this.mode());
      const field = this.field()?.nativeElement;
      untracked(() => {
        if (field && field.value !== draft) field.value = draft;
        this.text.set(draft);
        this.written.emit(draft !== "");
      });
    });
    const shown = computed(() => this.conversation());
    afterRenderEffect(() => {
      shown();
      untracked(() => {
        this.mode.set("reply");
        this.suggestions.close();
      });
    });
    inject(DestroyRef).onDestroy(() => this.#sign.drop());
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
    this.suggestions.close();
    this.#sign.stop();
    // The field may have to be drawn first.
    requestAnimationFrame(() => this.field()?.nativeElement.focus());
  }

  /** Puts words back into the field, in front of what is there. */
  restore(text: string, mode: DraftKind = "reply"): void {
    const before = this.#drafts.textOf(this.conversation(), mode);
    // Where the window has closed meanwhile, the words wait as a draft.
    this.#drafts.keep(this.conversation(), mode, before ? `${text}\n${before}` : text);
    this.choose(mode);
  }

  /** Opens the copilot, or folds it and goes back to the field. */
  protected turnCopilot(on: boolean): void {
    this.hasCopilot.set(on);
    if (!on) this.field()?.nativeElement.focus();
  }

  /** Puts the copilot's words where they are wanted; what was typed comes back with one press. */
  protected put(given: CopilotPut): void {
    this.hasCopilot.set(false);
    const field = this.field()?.nativeElement;
    if (given.how === "note") this.restore(given.text, "note");
    else if (field) {
      this.swap.put(field, given);
      this.write(field.value);
      field.focus();
    }
  }

  /** Changes what is in the field for what was there: neither is lost. */
  protected swapBack(): void {
    const field = this.field()?.nativeElement;
    if (!field) return;
    this.swap.back(field);
    this.write(field.value);
    field.focus();
  }

  protected write(text: string): void {
    this.#keep(text);
    this.#suggest();
    if (this.mode() === "note") return;
    this.#sign.typed(text !== "");
  }

  /** Puts text where the caret is. */
  protected insert(text: string): void {
    const field = this.field()?.nativeElement;
    if (!field) return;
    field.setRangeText(text, field.selectionStart, field.selectionEnd, "end");
    this.write(field.value);
    field.focus();
  }

  protected press(event: KeyboardEvent): void {
    // Enter ends a word in an input method.
    if (event.isComposing) return;
    if (this.suggestions.isOpen() && this.#steer(event)) return;
    const isForced = event.ctrlKey || event.metaKey;
    // Shift+Enter is a line break.
    if (event.key !== "Enter" || (!isForced && (event.shiftKey || !this.habits.enterSends()))) return;
    this.send(event);
  }

  /** Puts a canned reply or a name where its sign was typed. */
  protected async take(item: Suggestion): Promise<void> {
    const field = this.field()?.nativeElement;
    const trigger = this.suggestions.trigger();
    if (!field || !trigger) return;
    const to = field.selectionStart;
    this.suggestions.close();
    let text = `@${item.sign} `;
    if (item.kind === "canned") {
      try {
        const rendered = await this.suggestions.render(item.id, this.conversation());
        text = rendered.text;
        if (rendered.missing.length > 0)
          this.#toasts.say(this.t("composer.cannedMissing", { names: rendered.missing.join(", ") }), "info");
      } catch (error) {
        // Awaited: ApiFailure; what was typed stays.
        this.#toasts.say(this.words.failure(asFailure(error)), "alert");
        return;
      }
    }
    field.setRangeText(text, trigger.from, to, "end");
    this.write(field.value);
    field.focus();
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
    this.text.set(field.value);
    if (!this.canSend()) return;
    if (this.mode() === "note") {
      const text = field.value.trim();
      this.reply.emit({ message: { text }, text, note: { mentions: mentionedIn(text, this.#directory.agents()) } });
      this.#empty(field);
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
    this.#empty(field);
  }

  /** It waits on the server now. */
  protected leaveLater(): void {
    const field = this.field()?.nativeElement;
    this.tray()?.clear();
    if (field) this.#empty(field);
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

  #empty(field: HTMLTextAreaElement): void {
    field.value = "";
    this.swap.forget();
    this.#keep("");
    this.suggestions.close();
    this.#sign.stop();
    field.focus();
  }

  #suggest(): void {
    const field = this.field()?.nativeElement;
    if (field) this.suggestions.look(field.value, field.selectionStart, this.mode());
  }

  /** True: the key was for the open list. */
  #steer(event: KeyboardEvent): boolean {
    const step = ({ ArrowDown: 1, ArrowUp: -1 } as const)[event.key as "ArrowDown"];
    const current = this.suggestions.current();
    if (step) this.suggestions.step(step);
    else if (event.key === "Escape") this.suggestions.close();
    else if ((event.key === "Enter" || event.key === "Tab") && current && !event.shiftKey) void this.take(current);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  #keep(text: string): void {
    if ((this.text() === "") !== (text === "")) this.written.emit(text !== "");
    this.text.set(text);
    this.#drafts.keep(this.conversation(), this.mode(), text);
  }
}
