/** What an assistant's answer took: model, time, tokens, money. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import type { MessageView } from "@server/events/view";
import { Icon } from "../ui/icon";
import { durationText } from "../ui/time-text";

type AiRun = NonNullable<MessageView["aiRun"]>;

const COUNT = new Intl.NumberFormat();

/** Millionths of a dollar as dollars, with as many digits as a single answer needs. */
export const moneyText = (micros: number): string => `$${(micros / 1_000_000).toFixed(micros !== 0 && micros < 100 ? 6 : 4)}`;

@Component({
  selector: "app-run-line",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="run">
      <b><app-icon name="assistant" size="icon-s" />{{ run().model }}</b>
      <span class="num" title="Time the assistant took">{{ time() }}</span>
      <span class="num" [title]="tokensTitle()">{{ tokens() }}</span>
      @if (money(); as price) {
        <span class="num" title="Price of this answer">{{ price }}</span>
      }
    </div>
  `,
})
export class RunLine {
  readonly run = input.required<AiRun>();

  protected readonly time = computed(() => durationText(this.run().ms));
  protected readonly tokens = computed(
    () => `${COUNT.format(this.run().inputTokens)} → ${COUNT.format(this.run().outputTokens)} tokens`,
  );
  protected readonly tokensTitle = computed(() => {
    const { inputTokens, cachedTokens, outputTokens } = this.run();
    return `${COUNT.format(inputTokens)} read (${COUNT.format(cachedTokens)} from cache), ${COUNT.format(outputTokens)} written`;
  });
  protected readonly money = computed(() => {
    const { costMicros } = this.run();
    return costMicros === null ? null : moneyText(costMicros);
  });
}
