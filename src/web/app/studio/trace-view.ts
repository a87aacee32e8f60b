/** How an answer came about: calls of the model and of tools as a waterfall, sources, checks, and its tokens as a bar. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { durationText } from "../ui/time-text";
import { checkWord } from "./assistant-words";
import { dollars } from "./dollars";
import { type ModelCall, stepsOf, type ToolCall, tokenParts } from "./trace-steps";

/** What a run and a trial have in common. */
export interface Trace {
  ms: number;
  costMicros: number | null;
  usage: { input: number; cached: number; output: number };
  modelCalls: readonly ModelCall[] | null;
  toolCalls: readonly ToolCall[] | null;
  sources: readonly { title: string; isCited: boolean }[];
  checks: readonly { name: string; ok: boolean; detail: string }[];
}

const COUNT = numberFormat();

@Component({
  selector: "app-trace-view",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <ol class="trace scroll" tabindex="0" [attr.aria-label]="t('studio.steps')">
      @if (trace().sources.length > 0) {
        <li class="trace-step">
          <div class="trace-line"><app-icon name="book" size="icon-m" /><b class="clip">{{ t("studio.passages") }}</b><span class="trace-end meta num">{{ trace().sources.length }}</span></div>
          <ul class="trace-more">
            @for (one of trace().sources; track $index) {
              <li class="trace-source"><app-icon [name]="one.isCited ? 'check' : 'minus'" size="icon-s" /><span class="clip" dir="auto" [title]="one.title">{{ one.title }}</span>@if (!one.isCited) {<span class="meta">{{ t("studio.notCited") }}</span>}</li>
            }
          </ul>
        </li>
      }
      @for (step of steps(); track $index) {
        <li class="trace-step" [class.trace-ai]="step.kind === 'model'" [attr.data-step]="step.kind">
          <div class="trace-line">
            <app-icon [name]="step.kind === 'model' ? 'assistant' : 'tool'" size="icon-m" />
            <b class="clip">{{ step.kind === "model" ? t("studio.modelCall", { model: step.name, number: step.number }) : step.name }}</b>
            @if (!step.ok) {
              <span class="chip chip-danger">{{ t("studio.stepFailed") }}</span>
            }
            <span class="trace-end meta num">{{ duration(step.ms) }}</span>
          </div>
          @if (step.tokens; as used) {
            <div class="trace-more">{{ t("studio.stepTokens", { input: used.input, cached: used.cached, output: used.output }) }}</div>
          }
          @if (step.args !== null) {
            <div class="trace-more"><code dir="auto">{{ step.args }}</code></div>
          }
          @if (step.result; as result) {
            <details class="trace-more"><summary>{{ t("studio.toolResult") }}</summary><code dir="auto">{{ result }}</code></details>
          }
          @if (step.place; as place) {
            <span class="trace-bar" aria-hidden="true"><i [style.left.%]="place.left" [style.width.%]="place.width"></i></span>
          }
        </li>
      } @empty {
        <li class="trace-step meta">{{ t("studio.noSteps") }}</li>
      }
      @if (trace().checks.length > 0) {
        <li class="trace-step" data-step="checks">
          <div class="trace-line"><app-icon name="shield" size="icon-m" /><b class="clip">{{ t("studio.checks") }}</b></div>
          <ul class="trace-more">
            @for (one of trace().checks; track one.name) {
              <li class="trace-source" [class.text-success]="one.ok" [class.text-danger]="!one.ok"><app-icon [name]="one.ok ? 'check' : 'x-circle'" size="icon-s" /><span>{{ checkText(one.name) }}</span>@if (!one.ok && one.detail) {<span class="clip meta" dir="auto">{{ one.detail }}</span>}</li>
            }
          </ul>
        </li>
      }
    </ol>
    <div class="trace-foot">
      <span class="token-bar" role="img" [attr.aria-label]="t('studio.tokenBar', { cached: parts().cached, fresh: parts().fresh, output: parts().output })">
        <i class="token-cached" [style.width.%]="parts().cachedPart"></i><i class="token-fresh" [style.width.%]="parts().freshPart"></i><i class="token-output" [style.width.%]="parts().outputPart"></i>
      </span>
      <span class="token-words meta num">
        <span><i class="dot token-cached" aria-hidden="true"></i>{{ t("studio.cached", { count: count(parts().cached) }) }}</span>
        <span><i class="dot token-fresh" aria-hidden="true"></i>{{ t("studio.fresh", { count: count(parts().fresh) }) }}</span>
        <span><i class="dot token-output" aria-hidden="true"></i>{{ t("studio.written", { count: count(parts().output) }) }}</span>
        <b>{{ cost() }}</b>
      </span>
    </div>
  `,
})
export class TraceView {
  readonly trace = input.required<Trace>();
  protected readonly t = inject(Words).t;
  protected readonly steps = computed(() => stepsOf(this.trace().modelCalls, this.trace().toolCalls, this.trace().ms));
  protected readonly parts = computed(() => tokenParts(this.trace().usage));
  protected readonly cost = computed(() => {
    const { costMicros } = this.trace();
    return costMicros === null ? this.t("studio.unpriced") : dollars(costMicros);
  });
  protected readonly duration = durationText;
  protected readonly count = (value: number): string => COUNT().format(value);
  protected readonly checkText = (name: string): string => checkWord(this.t, name);
}
