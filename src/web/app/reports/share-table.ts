/** The figures by person, team, number or label, in the order of any column. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output, signal } from "@angular/core";
import type { BreakdownView, Figures } from "@server/features/reports/report.schema";
import { type WordKey, Words } from "../i18n/words";
import { Avatar } from "../ui/avatar";
import { Icon } from "../ui/icon";
import type { AgentLoad } from "./now-store";
import { type Unit, valueText } from "./report-figure";
import { SHARES, type Share } from "./report-state";
import { byColumn, type Row, type Sorting, withLoads } from "./share-row";

export interface Column {
  id: string;
  word: WordKey;
  unit: Unit;
  of: (figures: Figures) => number | null;
}

const COLUMNS: readonly Column[] = [
  { id: "conversations", word: "reports.line.begun", unit: "count", of: (one) => one.conversations },
  { id: "resolved", word: "reports.line.resolved", unit: "count", of: (one) => one.resolved },
  { id: "replies", word: "reports.replies", unit: "count", of: (one) => one.messagesPeople },
  { id: "firstReply", word: "reports.figure.firstReply", unit: "time", of: (one) => one.firstReply.median },
  { id: "resolution", word: "reports.figure.resolution", unit: "time", of: (one) => one.resolution.median },
  { id: "sla", word: "reports.figure.sla", unit: "share", of: (one) => one.slaRate },
  { id: "csat", word: "reports.figure.csat", unit: "score", of: (one) => one.csat.average },
];

@Component({
  selector: "app-share-table",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar, Icon],
  template: `
    <div class="card-head">
      <h2 class="grow">{{ t("reports.shares") }}</h2>
      <span class="seg" role="group" [attr.aria-label]="t('reports.shares')">
        @for (one of shareNames; track one) {
          <button type="button" [attr.aria-pressed]="one === share()" (click)="choose.emit(one)">{{ t(wordOf(one)) }}</button>
        }
      </span>
    </div>
    <div class="table-wrap scroll" tabindex="0" role="region" [attr.aria-label]="t(wordOf(share()))">
      <table class="table figures-table">
        <caption class="sr-only">{{ t(wordOf(share())) }}</caption>
        <thead>
          <tr>
            @for (column of columns(); track column.id) {
              <th scope="col" [attr.aria-sort]="sorting().by === column.id ? (sorting().isUp ? 'ascending' : 'descending') : null">
                <button type="button" class="sort" (click)="sortBy(column.id)">{{ t(column.word) }}@if (sorting().by === column.id) {
<app-icon [name]="sorting().isUp ? 'arrow-up' : 'arrow-down'" size="icon-s" />
}</button>
              </th>
            }
          </tr>
        </thead>
        <tbody>
          @for (row of rows(); track row.key) {
            <tr>
              <th scope="row">
                <span class="cell-who">
                  @if (share() === "agent" && row.key) {
                    <app-avatar [name]="row.name" size="s" />
                  }
                  @if (row.filter; as only) {
                    <button type="button" class="clip share-name" dir="auto" [title]="t('reports.only', { name: row.name })" (click)="narrow.emit(only)">{{ row.name }}</button>
                  } @else {
                    <span class="clip share-name" dir="auto">{{ row.name }}</span>
                  }
                  @if (row.load; as load) {
                    @if (load.state !== "offline") {
                      <span [class]="'dot dot-' + load.state"><span class="sr-only">{{ t(load.state === "online" ? "reports.isOnline" : "reports.isAway") }}</span></span>
                    }
                  }
                </span>
              </th>
              @for (cell of row.cells; track $index) {
                <td class="num">{{ cell }}</td>
              }
              @if (hasLoad()) {
                <td class="num">
                  @if (row.load; as load) {
                    @if (load.capacity) {
                      <span class="load" aria-hidden="true"><i [style.width.%]="share100(load)"></i></span>
                    }
                    {{ load.capacity === null ? load.load : load.load + " / " + load.capacity }}
                  } @else {
                    –
                  }
                </td>
              }
            </tr>
          } @empty {
            <tr><td [attr.colspan]="columns().length" class="meta">{{ t("reports.noShares") }}</td></tr>
          }
        </tbody>
      </table>
    </div>
  `,
})
export class ShareTable {
  readonly share = input.required<Share>();
  readonly shares = input.required<readonly BreakdownView[]>();
  readonly loads = input<readonly AgentLoad[] | null>(null);
  /** What a key is called where the server gives no name. */
  readonly nameOf = input.required<(share: Share, key: string) => string | null>();
  readonly choose = output<Share>();
  /** Only this one from now on. */
  readonly narrow = output<string>();
  protected readonly t = inject(Words).t;
  protected readonly shareNames = SHARES;
  protected readonly wordOf = (share: Share): WordKey => `reports.share.${share}`;
  protected readonly sorting = signal<Sorting>({ by: "resolved", isUp: false });
  protected readonly hasLoad = computed(() => this.share() === "agent" && this.loads() !== null);

  protected readonly columns = computed(() => [
    { id: "name", word: "contact.name" as WordKey },
    ...COLUMNS,
    ...(this.hasLoad() ? [{ id: "load", word: "reports.loadNow" as WordKey }] : []),
  ]);

  protected readonly rows = computed(() => {
    const all = this.hasLoad()
      ? withLoads(this.shares(), this.loads() ?? [])
      : this.shares().map((one) => ({ ...one, load: null }));
    const named = all.map(
      ({ key, name, figures, load }): Row => ({
        key: key ?? "",
        name: name ?? this.#name(key),
        filter: key ?? (this.share() === "agent" || this.share() === "team" ? "none" : null),
        values: Object.fromEntries(COLUMNS.map(({ id, of }) => [id, figures ? of(figures) : null])),
        load,
      }),
    );
    return byColumn(named, this.sorting()).map((row) => ({
      ...row,
      cells: COLUMNS.map(({ id, unit }) => valueText(row.values[id] ?? null, unit)),
    }));
  });

  protected sortBy(by: string): void {
    this.sorting.update((now) => ({ by, isUp: now.by === by ? !now.isUp : by === "name" }));
  }

  protected share100({ load, capacity }: AgentLoad): number {
    return Math.min(100, Math.round((load / Math.max(1, capacity ?? 1)) * 100));
  }

  #name(key: string | null): string {
    const share = this.share();
    if (key === null) return this.t(share === "agent" ? "reports.noAgent" : share === "team" ? "panel.noTeam" : "common.none");
    return this.nameOf()(share, key) ?? key;
  }
}
