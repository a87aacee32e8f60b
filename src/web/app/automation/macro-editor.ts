/** A macro: what is done at a press, in which order, and who can run it. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { MacroView } from "@server/features/macros/macro.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Session } from "../session/session";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { missingIn } from "./action-kinds";
import { ActionList } from "./action-list";
import { AutomationChoices } from "./automation-choices";
import { AutomationText } from "./automation-text";
import { ConflictNote } from "./conflict-note";
import { withPlaces } from "./failure-places";
import { LeaveDialog } from "./leave-dialog";
import { type Leavable, LeaveGuard } from "./leave-guard";
import { blankMacro, isSameMacro, type MacroDraft, macroDraftOf, macroOf } from "./macro-draft";
import { ValueList } from "./value-list";

@Component({
  selector: "app-macro-editor",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ActionList, ConflictNote, FailureNote, FailurePage, Icon, LeaveDialog, RouterLink, ValueList],
  templateUrl: "./macro-editor.html",
})
export class MacroEditor implements Leavable {
  /** From the address; absent: a new one. */
  readonly id = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly choices = inject(AutomationChoices);
  readonly #text = inject(AutomationText);
  readonly #macros = inject(ApiClient).calls.macros;
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #permissions = inject(Permissions);
  readonly #session = inject(Session);

  protected readonly draft = signal<MacroDraft>(blankMacro());
  protected readonly stored = signal<MacroView | null>(null);
  protected readonly phase = signal<"loading" | "ready">("loading");
  protected readonly loadFailure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  protected readonly hasTried = signal(false);
  protected readonly theirs = signal<MacroView | null>(null);
  protected readonly mayManage = computed(() => this.#permissions.may("automation.manage"));
  /** Those of others can be looked at by whoever may run them. */
  protected readonly mayChange = computed(() => {
    const stored = this.stored();
    if (stored === null || this.mayManage()) return true;
    return stored.visibility === "personal" && stored.owner === this.#session.agent()?.id;
  });
  protected readonly isChanged = computed(() => {
    const stored = this.stored();
    return !isSameMacro(this.draft(), stored ? macroDraftOf(stored) : blankMacro());
  });
  readonly leaving = new LeaveGuard(() => this.phase() === "ready" && this.mayChange() && this.isChanged());
  protected readonly visibilities = computed(() =>
    this.mayManage() ? (["personal", "team", "all"] as const) : (["personal"] as const),
  );
  protected readonly visibilityWord = (one: MacroView["visibility"]) => `macro.for.${one}` as const;
  protected readonly failure = computed(() => {
    const failure = this.deed.failure();
    return failure && this.theirs() === null ? withPlaces(failure, this.words) : null;
  });
  protected readonly lines = computed(() => this.draft().steps.map(({ action }) => this.#text.action(action)));
  protected readonly theirLines = computed(() => {
    const macro = this.theirs();
    return macro ? [macro.name, ...macro.actions.map((action) => this.#text.action(action))] : [];
  });
  protected readonly trouble = computed(() => {
    const { name, steps, visibility, teams } = this.draft();
    if (name.trim() === "") return this.t("rule.needsName");
    if (visibility === "team" && teams.length === 0) return this.t("macro.needsTeam");
    if (steps.length === 0) return this.t("rule.noSteps");
    const step = steps.findIndex(({ action }) => missingIn(action) !== null);
    return step < 0 ? null : this.t("rule.needsStep", { number: step + 1 });
  });

  constructor() {
    effect(() => {
      this.id();
      untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    const id = this.id();
    this.loadFailure.set(null);
    this.phase.set("loading");
    try {
      const [, macro] = await Promise.all([this.choices.load(), id ? dataOf(this.#macros({ id }).get()) : null]);
      this.#take(macro);
      this.phase.set("ready");
    } catch (error) {
      // Awaited: ApiFailure, shown in the place of the form with a way to try again.
      this.loadFailure.set(asFailure(error));
    }
  }

  protected set(change: Partial<MacroDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    this.hasTried.set(true);
    if (this.trouble() === null && this.mayChange()) await this.#store(this.stored()?.version);
  }

  /** Mine holds: stored over the version that is there now. */
  protected async keepMine(): Promise<void> {
    const version = this.theirs()?.version;
    this.theirs.set(null);
    await this.#store(version);
  }

  protected takeTheirs(): void {
    this.#take(this.theirs());
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  async #store(version: number | undefined): Promise<void> {
    const macro = macroOf(this.draft());
    const id = this.stored()?.id;
    const isDone = await this.deed.run(async () => {
      const stored = await (id
        ? dataOf(this.#macros({ id }).patch({ ...macro, ...(version === undefined ? {} : { version }) }))
        : dataOf(this.#macros.post(macro)));
      this.#take(stored);
    });
    if (isDone) {
      this.#toasts.say(this.t("settings.saved"), "check-circle");
      if (!id) void this.#router.navigate(["/settings/macros"]);
    } else if (id && this.deed.failure()?.code === "request.stale") {
      // Awaited: ApiFailure when it has gone meanwhile; the refusal is then shown as it is.
      this.theirs.set(await dataOf(this.#macros({ id }).get()).catch(() => null));
    }
  }

  #take(macro: MacroView | null): void {
    this.stored.set(macro);
    this.draft.set(macro ? macroDraftOf(macro) : blankMacro());
    this.hasTried.set(false);
  }
}
