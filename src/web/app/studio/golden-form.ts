/** One golden conversation as text, with the server's words where it cannot be read. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, output, signal, untracked } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { PromptView } from "@server/features/ai-prompts/ai-prompt.schema";
import type { GoldenView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Toasts } from "../ui/toasts";
import { GOLDEN_EXAMPLE } from "./golden-yaml";

@Component({
  selector: "app-golden-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, RouterLink],
  template: `
    <form class="card form-grid golden-form" (submit)="save($event)">
      <div class="card-head">
        <h2>{{ t(golden() ? "studio.changeGolden" : "studio.newGolden") }}</h2><span class="grow"></span>
        @if (golden()?.conversation; as conversation) {
          <a class="btn btn-s btn-quiet" [routerLink]="['/conversations', conversation]">{{ t("studio.toConversation") }}</a>
        }
      </div>
      <div class="form-row">
        <div class="field"><label class="label" for="golden-name">{{ t("contact.name") }}</label><input class="input" id="golden-name" required maxlength="120" autocomplete="off" dir="auto" [value]="name()" (input)="name.set($any($event.target).value)" /></div>
        <div class="field">
          <label class="label" for="golden-prompt">{{ t("studio.goldenFor") }}</label>
          <select class="input" id="golden-prompt" (change)="prompt.set($any($event.target).value)">
            <option value="" [selected]="prompt() === ''">{{ t("studio.everyPrompt") }}</option>
            @for (one of prompts(); track one.id) {
              <option [value]="one.id" [selected]="prompt() === one.id">{{ one.name }}</option>
            }
          </select>
        </div>
      </div>
      <div class="field">
        <label class="label" for="golden-yaml">{{ t("studio.yaml") }}</label>
        <textarea class="input input-area mono golden-yaml" id="golden-yaml" rows="16" required maxlength="40000" spellcheck="false" dir="auto" aria-describedby="golden-hint" [value]="yaml()" (input)="yaml.set($any($event.target).value)"></textarea>
        <span class="hint" id="golden-hint">{{ t("studio.yamlHint") }}</span>
      </div>
      @if (theirs(); as other) {
        <div class="callout callout-warning" role="alert"><span class="min-w-0">{{ t("studio.goldenTheirs") }}<details><summary>{{ t("studio.theirText") }}</summary><pre class="mono scroll" tabindex="0" dir="auto">{{ other.yaml }}</pre></details><span class="form-ways"><button type="button" (click)="take(other)">{{ t("studio.takeTheirs") }}</button><button type="button" (click)="keepMine(other)">{{ t("studio.keepMine") }}</button></span></span></div>
      } @else if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
      <div class="form-ways">
        <button class="btn btn-primary" type="submit" [attr.aria-disabled]="deed.isBusy()">{{ t("common.save") }}</button>
        <button class="btn" type="button" (click)="closed.emit()">{{ t("common.close") }}</button>
      </div>
    </form>
  `,
})
export class GoldenForm {
  /** Null: a new one. */
  readonly golden = input<GoldenView | null>(null);
  readonly prompts = input<readonly PromptView[]>([]);
  readonly saved = output<GoldenView>();
  readonly closed = output();
  protected readonly t = inject(Words).t;
  readonly #goldens = inject(ApiClient).calls.assistant.goldens;
  readonly #toasts = inject(Toasts);
  readonly #key = new RequestKey();
  protected readonly deed = new Deed();
  protected readonly name = signal("");
  protected readonly yaml = signal("");
  protected readonly prompt = signal("");
  protected readonly theirs = signal<GoldenView | null>(null);
  readonly #version = signal(0);
  readonly #id = computed(() => this.golden()?.id ?? null);

  constructor() {
    // Another one is another form; the same one read again leaves what is being written alone.
    effect(() => {
      this.#id();
      untracked(() => this.#fill(this.golden()));
    });
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const id = this.#id();
    const fields = { name: this.name().trim(), yaml: this.yaml(), prompt: this.prompt() || null };
    let made: GoldenView | null = null;
    const isDone = await this.deed.run(async () => {
      try {
        made = id
          ? await dataOf(this.#goldens({ id }).patch({ ...fields, version: this.#version() }))
          : await this.#key.send(fields, (headers) => dataOf(this.#goldens.post(fields, { headers })));
      } catch (error) {
        // Awaited: ApiFailure; somebody was faster: what they wrote is shown.
        if (id && asFailure(error).code === "request.stale") this.theirs.set(await dataOf(this.#goldens({ id }).get()));
        throw error;
      }
    });
    if (!isDone || !made) return;
    this.#version.set((made as GoldenView).version);
    this.#toasts.say(this.t("settings.saved"), "check-circle");
    this.saved.emit(made);
  }

  protected take(other: GoldenView): void {
    this.#fill(other);
  }

  protected keepMine(other: GoldenView): void {
    this.#version.set(other.version);
    this.theirs.set(null);
    this.deed.failure.set(null);
  }

  #fill(golden: GoldenView | null): void {
    this.name.set(golden?.name ?? "");
    this.yaml.set(golden?.yaml ?? GOLDEN_EXAMPLE);
    this.prompt.set(golden?.prompt ?? "");
    this.#version.set(golden?.version ?? 0);
    this.theirs.set(null);
    this.deed.failure.set(null);
  }
}
