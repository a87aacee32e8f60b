/** Prices of models by the day from which they hold, in dollars per million tokens. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, signal, untracked } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { Clock } from "../clock";
import { type WordKey, Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { Toasts } from "../ui/toasts";
import { SettingsGroup } from "./settings-group";
import { dayOf } from "./usage-days";

interface Price {
  model: string;
  effectiveFrom: string;
  source: "official" | "secondary" | "assumed";
  input: number;
  cached: number;
  cacheWrite: number;
  cacheWrite12h: number;
  output: number;
  perMinute?: number;
}

type Amount = "input" | "cached" | "cacheWrite" | "cacheWrite12h" | "output";
const AMOUNTS: readonly { name: Amount; word: WordKey }[] = [
  { name: "input", word: "studio.priceInput" },
  { name: "cached", word: "studio.priceCached" },
  { name: "cacheWrite", word: "studio.priceWrite" },
  { name: "cacheWrite12h", word: "studio.priceWrite12" },
  { name: "output", word: "studio.priceOutput" },
];
const SOURCES: readonly { name: Price["source"]; word: WordKey }[] = [
  { name: "official", word: "studio.sourceOfficial" },
  { name: "secondary", word: "studio.sourceSecondary" },
  { name: "assumed", word: "studio.sourceAssumed" },
];

@Component({
  selector: "app-price-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  templateUrl: "./price-card.html",
})
export class PriceCard {
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #toasts = inject(Toasts);
  protected readonly group = new SettingsGroup<{ rows: Price[] }>(
    () => this.#api.getSettings("assistant-prices"),
    (change) => this.#api.patchSettings("assistant-prices", change),
  );
  protected readonly rows = signal<readonly Price[]>([]);
  protected readonly amounts = AMOUNTS;
  protected readonly sources = SOURCES;
  protected readonly isChanged = computed(
    () => JSON.stringify(this.rows()) !== JSON.stringify(this.group.state()?.values.rows ?? []),
  );
  #mine: readonly Price[] | null = null;

  constructor() {
    effect(() => {
      const state = this.group.state();
      // What is typed stays when somebody else's prices are only the new ground for it.
      untracked(() => this.rows.set(this.#mine ?? state?.values.rows ?? []));
      this.#mine = null;
    });
    void this.group.load();
  }

  protected add(): void {
    const empty = { input: 0, cached: 0, cacheWrite: 0, cacheWrite12h: 0, output: 0 };
    this.rows.update((rows) => [...rows, { model: "", effectiveFrom: dayOf(this.#clock.now()), source: "official", ...empty }]);
  }

  protected write(at: number, change: Partial<Price>): void {
    this.rows.update((rows) => rows.map((row, index) => (index === at ? { ...row, ...change } : row)));
  }

  protected writeAmount(at: number, name: Amount, dollars: number): void {
    this.write(at, { [name]: dollars });
  }

  /** Sound is sold by the minute only where there is an amount. */
  protected writeMinute(at: number, text: string): void {
    this.rows.update((rows) =>
      rows.map((row, index) => {
        if (index !== at) return row;
        const { perMinute: _, ...rest } = row;
        return text.trim() === "" ? rest : { ...rest, perMinute: Number(text) };
      }),
    );
  }

  protected remove(at: number): void {
    this.rows.update((rows) => rows.filter((_, index) => index !== at));
  }

  protected keepMine(): void {
    this.#mine = this.rows();
    this.group.settle();
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    if (await this.group.save({ rows: [...this.rows()] })) this.#toasts.say(this.t("settings.saved"), "check-circle");
  }
}
