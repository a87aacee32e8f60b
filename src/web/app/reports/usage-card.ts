/** What the assistant has used and cost, by what it did. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { UsageRow } from "@server/features/ai-runs/ai-run.schema";
import { numberFormat } from "../i18n/locale";
import { type WordKey, Words } from "../i18n/words";
import { spanText } from "./report-day";
import { valueText } from "./report-figure";
import type { Usage } from "./report-store";

const MICROS = 1_000_000;
const MONEY = numberFormat({ style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 2 });
const SMALL = numberFormat({ style: "currency", currency: "USD", minimumFractionDigits: 2, maximumFractionDigits: 4 });

/** Dollars; small sums with the parts of a cent that they consist of. */
export const moneyText = (micros: number): string => (micros < MICROS ? SMALL() : MONEY()).format(micros / MICROS);

@Component({
  selector: "app-usage-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <div class="card-head">
      <h2 class="grow">{{ t("reports.usage") }}</h2>
      <span class="meta">{{ days() }}</span>
    </div>
    <p class="usage-total">
      <b class="num" data-usage="cost">{{ money(usage().total.costMicros) }}</b>
      <span class="meta">{{ note() }}</span>
    </p>
    <div class="table-wrap scroll" tabindex="0" role="region" [attr.aria-label]="t('reports.usage')">
      <table class="table figures-table">
        <caption class="sr-only">{{ t("reports.usage") }}</caption>
        <thead>
          <tr><th scope="col">{{ t("reports.usageKind") }}</th><th scope="col">{{ t("reports.usageRuns") }}</th><th scope="col">{{ t("reports.usageRead") }}</th><th scope="col">{{ t("reports.usageWritten") }}</th><th scope="col">{{ t("reports.usageCost") }}</th></tr>
        </thead>
        <tbody>
          @for (row of usage().rows; track row.key) {
            <tr><th scope="row">{{ nameOf(row) }}</th><td class="num">{{ count(row.runs) }}</td><td class="num" [title]="t('reports.usageCached', { count: row.cached })">{{ count(row.input) }}</td><td class="num">{{ count(row.output) }}</td><td class="num">{{ money(row.costMicros) }}</td></tr>
          } @empty {
            <tr><td colspan="5" class="meta">{{ t("reports.noUsage") }}</td></tr>
          }
        </tbody>
      </table>
    </div>
    <p class="meta usage-hint">{{ t("reports.usageHint") }}</p>
  `,
})
export class UsageCard {
  readonly usage = input.required<Usage>();
  readonly span = input.required<{ from: string; to: string }>();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly money = moneyText;
  protected readonly count = (value: number): string => valueText(value, "count");
  protected readonly days = computed(() => spanText(this.span().from, this.span().to));

  protected readonly note = computed(() => {
    const { total, before } = this.usage();
    return [
      before ? this.t("reports.before", { value: moneyText(before.costMicros) }) : "",
      total.savedMicros > 0 ? this.t("reports.usageSaved", { money: moneyText(total.savedMicros) }) : "",
      total.unpriced > 0 ? this.#words.n("reports.usageUnpriced", total.unpriced) : "",
    ]
      .filter(Boolean)
      .join(" · ");
  });

  protected nameOf({ key }: UsageRow): string {
    const word = `reports.usage.${key}`;
    return this.#words.has(word) ? this.t(word as WordKey) : (key ?? this.t("common.none"));
  }
}
