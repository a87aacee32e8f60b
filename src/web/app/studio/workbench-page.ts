/** The bench: a prompt, a customer to try it out with, and how each answer came about. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { TrialView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { durationText } from "../ui/time-text";
import { Weave } from "../ui/weave";
import { dollars } from "./dollars";
import { Playground } from "./playground";
import { PromptDialog } from "./prompt-dialog";
import { PromptEditor } from "./prompt-editor";
import { PublishDialog } from "./publish-dialog";
import { TraceView } from "./trace-view";
import { VersionsDialog } from "./versions-dialog";
import { WorkbenchStore } from "./workbench-store";

@Component({
  selector: "app-workbench-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    FailurePage,
    Icon,
    MenuButton,
    Playground,
    PromptDialog,
    PromptEditor,
    PublishDialog,
    RouterLink,
    TraceView,
    VersionsDialog,
    Weave,
  ],
  providers: [WorkbenchStore],
  templateUrl: "./workbench-page.html",
})
export class WorkbenchPage {
  /** From the address; without it the first one is opened. */
  readonly id = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly store = inject(WorkbenchStore);
  readonly #router = inject(Router);
  readonly #calls = inject(ApiClient).calls;
  protected readonly dialog = signal<"new" | "place" | "versions" | "publish" | null>(null);
  protected readonly trial = signal<TrialView | null>(null);
  protected readonly models = signal<readonly string[]>([]);
  protected readonly choices = computed((): MenuItem[] =>
    (this.store.all() ?? []).map(({ id, name, published, draft, isPaused }) => ({
      id,
      text: name,
      detail: isPaused
        ? this.t("studio.paused")
        : published
          ? this.t("studio.versionNumber", { number: published.number }) + (draft ? " *" : "")
          : this.t("studio.draft"),
      isOn: id === this.store.prompt()?.id,
    })),
  );
  protected readonly traceText = computed(() => {
    const trial = this.trial();
    if (!trial) return "";
    const { modelCalls, toolCalls, ms, costMicros } = trial;
    return [
      this.words.n("studio.modelCalls", modelCalls.length),
      this.words.n("studio.toolCalls", toolCalls.length),
      durationText(ms),
      ...(costMicros === null ? [] : [dollars(costMicros)]),
    ].join(" · ");
  });
  protected readonly where = computed(() => {
    const prompt = this.store.prompt();
    if (!prompt) return "";
    const { when, between, channels, teams } = prompt;
    return [
      when === "always" ? this.t("studio.whenAlways") : this.t(when === "open" ? "studio.whenOpen" : "studio.whenClosed"),
      ...(between ? [`${between.from}–${between.to}`] : []),
      ...(channels.length > 0 ? [this.words.n("studio.onNumbers", channels.length)] : []),
      ...(teams.length > 0 ? [this.words.n("studio.forTeams", teams.length)] : []),
    ].join(" · ");
  });

  constructor() {
    void this.store.load();
    // Awaited: ApiFailure: the provider is not asked for its list twice, a model can be typed.
    void dataOf(this.#calls.assistant.models.get()).then(
      (all) => this.models.set(all.map(({ id }) => id)),
      () => this.models.set([]),
    );
    effect(() => {
      const all = this.store.all();
      const wanted = this.id();
      const found = all?.find(({ id }) => id === wanted) ?? all?.[0];
      if (found && found.id !== this.store.prompt()?.id) {
        untracked(() => {
          this.store.open(found.id);
          this.trial.set(null);
        });
      }
    });
  }

  protected choose(id: string): void {
    this.dialog.set(null);
    void this.#router.navigate(["/studio/prompts", ...(id ? [id] : [])]);
  }
}
