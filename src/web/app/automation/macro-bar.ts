/** Run a macro: found by a few letters, with what it will do beside it, and run by Enter. Opened from the conversation and from the command bar. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { FailureNote } from "../ui/failure-note";
import { foldedText } from "../ui/folded-text";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { ACTION_ICONS, kindOfAction } from "./action-kinds";
import { AutomationChoices } from "./automation-choices";
import { AutomationText, type Known, knownOf } from "./automation-text";
import { MacroRunner } from "./macro-runner";

@Component({
  selector: "app-macro-bar",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, Modal, RouterLink],
  templateUrl: "./macro-bar.html",
})
export class MacroBar {
  /** On which conversations it will run. */
  readonly conversations = input.required<readonly string[]>();
  /** Whom it is about, when it is one: the preview then speaks to them. */
  readonly customer = input<string | null>(null);
  readonly closed = output();
  /** One was chosen and is being run. */
  readonly ran = output();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #macros = inject(ApiClient).calls.macros;
  readonly #session = inject(Session);
  readonly #runner = inject(MacroRunner);
  readonly #text = inject(AutomationText);
  private readonly modal = viewChild.required(Modal);
  private readonly list = viewChild<ElementRef<HTMLElement>>("list");
  readonly #at = signal(0);
  protected readonly query = signal("");
  protected readonly macros = signal<readonly MacroView[] | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  #chosen: MacroView | null = null;

  protected readonly found = computed(() => {
    const wanted = foldedText(this.query()).split(/\s+/).filter(Boolean);
    return (this.macros() ?? []).filter(({ name, description }) => {
      const words = foldedText(`${name} ${description}`);
      return wanted.every((part) => words.includes(part));
    });
  });
  protected readonly current = computed(() => this.found()[Math.min(this.#at(), this.found().length - 1)] ?? null);
  readonly #known = computed((): Known => {
    const customer = this.customer();
    return customer === null ? {} : knownOf(customer, this.#session.agent()?.name ?? "");
  });
  protected readonly lines = computed(() =>
    (this.current()?.actions ?? []).map((action) => ({
      icon: ACTION_ICONS[kindOfAction(action)],
      text: this.#text.action(action, this.#known()),
    })),
  );

  constructor() {
    void inject(AutomationChoices).loadNames();
    void this.load();
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      this.macros.set(await dataOf(this.#macros.get()));
    } catch (error) {
      // Awaited: ApiFailure, shown with a way to try again.
      this.failure.set(asFailure(error));
    }
  }

  protected search(text: string): void {
    this.query.set(text);
    this.#at.set(0);
  }

  protected point(macro: MacroView): void {
    this.#at.set(this.found().indexOf(macro));
  }

  protected steer(event: KeyboardEvent): void {
    const { length } = this.found();
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && length > 0) {
      event.preventDefault();
      this.#at.set((Math.min(this.#at(), length - 1) + step + length) % length);
      this.list()?.nativeElement.querySelector(`#macro-${this.current()?.id}`)?.scrollIntoView({ block: "nearest" });
    } else if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      const macro = this.current();
      if (macro) this.run(macro);
    }
  }

  /** Closes first: the focus is back where it was when the conversation changes. */
  protected run(macro: MacroView): void {
    this.#chosen = macro;
    this.modal().close();
  }

  protected finish(): void {
    const conversations = this.conversations();
    const chosen = this.#chosen;
    this.closed.emit();
    if (!chosen) return;
    void this.#runner.run(chosen, conversations);
    this.ran.emit();
  }

  protected close(): void {
    this.modal().close();
  }
}
