/** What the assistant may spend, in dollars. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { type WordKey, Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Toasts } from "../ui/toasts";
import { dollarField, microsFrom } from "./dollars";
import { SettingsGroup } from "./settings-group";

interface Budgets {
  conversationMicros: number | null;
  contactDayMicros: number | null;
  dayMicros: number | null;
  monthMicros: number | null;
  stepDownPercent: number;
  cannedReply: string;
}

type Limit = "conversationMicros" | "contactDayMicros" | "dayMicros" | "monthMicros";
const LIMITS: readonly { name: Limit; word: WordKey }[] = [
  { name: "dayMicros", word: "studio.limitDay" },
  { name: "monthMicros", word: "studio.limitMonth" },
  { name: "conversationMicros", word: "studio.limitConversation" },
  { name: "contactDayMicros", word: "studio.limitContact" },
];

@Component({
  selector: "app-budget-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <section class="card">
      <div class="card-head"><h3>{{ t("studio.budgets") }}</h3></div>
      <p class="card-text">{{ t("studio.budgetsText") }}</p>
      @if (group.state(); as now) {
        <form class="form-grid" data-card="budgets" (submit)="save($event)">
          <div class="budget-fields">
            @for (one of limits; track one.name) {
              <div class="field"><label class="label" [attr.for]="'budget-' + one.name">{{ t(one.word) }}</label><input class="input num" [id]="'budget-' + one.name" [name]="one.name" inputmode="decimal" maxlength="14" autocomplete="off" [placeholder]="t('studio.noLimit')" [value]="fieldOf(now.values[one.name])" [attr.aria-invalid]="bad() === one.name || null" /></div>
            }
            <div class="field"><label class="label" for="budget-step">{{ t("studio.stepDown") }}</label><input class="input num" id="budget-step" name="stepDownPercent" type="number" min="1" max="100" required [value]="now.values.stepDownPercent" /></div>
          </div>
          <div class="field"><label class="label" for="budget-reply">{{ t("studio.cannedReply") }}</label><textarea class="input input-area" id="budget-reply" name="cannedReply" rows="2" maxlength="1000" dir="auto" [placeholder]="t('studio.usualReply')" [value]="now.values.cannedReply"></textarea></div>
          @if (bad()) {
            <p class="hint hint-bad" role="alert">{{ t("studio.badAmount") }}</p>
          }
          @if (group.theirs()) {
            <div class="callout callout-warning" role="alert"><span>{{ t("studio.settingsTheirs") }}<span class="form-ways"><button type="button" (click)="group.settle()">{{ t("studio.takeTheirs") }}</button><button type="button" (click)="keepMine()">{{ t("studio.keepMine") }}</button></span></span></div>
          } @else if (group.deed.failure(); as refused) {
            <app-failure-note [failure]="refused" />
          }
          <div class="form-ways"><button class="btn" type="submit" [attr.aria-disabled]="group.deed.isBusy()">{{ t("common.save") }}</button></div>
        </form>
      } @else if (group.deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="group.load()" />
      }
    </section>
  `,
})
export class BudgetCard {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #toasts = inject(Toasts);
  protected readonly group = new SettingsGroup<Budgets>(
    () => this.#api.getSettings("assistant-budgets"),
    (change) => this.#api.patchSettings("assistant-budgets", change),
  );
  protected readonly limits = LIMITS;
  protected readonly bad = signal<Limit | null>(null);
  protected readonly fieldOf = dollarField;

  constructor() {
    void this.group.load();
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    await this.#send(event.target as HTMLFormElement);
  }

  /** What is typed goes over theirs. */
  protected async keepMine(): Promise<void> {
    const form = document.querySelector<HTMLFormElement>('[data-card="budgets"]');
    if (!form) return;
    const values = this.#valuesOf(form);
    this.group.settle();
    if (values) await this.#save(values);
  }

  async #send(form: HTMLFormElement): Promise<void> {
    const values = this.#valuesOf(form);
    if (values) await this.#save(values);
  }

  async #save(values: Budgets): Promise<void> {
    if (await this.group.save(values)) this.#toasts.say(this.t("settings.saved"), "check-circle");
  }

  /** Null where an amount is none. */
  #valuesOf(form: HTMLFormElement): Budgets | null {
    const given = new FormData(form);
    const word = (name: string) => String(given.get(name) ?? "");
    const amounts = LIMITS.map(({ name }) => [name, microsFrom(word(name))] as const);
    const wrong = amounts.find(([, micros]) => Number.isNaN(micros));
    this.bad.set(wrong?.[0] ?? null);
    if (wrong) return null;
    const limits = Object.fromEntries(amounts) as Record<Limit, number | null>;
    return { ...limits, stepDownPercent: Number(word("stepDownPercent")), cannedReply: word("cannedReply").trim() };
  }
}
