/** Money: what the assistant has used by day, kind, model and prompt; what it may use; what models cost; and which of them end. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { Words } from "../i18n/words";
import { BudgetCard } from "./budget-card";
import { ModelCard } from "./model-card";
import { PriceCard } from "./price-card";
import { UsageCard } from "./usage-card";

@Component({
  selector: "app-money-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [BudgetCard, ModelCard, PriceCard, UsageCard],
  template: `
    <div class="page-body scroll" tabindex="0" role="region" [attr.aria-label]="t('studio.money')">
      <div class="room-head"><h2 class="room-title">{{ t("studio.money") }}</h2></div>
      <div class="stack">
        <app-usage-card />
        <div class="columns"><app-budget-card /><app-model-card /></div>
        <app-price-card />
      </div>
    </div>
  `,
})
export class MoneyPage {
  protected readonly t = inject(Words).t;
}
