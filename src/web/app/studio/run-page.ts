/** One turn of the assistant: what it was given, how the answer came about, what it rests on and what it cost. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { FullRunView } from "@server/features/ai-runs/ai-run.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { durationText, fullTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { kindWord, outcomeLook, outcomeWord } from "./assistant-words";
import { dollars } from "./dollars";
import { inputOf, sourcesOf } from "./run-input";
import { type Trace, TraceView } from "./trace-view";

@Component({
  selector: "app-run-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, FormattedText, Icon, RouterLink, TraceView],
  templateUrl: "./run-page.html",
})
export class RunPage {
  readonly id = input.required<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #assistant = inject(ApiClient).calls.assistant;
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();
  protected readonly run = signal<FullRunView | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  /** The golden conversation that was made of it. */
  protected readonly golden = signal<string | null>(null);
  protected readonly given = computed(() => inputOf(this.run()?.input ?? null));
  protected readonly trace = computed((): Trace | null => {
    const run = this.run();
    return run && { ...run, sources: sourcesOf(this.given(), run.citations), checks: [] };
  });
  /** Id of the prompt and number of its version; null for the text of the settings. */
  protected readonly prompt = computed(() => {
    const [id, number] = this.run()?.prompt?.split(":") ?? [];
    return id && number ? { id, number } : null;
  });
  protected readonly fullTime = fullTime;
  protected readonly duration = durationText;
  protected readonly money = dollars;
  protected readonly look = outcomeLook;
  protected readonly kindText = (kind: string): string => kindWord(this.t, kind);
  protected readonly outcomeText = (outcome: string): string => outcomeWord(this.t, outcome);

  constructor() {
    effect(() => {
      this.id();
      untracked(() => void this.load());
    });
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      this.run.set(await dataOf(this.#assistant.runs({ id: this.id() }).get()));
    } catch (error) {
      // Awaited: ApiFailure: not there, or not within reach.
      this.failure.set(asFailure(error));
    }
  }

  /** Makes a golden conversation of it, which expects the outcome of then. */
  protected async keep(event: Event): Promise<void> {
    event.preventDefault();
    const name = String(new FormData(event.target as HTMLFormElement).get("name")).trim();
    const body = { run: this.id(), name };
    const isDone = await this.deed.run(async () => {
      const made = await this.#key.send(body, (headers) => dataOf(this.#assistant.goldens.record.post(body, { headers })));
      this.golden.set(made.id);
    });
    if (isDone) this.#toasts.say(this.t("studio.keptAsGolden"), "check-circle");
  }
}
