/** What an erasure has removed, by kind. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { ErasureReceipt } from "@server/features/data-protection/data-protection.schema";
import { type WordKey, Words } from "../i18n/words";
import { fullTime } from "../ui/time-text";

@Component({
  selector: "app-receipt-view",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dl class="facts receipt">
      <div><dt>{{ t("erase.receipt") }}</dt><dd class="mono break-all">{{ receipt().id }}</dd></div>
      <div><dt>{{ t("erase.by") }}</dt><dd dir="auto">{{ receipt().requestedBy.name }}</dd></div>
      <div><dt>{{ t("erase.asked") }}</dt><dd>{{ fullTime(receipt().requestedAt) }}</dd></div>
      @if (receipt().finishedAt; as at) {
        <div><dt>{{ t("erase.finished") }}</dt><dd>{{ fullTime(at) }}</dd></div>
      }
      @for (one of removed(); track one.kind) {
        <div><dt>{{ one.name }}</dt><dd class="num">{{ one.count }}</dd></div>
      }
    </dl>
  `,
})
export class ReceiptView {
  readonly receipt = input.required<ErasureReceipt>();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly fullTime = fullTime;
  protected readonly removed = computed(() =>
    Object.entries(this.receipt().removed)
      .filter(([, count]) => count > 0)
      .map(([kind, count]) => ({ kind, count, name: this.#nameOf(kind) })),
  );

  #nameOf(kind: string): string {
    const word = `erased.${kind}`;
    return this.#words.has(word) ? this.t(word as WordKey) : kind;
  }
}
