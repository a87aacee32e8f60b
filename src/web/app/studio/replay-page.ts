/** One replay: how far it is, and answer by answer what was said then and what would be said now. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  effect,
  inject,
  input,
  signal,
  untracked,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import type { ReplayItemView, ReplayView } from "@server/features/ai-replays/ai-replay.schema";
import { dataOf, pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { FormattedText } from "../ui/formatted-text";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { checkWord, outcomeWord } from "./assistant-words";
import { dollarField, dollars, microsFrom } from "./dollars";
import { costChange, reasonWord, stateLook, stateWord, verdictOf } from "./replay-words";

type Only = "all" | "different" | "worse" | "failed";
const PAGE = 50;
/** Rows are read again at most this often while much happens. */
const READ_MS = 700;

@Component({
  selector: "app-replay-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, FailurePage, FormattedText, Icon, RouterLink, SureButton],
  templateUrl: "./replay-page.html",
})
export class ReplayPage {
  readonly id = input.required<string>();
  protected readonly t = inject(Words).t;
  readonly #replays = inject(ApiClient).calls.assistant.replays;
  readonly #clock = inject(Clock);
  protected readonly replay = signal<ReplayView | null>(null);
  protected readonly items = signal<readonly ReplayItemView[]>([]);
  protected readonly next = signal<string | null>(null);
  protected readonly failure = signal<ApiFailure | null>(null);
  protected readonly deed = new Deed();
  protected readonly only = signal<Only>("all");
  protected readonly isBadAmount = signal(false);
  protected readonly filters = [
    { only: "all", word: "studio.showAll" },
    { only: "different", word: "studio.showDifferent" },
    { only: "worse", word: "studio.showWorse" },
    { only: "failed", word: "studio.showFailed" },
  ] as const;
  protected readonly money = dollars;
  protected readonly moneyField = dollarField;
  protected readonly look = stateLook;
  protected readonly verdict = verdictOf;
  protected readonly stateText = (replay: ReplayView): string => stateWord(this.t, replay);
  protected readonly reasonText = (replay: ReplayView): string => reasonWord(this.t, replay);
  protected readonly outcomeText = (outcome: string): string => outcomeWord(this.t, outcome);
  protected readonly checkText = (name: string): string => checkWord(this.t, name);
  protected readonly part = computed(() => {
    const now = this.replay();
    return now ? (now.done / Math.max(1, now.total)) * 100 : 0;
  });
  /** How much dearer or cheaper the whole has become, in percent. */
  protected readonly change = computed(() => {
    const { costBefore = 0, costAfter = 0 } = this.replay()?.sums ?? {};
    return costBefore > 0 ? Math.round((costAfter / costBefore - 1) * 100) : null;
  });
  protected readonly changeText = computed(() => {
    const change = this.change() ?? 0;
    return `${change > 0 ? "+" : change < 0 ? "−" : ""}${Math.abs(change)} %`;
  });
  #planned: Cancelable | null = null;
  #asked = 0;

  constructor() {
    effect(() => {
      this.id();
      untracked(() => void this.load());
    });
    const off = inject(LiveConnection).on("assistant-replay:updated", ({ replay }) => {
      if (replay === this.id()) this.#plan();
    });
    inject(DestroyRef).onDestroy(() => {
      off();
      this.#planned?.cancel();
    });
  }

  protected async load(): Promise<void> {
    const asked = ++this.#asked;
    this.failure.set(null);
    try {
      const [replay, page] = await Promise.all([dataOf(this.#replays({ id: this.id() }).get()), this.#page(this.#shownCount())]);
      if (asked !== this.#asked) return;
      this.replay.set(replay);
      this.items.set(page.items);
      this.next.set(page.next);
    } catch (error) {
      // Awaited: ApiFailure.
      if (asked === this.#asked) this.failure.set(asFailure(error));
    }
  }

  protected show(only: Only): void {
    this.only.set(only);
    this.items.set([]);
    void this.load();
  }

  protected async more(cursor: string): Promise<void> {
    await this.deed.run(async () => {
      const page = await this.#page(PAGE, cursor);
      this.items.update((all) => [...all, ...page.items]);
      this.next.set(page.next);
    });
  }

  protected act(what: "pause" | "cancel"): Promise<unknown> {
    const call = this.#replays({ id: this.id() });
    return this.deed.run(async () => this.replay.set(await dataOf(what === "pause" ? call.pause.post() : call.cancel.post())));
  }

  /** Goes on, with a larger budget where the old one is used up. */
  protected async resume(event: Event): Promise<void> {
    event.preventDefault();
    const now = this.replay();
    const maxMicros = microsFrom(String(new FormData(event.target as HTMLFormElement).get("most") ?? ""));
    this.isBadAmount.set(Number.isNaN(maxMicros));
    if (!now || this.isBadAmount()) return;
    const body = maxMicros !== null && maxMicros !== now.maxMicros ? { maxMicros } : {};
    await this.deed.run(async () => this.replay.set(await dataOf(this.#replays({ id: now.id }).resume.post(body))));
  }

  protected costText(item: ReplayItemView): string {
    const change = costChange(item);
    if (change === null) return item.after?.costMicros == null ? "–" : dollars(item.after.costMicros);
    return change > 0 ? `+${dollars(change)}` : dollars(change);
  }

  protected failedChecks(side: ReplayItemView["after"]) {
    return (side?.checks ?? []).filter(({ ok }) => !ok);
  }

  #page(limit: number, cursor?: string) {
    const only = this.only();
    const query = { limit, ...(only === "all" ? {} : { only }), ...(cursor ? { cursor } : {}) };
    return pageOf(this.#replays({ id: this.id() }).items.get({ query }));
  }

  /** So many rows as are shown, as far as one page goes. */
  #shownCount(): number {
    return Math.min(100, Math.max(PAGE, this.items().length));
  }

  #plan(): void {
    this.#planned ??= this.#clock.timer(READ_MS, () => {
      this.#planned = null;
      void this.load();
    });
  }
}
