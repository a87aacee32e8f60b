/** What the assistant did, the newest first: found by day, kind and outcome, or those of one conversation. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { RunView } from "@server/features/ai-runs/ai-run.schema";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { durationText, fullTime, listTime } from "../ui/time-text";
import { Weave } from "../ui/weave";
import { KNOWN_OUTCOMES, kindWord, outcomeLook, outcomeWord, RUN_KINDS } from "./assistant-words";
import { dollars } from "./dollars";

const PAGE = 50;
const COUNT = numberFormat();

@Component({
  selector: "app-runs-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, Icon, RouterLink, Weave],
  templateUrl: "./runs-page.html",
})
export class RunsPage {
  /** From the address, so that a list can be handed on. */
  readonly day = input<string>();
  readonly kind = input<string>();
  readonly outcome = input<string>();
  readonly conversation = input<string>();
  protected readonly t = inject(Words).t;
  readonly #runs = inject(ApiClient).calls.assistant.runs;
  readonly #router = inject(Router);
  readonly #now = inject(Ticker).now;
  protected readonly rows = signal<readonly RunView[] | null>(null);
  protected readonly next = signal<string | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly kinds = RUN_KINDS;
  protected readonly outcomes = KNOWN_OUTCOMES;
  protected readonly fullTime = fullTime;
  protected readonly duration = durationText;
  protected readonly money = dollars;
  protected readonly look = outcomeLook;
  protected readonly count = (value: number): string => COUNT().format(value);
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());
  protected readonly kindText = (kind: string): string => kindWord(this.t, kind);
  protected readonly outcomeText = (outcome: string): string => outcomeWord(this.t, outcome);
  #asked = 0;

  constructor() {
    effect(() => {
      this.#query();
      untracked(() => void this.load());
    });
  }

  protected filter(change: Record<string, string | null>): void {
    const queryParams = Object.fromEntries(Object.entries(change).map(([name, value]) => [name, value || null]));
    void this.#router.navigate([], { queryParams, queryParamsHandling: "merge", replaceUrl: true });
  }

  protected isFiltered(): boolean {
    return Object.keys(this.#query()).length > 0;
  }

  protected async load(cursor?: string): Promise<void> {
    const asked = ++this.#asked;
    this.failure.set(null);
    if (!cursor) this.rows.set(null);
    try {
      const query = { limit: PAGE, ...this.#query(), ...(cursor ? { cursor } : {}) };
      const page = await pageOf(this.#runs.get({ query }));
      if (asked !== this.#asked) return;
      this.rows.update((rows) => (cursor ? [...(rows ?? []), ...page.items] : page.items));
      this.next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure: also whoever sees a part of the conversations only.
      if (asked === this.#asked) this.failure.set(asFailure(error));
    }
  }

  #query() {
    const kind = RUN_KINDS.find((one) => one === this.kind());
    const [day, outcome, conversation] = [this.day(), this.outcome(), this.conversation()];
    return {
      ...(day ? { day } : {}),
      ...(kind ? { kind } : {}),
      ...(outcome ? { outcome } : {}),
      ...(conversation ? { conversation } : {}),
    };
  }
}
