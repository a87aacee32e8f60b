/** How far the figures are, and for those who may: building all of them anew. */
import { ChangeDetectionStrategy, Component, computed, DestroyRef, inject, output, signal } from "@angular/core";
import type { ReportStatusView } from "@server/features/reports/report.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { SureButton } from "../ui/sure-button";

const LOOK_MS = 1_000;

@Component({
  selector: "app-report-state-line",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, SureButton],
  template: `
    <div class="report-foot meta">
      @if (status(); as now) {
        <span role="status">{{ said() }}</span>
      }
      <span class="grow">{{ t("reports.rules") }}</span>
      @if (mayRebuild()) {
        <app-sure-button [label]="t('reports.rebuild')" (sure)="rebuild()" />
      }
    </div>
    @if (deed.failure(); as refused) {
      <app-failure-note [failure]="refused" />
    }
  `,
})
export class ReportStateLine {
  /** The figures have been built anew. */
  readonly rebuilt = output();
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #reports = inject(ApiClient).calls.reports;
  readonly #clock = inject(Clock);
  readonly #permissions = inject(Permissions);
  protected readonly deed = new Deed();
  protected readonly status = signal<ReportStatusView | null>(null);
  protected readonly mayRebuild = computed(() => this.#permissions.may("settings.manage"));
  #timer: Cancelable | null = null;

  protected readonly said = computed(() => {
    const now = this.status();
    if (!now) return "";
    if (now.rebuild) return this.t("reports.rebuilding", { done: now.rebuild.done, total: now.rebuild.total });
    return this.#words.n("reports.counted", now.conversations);
  });

  constructor() {
    inject(DestroyRef).onDestroy(() => this.#timer?.cancel());
    void this.#look();
  }

  protected async rebuild(): Promise<void> {
    if (await this.deed.run(async () => this.status.set(await dataOf(this.#reports.rebuild.post())))) await this.#look(true);
  }

  async #look(wasRebuilding = false): Promise<void> {
    // Awaited: ApiFailure; the parts themselves say when the server is away.
    const status = await dataOf(this.#reports.status.get()).catch(() => null);
    if (!status) return;
    this.status.set(status);
    if (status.rebuild) this.#timer = this.#clock.timer(LOOK_MS, () => void this.#look(true));
    else if (wasRebuilding) this.rebuilt.emit();
  }
}
