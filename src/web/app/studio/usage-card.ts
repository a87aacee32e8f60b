/** What was used in a period, as bars by day and as a table by what is asked for. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { PromptView } from "@server/features/ai-prompts/ai-prompt.schema";
import type { UsageRow } from "@server/features/ai-runs/ai-run.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Clock } from "../clock";
import { dateFormat, numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { kindWord } from "./assistant-words";
import { dollars } from "./dollars";
import { dayBars, lastDays } from "./usage-days";

type By = "day" | "kind" | "model" | "prompt";
const COUNT = numberFormat();
/** Days are those of the server, which counts in UTC. */
const DAY = dateFormat({ day: "numeric", month: "short", timeZone: "UTC" });

@Component({
  selector: "app-usage-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  templateUrl: "./usage-card.html",
})
export class UsageCard {
  protected readonly t = inject(Words).t;
  readonly #assistant = inject(ApiClient).calls.assistant;
  readonly #clock = inject(Clock);
  protected readonly days = signal(30);
  protected readonly by = signal<By>("kind");
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly usage = signal<{ days: readonly UsageRow[]; rows: readonly UsageRow[]; total: UsageRow } | null>(null);
  readonly #prompts = signal<readonly PromptView[]>([]);
  protected readonly periods = [7, 30, 90] as const;
  protected readonly sorts = [
    { by: "kind", word: "studio.byKind" },
    { by: "model", word: "studio.byModel" },
    { by: "prompt", word: "studio.byPrompt" },
    { by: "day", word: "studio.byDay" },
  ] as const;
  readonly #period = computed(() => lastDays(this.days(), this.#clock.now()));
  protected readonly bars = computed(() => dayBars(this.usage()?.days ?? [], this.#period()));
  protected readonly money = dollars;
  protected readonly count = (value: number): string => COUNT().format(value);
  protected readonly dayText = (day: string): string => DAY().format(new Date(day));
  #asked = 0;

  constructor() {
    void this.load();
    // Awaited: ApiFailure; prompts stay ids then.
    void dataOf(this.#assistant.prompts.get()).then(
      (all) => this.#prompts.set(all),
      () => this.#prompts.set([]),
    );
  }

  protected show(change: { days?: number; by?: By }): void {
    if (change.days) this.days.set(change.days);
    if (change.by) this.by.set(change.by);
    void this.load();
  }

  protected async load(): Promise<void> {
    const asked = ++this.#asked;
    this.failure.set(null);
    try {
      const [days, rows] = await Promise.all(
        (["day", this.by()] as const).map((by) => dataOf(this.#assistant.usage.get({ query: { ...this.#period(), by } }))),
      );
      if (asked === this.#asked && days && rows) this.usage.set({ days: days.rows, rows: rows.rows, total: rows.total });
    } catch (error) {
      // Awaited: ApiFailure: also whoever sees a part of the conversations only.
      if (asked === this.#asked) this.failure.set(asFailure(error));
    }
  }

  protected keyText(key: string | null): string {
    if (key === null) return this.t("studio.ofNone");
    const by = this.by();
    if (by === "kind") return kindWord(this.t, key);
    if (by === "day") return this.dayText(key);
    if (by === "model") return key;
    const [id, number] = key.split(":");
    const prompt = this.#prompts().find((one) => one.id === id);
    if (prompt && number) return this.t("studio.versionOf", { name: prompt.name, number });
    return number ? this.t("studio.gonePrompt") : this.t("studio.textOfSettings");
  }
}
