/** Which days, compared or not, and whose: each choice goes into the address. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { type WordKey, Words } from "../i18n/words";
import { Directory } from "../inbox/directory";
import { Icon } from "../ui/icon";
import { spanText } from "./report-day";
import { type ReportState, SHARES, type Share } from "./report-state";

export interface NumberName {
  id: string;
  name: string;
}
interface Choice {
  share: Share;
  value: string;
  options: readonly NumberName[];
}

@Component({
  selector: "app-report-tools",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="page-tools report-tools" role="search" [attr.aria-label]="t('filter.heading')">
      @for (choice of choices(); track choice.share) {
        <select class="input" [attr.aria-label]="t(wordOf(choice.share))" [class.is-chosen]="choice.value" (change)="pick(choice.share, $any($event.target).value)">
          <option value="" [selected]="choice.value === ''">{{ t(allOf(choice.share)) }}</option>
          @for (option of choice.options; track option.id) {
            <option [value]="option.id" [selected]="option.id === choice.value">{{ option.name }}</option>
          }
        </select>
      }
      @if (isNarrowed()) {
        <button class="btn btn-quiet" type="button" (click)="change.emit({ filter: {} })"><app-icon name="close" size="icon-m" />{{ t("reports.clear") }}</button>
      }
      <span class="grow"></span>
      @if (state().period === "own") {
        <label class="report-day"><span class="meta">{{ t("reports.from") }}</span><input class="input num" type="date" required [value]="state().from" [max]="state().to" (change)="day('from', $event)" /></label>
        <label class="report-day"><span class="meta">{{ t("reports.to") }}</span><input class="input num" type="date" required [value]="state().to" [min]="state().from" (change)="day('to', $event)" /></label>
      } @else {
        <span class="meta num">{{ days() }}</span>
      }
      <label class="check"><input type="checkbox" [checked]="state().isCompared" (change)="change.emit({ isCompared: $any($event.target).checked })" />{{ t("reports.compare") }}</label>
    </div>
  `,
})
export class ReportTools {
  readonly state = input.required<ReportState>();
  readonly numbers = input.required<readonly NumberName[]>();
  readonly change = output<Partial<ReportState>>();
  protected readonly t = inject(Words).t;
  readonly #directory = inject(Directory);
  protected readonly wordOf = (share: Share): WordKey => `reports.one.${share}`;
  protected readonly allOf = (share: Share): WordKey => `reports.all.${share}`;
  protected readonly isNarrowed = computed(() => Object.keys(this.state().filter).length > 0);
  protected readonly days = computed(() => spanText(this.state().from, this.state().to));

  /** What can be chosen; where the role sees no names only what the address asks for. */
  protected readonly choices = computed((): Choice[] =>
    SHARES.map((share) => {
      const value = this.state().filter[share] ?? "";
      const known = this.#known(share);
      const options = value === "" || known.some(({ id }) => id === value) ? known : [...known, { id: value, name: value }];
      return { share, value, options };
    }).filter(({ options }) => options.length > 0),
  );

  protected pick(share: Share, value: string): void {
    const { [share]: _, ...others } = this.state().filter;
    this.change.emit({ filter: value ? { ...others, [share]: value } : others });
  }

  /** A day that is half typed is none. */
  protected day(end: "from" | "to", event: Event): void {
    const { value } = event.target as HTMLInputElement;
    if (value) this.change.emit({ [end]: value });
  }

  #known(share: Share): NumberName[] {
    if (share === "channel") return [...this.numbers()];
    if (share === "label") return this.#directory.labels().map(({ name }) => ({ id: name, name }));
    const isTeam = share === "team";
    const all = isTeam ? this.#directory.teams() : this.#directory.agents();
    const none = { id: "none", name: this.t(isTeam ? "panel.noTeam" : "reports.noAgent") };
    return all.length === 0 ? [] : [...all.map(({ id, name }) => ({ id, name })), none];
  }
}
