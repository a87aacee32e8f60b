/** What rules and macros have done, the newest first: each action with what came of it. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { RunView } from "@server/features/automation-actions/automation-run.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { fullTime, listTime } from "../ui/time-text";
import { AutomationText } from "./automation-text";
import { runDetail } from "./run-detail";

const LOOKS = { pending: "chip-warning", done: "chip-success", failed: "chip-danger", skipped: "" } as const;
const OUTCOME_ICONS = { done: "check", failed: "close", skipped: "minus", unknown: "help" } as const;

@Component({
  selector: "app-run-log",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RouterLink],
  template: `
    <div class="stack">
      <header class="rule-head">
        <div class="grow min-w-0">
          <a class="btn btn-s btn-quiet" routerLink="/settings/automation"><app-icon name="arrow-left" size="icon-m" />{{ t("automation.heading") }}</a>
          <h1 class="room-title">{{ t("runs.heading") }}</h1>
        </div>
        <div class="field">
          <label class="label" for="run-source">{{ t("runs.of") }}</label>
          <select class="input input-small" id="run-source" (change)="filter($any($event.target).value)">
            <option value="">{{ t("runs.all") }}</option>
            @for (one of sources(); track one.id) {
              <option [value]="one.id" [selected]="one.id === source()">{{ one.name }}</option>
            }
          </select>
        </div>
        <button class="btn" type="button" (click)="load()"><app-icon name="retry" size="icon-m" />{{ t("runs.again") }}</button>
      </header>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
      <section class="card" [attr.aria-label]="t('runs.heading')">
        <ul class="rows">
          @for (run of runs(); track run.id) {
            <li class="ran">
              <div class="ran-head">
                <span class="chip" [class]="looks[run.state]">{{ t(stateWord(run.state)) }}</span>
                <b class="clip" dir="auto">{{ run.name }}</b>
                <span class="meta">{{ run.kind === "macro" ? t("runs.by", { name: run.by }) : text.event(run.event ?? "") }}</span>
                <span class="grow"></span>
                <time class="meta num" [attr.datetime]="run.createdAt" [title]="full(run.createdAt)">{{ ago(run.createdAt) }}</time>
                <a class="ibtn" [routerLink]="['/conversations', run.conversation]" [attr.aria-label]="t('runs.open', { name: run.name })" [title]="t('runs.open', { name: run.name })"><app-icon name="inbox" size="icon-m" /></a>
              </div>
              <ol class="ran-steps">
                @for (one of run.outcomes; track $index) {
                  <li [attr.data-state]="one.state"><app-icon [name]="icons[one.state]" size="icon-s" /><span class="min-w-0">{{ text.deed(one.do) }}<span class="sr-only"> {{ t(outcomeWord(one.state)) }}</span>@if (one.detail; as detail) {<span class="meta" dir="auto"> · {{ said(detail) }}</span>}</span></li>
                }
              </ol>
            </li>
          } @empty {
            @if (!deed.isBusy() && !deed.failure()) {
              <li class="empty empty-card"><h2>{{ t("runs.none") }}</h2><p>{{ t("runs.noneText") }}</p></li>
            }
          }
        </ul>
        @if (next()) {
          <p class="form-ways"><button class="btn" type="button" (click)="more()">{{ t("search.more") }}</button></p>
        }
      </section>
    </div>
  `,
})
export class RunLog {
  /** From the address: only what this rule or macro has done. */
  readonly source = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly text = inject(AutomationText);
  readonly #calls = inject(ApiClient).calls;
  readonly #router = inject(Router);
  readonly #now = inject(Ticker).now;
  protected readonly deed = new Deed();
  protected readonly runs = signal<readonly RunView[]>([]);
  protected readonly next = signal<string | null>(null);
  readonly #names = signal<readonly { id: string; name: string }[]>([]);
  /** What has gone is still known by its runs. */
  protected readonly sources = computed(() => {
    const named = new Map(this.#names().map((one) => [one.id, one]));
    for (const { source, name } of this.runs()) if (!named.has(source)) named.set(source, { id: source, name });
    return [...named.values()];
  });
  protected readonly looks = LOOKS;
  protected readonly icons = OUTCOME_ICONS;
  protected readonly stateWord = (state: RunView["state"]) => `runs.state.${state}` as const;
  protected readonly outcomeWord = (state: RunView["outcomes"][number]["state"]) => `runs.outcome.${state}` as const;
  protected readonly full = fullTime;
  protected readonly ago = (at: string): string => listTime(at, this.#now());
  protected readonly said = (detail: string): string => runDetail(detail, this.words);

  constructor() {
    effect(() => {
      this.source();
      untracked(() => void this.load());
    });
    // Awaited: ApiFailure; the list then offers what has run.
    const named = Promise.all([dataOf(this.#calls["automation-rules"].get()), dataOf(this.#calls.macros.get())]);
    void named
      .then(([rules, macros]) => this.#names.set([...rules, ...macros].map(({ id, name }) => ({ id, name }))))
      .catch(() => null);
  }

  protected filter(source: string): void {
    void this.#router.navigate([], { queryParams: source ? { source } : {} });
  }

  protected async load(): Promise<void> {
    await this.deed.run(async () => {
      const { items, next } = await this.#page();
      this.runs.set(items);
      this.next.set(next);
    });
  }

  protected async more(): Promise<void> {
    await this.deed.run(async () => {
      const { items, next } = await this.#page(this.next() ?? undefined);
      this.runs.update((all) => [...all, ...items]);
      this.next.set(next);
    });
  }

  #page(cursor?: string) {
    const source = this.source();
    const query = { limit: 30, ...(source ? { source } : {}), ...(cursor ? { cursor } : {}) };
    return pageOf(this.#calls["automation-runs"].get({ query }));
  }
}
