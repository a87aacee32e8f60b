/** The reports: what is going on now, and the figures of a span of days. The address holds what is shown. */
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
import { Router } from "@angular/router";
import { pageOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { type WordKey, Words } from "../i18n/words";
import { LiveConnection } from "../live/live-connection";
import { Permissions } from "../settings/permissions";
import { Ticker } from "../ticker";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { saveFile } from "../ui/save-file";
import { clockTime } from "../ui/time-text";
import { FigureCards } from "./figure-cards";
import { HeatMap } from "./heat-map";
import { LineChart } from "./line-chart";
import { LineTable } from "./line-table";
import { NowStore } from "./now-store";
import { NowStrip } from "./now-strip";
import { OpinionList } from "./opinion-list";
import { figureOf } from "./report-figure";
import { filesOf } from "./report-files";
import { PERIODS, type Period, paramsOf, type ReportState, type Share, stateOf, stepOf } from "./report-state";
import { ReportStateLine } from "./report-state-line";
import { ReportStore } from "./report-store";
import { type NumberName, ReportTools } from "./report-tools";
import { ShareTable } from "./share-table";
import { UsageCard } from "./usage-card";

/** What is shown of today grows old. */
const RENEW_MS = 60_000;

@Component({
  selector: "app-reports-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [
    FailureNote,
    FailurePage,
    FigureCards,
    HeatMap,
    Icon,
    LineChart,
    LineTable,
    MenuButton,
    NowStrip,
    OpinionList,
    ReportStateLine,
    ReportTools,
    ShareTable,
    UsageCard,
  ],
  providers: [ReportStore, NowStore],
  templateUrl: "./reports-page.html",
})
export class ReportsPage {
  readonly period = input<string>();
  readonly from = input<string>();
  readonly to = input<string>();
  readonly compare = input<string>();
  readonly channel = input<string>();
  readonly team = input<string>();
  readonly agent = input<string>();
  readonly label = input<string>();
  readonly figure = input<string>();
  readonly by = input<string>();
  readonly heat = input<string>();

  protected readonly store = inject(ReportStore);
  protected readonly now = inject(NowStore);
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #clock = inject(Clock);
  readonly #router = inject(Router);
  readonly #permissions = inject(Permissions);
  readonly #ticker = inject(Ticker);
  protected readonly deed = new Deed();
  protected readonly periods = PERIODS;
  protected readonly isTable = signal(false);
  protected readonly numbers = signal<readonly NumberName[]>([]);
  protected readonly isKnown = this.#permissions.isKnown;
  protected readonly maySee = computed(() => this.#permissions.may("reports.read"));
  protected readonly maySeeNow = computed(() => this.#permissions.may("conversations.read"));
  readonly #today = computed(() => new Date(this.#ticker.now()).toDateString());
  #timer: Cancelable | null = null;

  protected readonly state = computed(() => {
    // A new day begins while the page is open.
    this.#today();
    return stateOf(
      {
        period: this.period(),
        from: this.from(),
        to: this.to(),
        compare: this.compare(),
        channel: this.channel(),
        team: this.team(),
        agent: this.agent(),
        label: this.label(),
        figure: this.figure(),
        by: this.by(),
        heat: this.heat(),
      },
      untracked(() => this.#clock.now()),
    );
  });
  protected readonly shownFigure = computed(() => figureOf(this.state().figure));
  protected readonly chartLabel = computed(() => {
    const figure = this.t(`reports.figure.${this.state().figure}`);
    return this.t(`reports.chart.${stepOf(this.state())}`, { figure });
  });
  protected readonly updated = computed(() => {
    const at = this.store.updatedAt();
    return at === 0 ? "" : this.t("reports.updated", { time: clockTime(at) });
  });
  readonly #files = computed(() => filesOf(this.state(), this.store.zone, this.#permissions.may("contacts.export")));
  protected readonly files = computed((): MenuItem[] =>
    this.#files().map(({ id }) => ({ id, text: this.t(`reports.file.${id}` as WordKey) })),
  );
  protected readonly nameOf = (share: Share, key: string): string | null =>
    share === "channel" ? (this.numbers().find(({ id }) => id === key)?.name ?? null) : null;

  constructor() {
    effect(() => {
      const state = this.state();
      if (!this.maySee()) return;
      this.store.maySeeUsage();
      untracked(() => void this.store.show(state));
    });
    effect(() => {
      if (!this.maySee() || !this.maySeeNow()) return;
      untracked(() => void this.now.load());
    });
    effect(() => {
      if (this.#permissions.may("channels.read")) untracked(() => void this.#loadNumbers());
    });
    const off = inject(LiveConnection).onGap(() => void this.store.refresh());
    inject(DestroyRef).onDestroy(() => {
      off();
      this.#timer?.cancel();
    });
    this.#plan();
  }

  protected change(change: Partial<ReportState>): void {
    void this.#router.navigate(["/reports"], { queryParams: paramsOf({ ...this.state(), ...change }) });
  }

  /** From a span of days to one's own begins where it was. */
  protected choosePeriod(period: Period): void {
    this.change({ period });
  }

  protected narrow(key: string): void {
    const { share, filter } = this.state();
    this.change({ filter: { ...filter, [share]: key } });
  }

  protected async save(id: string): Promise<void> {
    const file = this.#files().find((one) => one.id === id);
    if (file) await this.deed.run(async () => saveFile(await this.#api.loadFile(file.url), file.name));
  }

  #plan(): void {
    this.#timer = this.#clock.timer(RENEW_MS, () => {
      if (this.maySee() && this.store.isOngoing(this.state()) && document.visibilityState === "visible")
        void this.store.refresh();
      this.#plan();
    });
  }

  async #loadNumbers(): Promise<void> {
    // Awaited: ApiFailure; numbers are shown by their ids then.
    const page = await pageOf(this.#api.calls.channels.get({ query: { limit: 100 } })).catch(() => null);
    if (page)
      this.numbers.set(
        page.items.map(({ phoneNumberId, name, displayNumber }) => ({
          id: phoneNumberId,
          name: name || displayNumber || phoneNumberId,
        })),
      );
  }
}
