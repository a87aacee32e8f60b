/** Replays: answers of the past given again with another prompt, model or knowledge. Begun here, and all of them listed. */
import { ChangeDetectionStrategy, Component, DestroyRef, inject, input, signal } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { PromptView } from "@server/features/ai-prompts/ai-prompt.schema";
import type { NewReplay, ReplayView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { listTime } from "../ui/time-text";
import { dollars, microsFrom } from "./dollars";
import { stateLook, stateWord } from "./replay-words";

const PAGE = 30;

@Component({
  selector: "app-replays-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, RouterLink],
  templateUrl: "./replays-page.html",
})
export class ReplaysPage {
  /** From the address: the prompt to begin with. */
  readonly prompt = input<string>();
  protected readonly t = inject(Words).t;
  readonly #assistant = inject(ApiClient).calls.assistant;
  readonly #router = inject(Router);
  readonly #now = inject(Ticker).now;
  readonly #key = new RequestKey();
  protected readonly prompts = signal<readonly PromptView[]>([]);
  protected readonly rows = signal<readonly ReplayView[] | null>(null);
  protected readonly next = signal<string | null>(null);
  protected readonly models = signal<readonly string[]>([]);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  /** What is wrong with the amount. */
  protected readonly isBadAmount = signal(false);
  protected readonly money = dollars;
  protected readonly look = stateLook;
  protected readonly stateText = (replay: ReplayView): string => stateWord(this.t, replay);
  protected readonly timeOf = (at: string): string => listTime(at, this.#now());

  constructor() {
    void this.load();
    // Awaited: ApiFailure; a model can be typed.
    void dataOf(this.#assistant.models.get()).then(
      (all) => this.models.set(all.map(({ id }) => id)),
      () => this.models.set([]),
    );
    const off = inject(LiveConnection).on("assistant-replay:updated", ({ replay, state, done, total }) =>
      this.rows.update(
        (rows) =>
          rows?.map((one) => (one.id === replay ? { ...one, state: state as ReplayView["state"], done, total } : one)) ?? null,
      ),
    );
    inject(DestroyRef).onDestroy(off);
  }

  protected async load(cursor?: string): Promise<void> {
    this.failure.set(null);
    try {
      const [page, prompts] = await Promise.all([
        pageOf(this.#assistant.replays.get({ query: { limit: PAGE, ...(cursor ? { cursor } : {}) } })),
        dataOf(this.#assistant.prompts.get()),
      ]);
      this.prompts.set(prompts);
      this.rows.update((rows) => (cursor ? [...(rows ?? []), ...page.items] : page.items));
      this.next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error));
    }
  }

  protected sideOf({ change }: ReplayView): string {
    const parts: string[] = [];
    if (change.prompt) {
      const name = this.prompts().find(({ id }) => id === change.prompt?.id)?.name ?? this.t("studio.gonePrompt");
      const { side } = change.prompt;
      parts.push(side === "draft" ? this.t("studio.draftOf", { name }) : this.t("studio.versionOf", { name, number: side }));
    }
    if (change.model) parts.push(change.model);
    if (change.knowledge) parts.push(this.t("studio.knowledgeNow"));
    return parts.join(" · ") || this.t("studio.nothingChanged");
  }

  protected part({ done, total }: ReplayView): number {
    return (done / Math.max(1, total)) * 100;
  }

  /** The draft of the prompt the address names, else nothing. */
  protected isProposed(prompt: PromptView, side: string): boolean {
    return prompt.id === this.prompt() && side === (prompt.draft ? "draft" : String(prompt.published?.number));
  }

  protected async start(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const word = (name: string) => String(form.get(name) ?? "").trim();
    const maxMicros = microsFrom(word("most"));
    this.isBadAmount.set(maxMicros === null || Number.isNaN(maxMicros));
    if (maxMicros === null || this.isBadAmount()) return;
    const [id, side] = word("side").split(":");
    const body: NewReplay = {
      last: Number(word("last")),
      maxMicros,
      ...(word("name") ? { name: word("name") } : {}),
      ...(id && side ? { prompt: { id, side } } : {}),
      ...(word("model") ? { model: word("model") } : {}),
      knowledge: form.get("knowledge") !== null,
      judge: form.get("judge") !== null,
    };
    await this.deed.run(async () => {
      const made = await this.#key.send(body, (headers) => dataOf(this.#assistant.replays.post(body, { headers })));
      void this.#router.navigate(["/studio/replays", made.id]);
    });
  }
}
