/** Golden conversations: what has to come out well before a prompt is published. Written here, played here, each with its result. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import type { PromptView } from "@server/features/ai-prompts/ai-prompt.schema";
import type { GoldenResult, GoldenView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Weave } from "../ui/weave";
import { outcomeWord } from "./assistant-words";
import { GoldenForm } from "./golden-form";

@Component({
  selector: "app-goldens-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, GoldenForm, Icon, RouterLink, SureButton, Weave],
  templateUrl: "./goldens-page.html",
})
export class GoldensPage {
  /** From the address: this one is opened. */
  readonly golden = input<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  readonly #assistant = inject(ApiClient).calls.assistant;
  protected readonly all = signal<readonly GoldenView[] | null>(null);
  protected readonly prompts = signal<readonly PromptView[]>([]);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  protected readonly playing = new Deed();
  protected readonly chosen = signal<ReadonlySet<string>>(new Set());
  /** Null: none is written; "new": one that is not there yet. */
  protected readonly open = signal<GoldenView | "new" | null>(null);
  protected readonly against = signal("");
  protected readonly results = signal<ReadonlyMap<string, GoldenResult>>(new Map());
  protected readonly isEvidence = signal(true);
  protected readonly sides = computed(() =>
    this.prompts().flatMap(({ id, name, draft, published }) => [
      ...(draft ? [{ value: `${id}:draft`, text: this.t("studio.draftOf", { name }) }] : []),
      ...(published
        ? [{ value: `${id}:${published.number}`, text: this.t("studio.versionOf", { name, number: published.number }) }]
        : []),
    ]),
  );
  protected readonly score = computed(() => {
    const all = [...this.results().values()];
    return all.length === 0 ? null : { passed: all.filter(({ ok }) => ok).length, total: all.length };
  });
  protected readonly opened = computed(() => {
    const open = this.open();
    return open === "new" ? null : open;
  });

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    this.failure.set(null);
    try {
      const [all, prompts] = await Promise.all([dataOf(this.#assistant.goldens.get()), dataOf(this.#assistant.prompts.get())]);
      this.all.set(all);
      this.prompts.set(prompts);
      const wanted = all.find(({ id }) => id === this.golden());
      if (wanted && this.open() === null) this.open.set(wanted);
    } catch (error) {
      // Awaited: ApiFailure: also whoever does not see every conversation.
      this.failure.set(asFailure(error));
    }
  }

  protected promptName(id: string | null): string {
    if (id === null) return this.t("studio.everyPrompt");
    return this.prompts().find((one) => one.id === id)?.name ?? this.t("studio.gonePrompt");
  }

  protected choose(id: string, on: boolean): void {
    const next = new Set(this.chosen());
    if (on) next.add(id);
    else next.delete(id);
    this.chosen.set(next);
  }

  /** Plays the chosen ones, else all that are switched on. */
  protected async play(only?: string): Promise<void> {
    const ids = only ? [only] : [...this.chosen()];
    const [id, side] = this.against().split(":");
    const body = { ...(id && side ? { prompt: { id, side } } : {}), ...(ids.length > 0 ? { only: ids } : {}) };
    await this.playing.run(async () => {
      const { results, isEvidence } = await dataOf(this.#assistant.goldens.run.post(body));
      this.results.set(new Map([...(only ? this.results() : []), ...results.map((one) => [one.id, one] as const)]));
      this.isEvidence.set(isEvidence || results.every(({ model }) => model === null));
    });
  }

  protected async toggle(one: GoldenView): Promise<void> {
    const change = { version: one.version, isEnabled: !one.isEnabled };
    if (await this.deed.run(() => dataOf(this.#assistant.goldens({ id: one.id }).patch(change)))) await this.load();
    else if (this.deed.failure()?.code === "request.stale") await this.#refresh();
  }

  protected async remove(one: GoldenView): Promise<void> {
    if (!(await this.deed.run(() => dataOf(this.#assistant.goldens({ id: one.id }).delete())))) return;
    this.choose(one.id, false);
    if (this.opened()?.id === one.id) this.open.set(null);
    await this.load();
  }

  protected async saved(golden: GoldenView): Promise<void> {
    this.open.set(golden);
    await this.load();
  }

  protected outcomeOf(result: GoldenResult): string {
    return result.outcome === null ? "" : outcomeWord(this.t, result.outcome);
  }

  /** What it is now, while the refusal stays in sight. */
  async #refresh(): Promise<void> {
    // Awaited: ApiFailure; the refusal is shown already.
    const all = await dataOf(this.#assistant.goldens.get()).catch(() => null);
    if (all) this.all.set(all);
  }
}
