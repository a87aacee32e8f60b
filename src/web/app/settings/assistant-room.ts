/** The assistant: how it reaches its provider, tried out before it is kept; how it speaks; and what it may cost. */
import { ChangeDetectionStrategy, Component, inject, signal } from "@angular/core";
import type { ConnectionPatch, ConnectionView } from "@server/features/assistant-connection/assistant-connection.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { durationText } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { RulesRoom } from "./rules-room";

type Values = ConnectionPatch["values"];
interface Step {
  step: "plain" | "tool" | "structured";
  ok: boolean;
  ms: number;
  problem?: string | undefined;
  detail?: string | undefined;
}

@Component({
  selector: "app-assistant-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, RulesRoom],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("assistant.heading") }}</h1>
      <section class="card">
        <h2>{{ t("assistant.connection") }}</h2>
        @if (connection(); as now) {
          <p class="card-text">{{ t(sourceWord(now.source)) }} · <span class="mono">{{ now.model ?? "–" }}</span></p>
          <form class="form-grid" (submit)="save($event)">
            <div class="form-row">
              <div class="field"><label class="label" for="ai-key">{{ t("assistant.key") }}</label><input class="input mono" id="ai-key" name="apiKey" type="password" maxlength="1000" autocomplete="off" [placeholder]="now.hasKey ? '…' + (now.keyEnd ?? '') : ''" /></div>
              <div class="field"><label class="label" for="ai-model">{{ t("assistant.model") }}</label><input class="input mono" id="ai-model" name="model" maxlength="120" autocomplete="off" [value]="now.source === 'stored' ? (now.model ?? '') : ''" /></div>
            </div>
            <div class="field"><label class="label" for="ai-url">{{ t("assistant.url") }}</label><input class="input mono" id="ai-url" name="baseUrl" type="url" maxlength="2048" autocomplete="off" [value]="now.source === 'stored' ? (now.baseUrl ?? '') : ''" placeholder="https://api.openai.com/v1" /></div>
            @if (deed.failure(); as refused) {
              <app-failure-note [failure]="refused" />
            }
            @if (steps(); as all) {
              <ul class="rows" role="status">
                @for (step of all; track step.step) {
                  <li class="row-line"><app-icon [name]="step.ok ? 'check-circle' : 'x-circle'" size="icon-m" /><span class="grow">{{ t(stepWord(step.step)) }} <span class="meta">{{ step.problem ?? "" }} {{ step.detail ?? "" }}</span></span><span class="meta num">{{ duration(step.ms) }}</span></li>
                }
              </ul>
            }
            <div class="form-ways">
              <button class="btn" type="button" [attr.aria-disabled]="deed.isBusy()" (click)="test($event)">{{ t("assistant.test") }}</button>
              <button class="btn btn-primary" type="submit">{{ t("common.save") }}</button>
            </div>
          </form>
        } @else if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
      </section>
      <app-rules-room [only]="groups" />
    </div>
  `,
})
export class AssistantRoom {
  protected readonly t = inject(Words).t;
  readonly #assistant = inject(ApiClient).calls.assistant.connection;
  readonly #toasts = inject(Toasts);
  protected readonly groups = ["assistant", "assistant-hearing", "assistant-budgets", "knowledge"];
  protected readonly deed = new Deed();
  protected readonly connection = signal<ConnectionView | null>(null);
  protected readonly steps = signal<readonly Step[] | null>(null);
  protected readonly duration = durationText;
  protected readonly sourceWord = (source: ConnectionView["source"]) => `assistant.${source}` as const;
  protected readonly stepWord = (step: Step["step"]) => `assistant.step.${step}` as const;

  constructor() {
    void this.deed.run(async () => this.connection.set(await dataOf(this.#assistant.get())));
  }

  protected async test(event: Event): Promise<void> {
    const form = (event.target as HTMLElement).closest("form");
    if (!form) return;
    this.steps.set(null);
    await this.deed.run(async () => this.steps.set((await dataOf(this.#assistant.test.post(valuesOf(form)))).steps));
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const now = this.connection();
    const values = valuesOf(event.target as HTMLFormElement);
    if (!now || Object.keys(values).length === 0) return;
    const isDone = await this.deed.run(async () =>
      this.connection.set(await dataOf(this.#assistant.patch({ version: now.version, values }))),
    );
    if (isDone) this.#toasts.say(this.t("settings.saved"), "check-circle");
  }
}

/** What was filled in; what is empty stays as it is. */
function valuesOf(form: HTMLFormElement): Values {
  const given = new FormData(form);
  const word = (name: string) => {
    const text = String(given.get(name) ?? "").trim();
    return text ? { [name]: text } : {};
  };
  return { ...word("apiKey"), ...word("model"), ...word("baseUrl") };
}
