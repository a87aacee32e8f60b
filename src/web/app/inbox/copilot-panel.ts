/**
 * The copilot above the composer: suggests, rewrites, translates, sums up, answers. Nothing of it is sent or replaces a word before
 * somebody has pressed for it.
 */
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
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { CopilotBody } from "@server/features/copilot/copilot.schema";
import { locale } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { Toasts } from "../ui/toasts";
import { CopilotDesk, type CopilotTask } from "./copilot-desk";
import type { CopilotPut } from "./copilot-put";
import { languagesFor } from "./copilot-text";
import type { DraftKind } from "./draft-store";
import { moneyText } from "./run-line";
import { SourceList } from "./source-list";

type Tone = NonNullable<CopilotBody["tone"]>;

const TONES: readonly Tone[] = ["friendly", "formal", "shorter", "longer", "clearer", "apologetic"];
/** In the translation menu: whatever the customer's file says. */
const THEIRS = "theirs";
/** What an administrator can mend. */
const MENDED_IN_SETTINGS: ReadonlySet<string> = new Set([
  "assistant.no-connection",
  "assistant.budget-used",
  "assistant.provider-failed",
]);

@Component({
  selector: "app-copilot-panel",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, MenuButton, RouterLink, SourceList],
  templateUrl: "./copilot-panel.html",
})
export class CopilotPanel {
  readonly conversation = input.required<string>();
  /** What is written in the field below. */
  readonly text = input.required<string>();
  readonly mode = input.required<DraftKind>();
  /** Whether there is a field to put something in. */
  readonly canPut = input(true);
  readonly put = output<CopilotPut>();
  readonly closed = output();

  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly desk = inject(CopilotDesk);
  readonly #permissions = inject(Permissions);
  readonly #toasts = inject(Toasts);
  private readonly panel = viewChild<ElementRef<HTMLElement>>("panel");
  private readonly question = viewChild<ElementRef<HTMLInputElement>>("question");

  protected readonly isAsking = signal(false);
  /** Somebody wanted their text changed, and has written none. */
  protected readonly needsText = signal(false);
  protected readonly hasSources = signal(false);
  protected readonly tones = computed((): MenuItem[] => TONES.map((id) => ({ id, text: this.t(`copilot.tone.${id}`) })));
  protected readonly languages = computed((): MenuItem[] => [
    { id: THEIRS, text: this.t("copilot.theirLanguage"), icon: "person" },
    ...languagesFor(locale()),
  ]);
  protected readonly hasText = computed(() => this.text().trim() !== "");
  protected readonly isEmpty = computed(() => this.desk.texts().length === 0);
  protected readonly canNote = computed(() => ["summarise", "answer"].includes(this.desk.task()?.task ?? ""));
  protected readonly money = computed(() => {
    const micros = this.desk.answer()?.costMicros ?? null;
    return micros === null ? null : moneyText(micros);
  });
  protected readonly noLanguage = computed(() => {
    const failure = this.desk.failure();
    return failure?.code === "request.invalid" && failure.details.some(({ path }) => path === "body.language");
  });
  protected readonly isMendedInSettings = computed(() => MENDED_IN_SETTINGS.has(this.desk.failure()?.code ?? ""));
  protected readonly canMend = computed(() => this.#permissions.may("assistant.manage"));

  constructor() {
    effect(() => {
      const id = this.conversation();
      untracked(() => {
        this.desk.open(id);
        this.isAsking.set(false);
      });
    });
    effect(() => {
      this.desk.task();
      untracked(() => {
        this.needsText.set(false);
        this.hasSources.set(false);
      });
    });
    void this.words.more();
    // The panel is there once its words are, which may be later than the first rendering.
    let hasFocused = false;
    afterRenderEffect(() => {
      const panel = this.panel();
      if (!panel || hasFocused) return;
      hasFocused = true;
      panel.nativeElement.querySelector<HTMLElement>(".copilot-bar button")?.focus();
    });
    // Nobody reads it any more: it need not be paid for.
    inject(DestroyRef).onDestroy(() => this.desk.stop());
  }

  protected suggest(): void {
    this.#ask({ task: "suggest" });
  }

  protected summarise(): void {
    this.#ask({ task: "summarise", language: this.words.language() });
  }

  protected rewrite(tone: string): void {
    const known = TONES.find((one) => one === tone);
    if (known) this.#askAboutText({ task: "rewrite", tone: known });
  }

  protected translate(language: string): void {
    this.#askAboutText({ task: "translate", ...(language === THEIRS ? {} : { language }) });
  }

  protected startQuestion(): void {
    this.isAsking.update((before) => !before);
    requestAnimationFrame(() => this.question()?.nativeElement.focus());
  }

  protected answer(event: Event, text: string): void {
    event.preventDefault();
    if (text.trim()) this.#ask({ task: "answer", text: text.trim(), language: this.words.language() });
  }

  protected give(text: string, how: CopilotPut["how"]): void {
    this.put.emit({ text, how });
  }

  protected async copy(text: string): Promise<void> {
    // Awaited: NotAllowedError, and no clipboard at all on plain http.
    const isCopied = await (navigator.clipboard?.writeText(text) ?? Promise.reject()).then(
      () => true,
      () => false,
    );
    this.#toasts.say(this.t(isCopied ? "thread.copied" : "thread.notCopied"), isCopied ? "check" : "alert");
  }

  /** One step back: first what runs, then the panel. */
  protected leave(event: Event): void {
    // A dialog inside closes by itself.
    if ((event.target as Element).closest("dialog")) return;
    event.stopPropagation();
    if (this.desk.isBusy()) this.desk.stop();
    else this.closed.emit();
  }

  #ask(task: CopilotTask): void {
    if (task.task !== "answer") this.isAsking.set(false);
    void this.desk.ask(task);
  }

  #askAboutText(task: CopilotTask): void {
    const text = this.text().trim();
    if (text) this.#ask({ ...task, text });
    else this.needsText.set(true);
  }
}
