/** Models of the connection, those that end first. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { dateFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";

interface Model {
  id: string;
  shutdownDate: string | null;
  warning: { state: "ended" | "ends-soon"; date: string; daysLeft: number; successor: string | null } | null;
}

const DATE = dateFormat({ dateStyle: "medium", timeZone: "UTC" });

@Component({
  selector: "app-model-card",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote],
  template: `
    <section class="card">
      <div class="card-head"><h3>{{ t("studio.models") }}</h3></div>
      <p class="card-text">{{ t("studio.modelsText") }}</p>
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="load()" />
      }
      @if (models(); as all) {
        <ul class="rows model-rows scroll" tabindex="0" [attr.aria-label]="t('studio.models')">
          @for (one of sorted(); track one.id) {
            <li class="row-line">
              <span class="mono clip grow" [title]="one.id">{{ one.id }}</span>
              @if (one.warning; as warning) {
                <span [class]="'chip ' + (warning.state === 'ended' ? 'chip-danger' : 'chip-warning')">{{ warning.state === "ended" ? t("studio.ended", { date: date(warning.date) }) : t("studio.endsSoon", { date: date(warning.date), days: warning.daysLeft }) }}</span>
                @if (warning.successor) {
                  <span class="meta">{{ t("studio.successor", { model: warning.successor }) }}</span>
                }
              } @else if (one.shutdownDate) {
                <span class="meta">{{ t("studio.ends", { date: date(one.shutdownDate) }) }}</span>
              }
            </li>
          } @empty {
            <li class="meta">{{ t("studio.noModels") }}</li>
          }
        </ul>
      }
    </section>
  `,
})
export class ModelCard {
  protected readonly t = inject(Words).t;
  readonly #models = inject(ApiClient).calls.assistant.models;
  protected readonly deed = new Deed();
  protected readonly models = signal<readonly Model[] | null>(null);
  protected readonly sorted = computed(() =>
    [...(this.models() ?? [])].sort(
      (a, b) =>
        (a.warning?.daysLeft ?? Number.POSITIVE_INFINITY) - (b.warning?.daysLeft ?? Number.POSITIVE_INFINITY) ||
        a.id.localeCompare(b.id),
    ),
  );
  protected readonly date = (day: string): string => DATE().format(new Date(day));

  constructor() {
    void this.load();
  }

  protected async load(): Promise<void> {
    await this.deed.run(async () => this.models.set(await dataOf(this.#models.get())));
  }
}
