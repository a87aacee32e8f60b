/** Calling a tool with arguments of one's own, as the model would: a real call. */
import { ChangeDetectionStrategy, Component, effect, inject, input, signal, untracked } from "@angular/core";
import type { ToolView } from "@server/features/ai-tools/ai-tool.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { durationText } from "../ui/time-text";
import { argsFrom } from "./tool-fields";

@Component({
  selector: "app-tool-trial",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <form class="card form-grid" (submit)="run($event)">
      <div class="card-head"><h2>{{ t("studio.testTool") }}</h2></div>
      <p class="card-text">{{ t(tool().changes ? "studio.testChanges" : "studio.testText") }}</p>
      <div class="form-row">
        @for (one of tool().parameters; track one.name) {
          <div class="field">
            <label class="label mono" [attr.for]="'arg-' + one.name">{{ one.name }}</label>
            @if (one.type === "boolean") {
              <select class="input" [id]="'arg-' + one.name" [name]="one.name"><option value="true">true</option><option value="false">false</option></select>
            } @else if (one.options.length > 0) {
              <select class="input" [id]="'arg-' + one.name" [name]="one.name">
                @for (option of one.options; track option) {
                  <option [value]="option">{{ option }}</option>
                }
              </select>
            } @else {
              <input class="input" [id]="'arg-' + one.name" [name]="one.name" [type]="one.type === 'number' ? 'number' : one.type === 'date' ? 'date' : 'text'" [attr.step]="one.type === 'number' ? 'any' : null" [required]="one.isRequired" maxlength="1000" autocomplete="off" dir="auto" />
            }
          </div>
        }
        <button class="btn" type="submit" [attr.aria-disabled]="deed.isBusy()">{{ t(deed.isBusy() ? "studio.calling" : "studio.test") }}</button>
      </div>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      @if (answer(); as now) {
        <div class="tool-answer" role="status"><span [class]="'chip ' + (now.ok ? 'chip-success' : 'chip-danger')">{{ t(now.ok ? "studio.ok" : "studio.notOk") }}</span> <span class="meta num">{{ duration(now.ms) }}</span><pre class="mono scroll" tabindex="0" dir="auto" [attr.aria-label]="t('studio.toolResult')">{{ now.text }}</pre></div>
      }
    </form>
  `,
})
export class ToolTrial {
  readonly tool = input.required<ToolView>();
  protected readonly t = inject(Words).t;
  readonly #tools = inject(ApiClient).calls.assistant.tools;
  protected readonly deed = new Deed();
  protected readonly answer = signal<{ ok: boolean; ms: number; text: string } | null>(null);
  protected readonly duration = durationText;

  constructor() {
    effect(() => {
      this.tool();
      untracked(() => this.answer.set(null));
    });
  }

  protected async run(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const args = argsFrom(this.tool().parameters, (name) => String(form.get(name) ?? ""));
    this.answer.set(null);
    await this.deed.run(async () => {
      const { ok, result, ms } = await dataOf(this.#tools({ id: this.tool().id }).test.post({ args }));
      this.answer.set({ ok, ms, text: JSON.stringify(result, null, 2) });
    });
  }
}
