/** Opening hours: a week of times and the holidays, one schedule for all or several. */
import { ChangeDetectionStrategy, Component, computed, inject, signal } from "@angular/core";
import type { HoursView } from "@server/features/business-hours/business-hours.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { dateFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { SureButton } from "../ui/sure-button";
import { Toasts } from "../ui/toasts";

type Week = HoursView["week"];
type Plan = Pick<HoursView, "name" | "zone" | "week" | "holidays" | "isDefault">;

const WEEKDAY = dateFormat({ weekday: "long", timeZone: "UTC" });
/** 4 January 1970 was a Sunday, as the week of the server begins. */
const FIRST_SUNDAY_MS = 3 * 86_400_000;
const WORKDAYS: Week = [0, 1, 2, 3, 4, 5, 6].map((day) => (day % 6 === 0 ? [] : [{ from: "09:00", to: "18:00" }]));

@Component({
  selector: "app-hours-room",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon, SureButton],
  template: `
    <div class="stack">
      <h1 class="room-title">{{ t("hours.heading") }}</h1>
      <section class="card">
        <ul class="rows">
          @for (one of all(); track one.id) {
            <li class="row-line">
              <span class="min-w-0 grow"><b class="block clip" dir="auto">{{ one.name }}</b><span class="block meta">{{ one.zone }}</span></span>
              @if (one.isDefault) {
                <span class="chip">{{ t("hours.default") }}</span>
              }
              <button class="btn btn-s" type="button" [attr.aria-pressed]="edited()?.id === one.id" (click)="edit(one)">{{ t("common.edit") }}</button>
              <app-sure-button icon="trash" [label]="t('labels.remove', { name: one.name })" (sure)="remove(one)" />
            </li>
          } @empty {
            <li class="meta">{{ t("hours.none") }}</li>
          }
        </ul>
        <p class="form-ways"><button class="btn" type="button" (click)="begin()"><app-icon name="plus" size="icon-m" />{{ t("hours.add") }}</button></p>
      </section>
      @if (plan(); as shown) {
        <section class="card" aria-labelledby="hours-edit">
          <h2 id="hours-edit">{{ shown.name || t("hours.add") }}</h2>
          <form class="form-grid" (submit)="save($event)">
            <div class="form-row">
              <div class="field"><label class="label" for="hours-name">{{ t("contact.name") }}</label><input class="input" id="hours-name" required maxlength="80" autocomplete="off" dir="auto" [value]="shown.name" (input)="set({ name: $any($event.target).value })" /></div>
              <div class="field">
                <label class="label" for="hours-zone">{{ t("hours.zone") }}</label>
                <input class="input" id="hours-zone" required maxlength="60" list="hours-zones" autocomplete="off" [value]="shown.zone" (input)="set({ zone: $any($event.target).value })" />
                <datalist id="hours-zones">
                  @for (zone of zones; track zone) {
                    <option [value]="zone"></option>
                  }
                </datalist>
              </div>
            </div>
            <label class="check"><input type="checkbox" [checked]="shown.isDefault" (change)="set({ isDefault: $any($event.target).checked })" /> {{ t("hours.isDefault") }}</label>
            <div class="week">
              @for (spans of shown.week; track $index; let day = $index) {
                <div class="week-day" role="group" [attr.aria-label]="dayName(day)">
                  <span>{{ dayName(day) }}</span>
                  <span class="week-times">
                    @for (span of spans; track $index; let at = $index) {
                      <input class="input" type="time" required [attr.aria-label]="t('hours.from')" [value]="span.from" (change)="setTime(day, at, 'from', $any($event.target).value)" />
                      <input class="input" type="time" required [attr.aria-label]="t('hours.to')" [value]="span.to === '24:00' ? '00:00' : span.to" (change)="setTime(day, at, 'to', $any($event.target).value)" />
                      <button class="ibtn ibtn-s" type="button" [attr.aria-label]="t('hours.removeSpan')" [title]="t('hours.removeSpan')" (click)="removeSpan(day, at)"><app-icon name="close" size="icon-m" /></button>
                    } @empty {
                      <span class="meta">{{ t("hours.closed") }}</span>
                    }
                    @if (spans.length < 6) {
                      <button class="btn btn-s btn-quiet" type="button" (click)="addSpan(day)"><app-icon name="plus" size="icon-s" />{{ t("hours.addSpan") }}</button>
                    }
                  </span>
                </div>
              }
            </div>
            <div class="field"><label class="label" for="hours-holidays">{{ t("hours.holidays") }}</label><textarea class="input input-area mono" id="hours-holidays" rows="3" maxlength="8000" aria-describedby="hours-holidays-hint" [value]="holidays()" (change)="setHolidays($any($event.target).value)"></textarea><span class="hint" id="hours-holidays-hint">{{ t("hours.holidaysHint") }}</span></div>
            @if (deed.failure(); as refused) {
              <app-failure-note [failure]="refused" />
            }
            <div class="form-ways">
              <button class="btn btn-primary" type="submit">{{ t("common.save") }}</button>
              <button class="btn" type="button" (click)="plan.set(null)">{{ t("common.cancel") }}</button>
            </div>
          </form>
        </section>
      }
    </div>
  `,
})
export class HoursRoom {
  protected readonly t = inject(Words).t;
  readonly #hours = inject(ApiClient).calls["business-hours"];
  readonly #toasts = inject(Toasts);
  protected readonly deed = new Deed();
  protected readonly all = signal<readonly HoursView[]>([]);
  protected readonly edited = signal<HoursView | null>(null);
  protected readonly plan = signal<Plan | null>(null);
  protected readonly zones = Intl.supportedValuesOf("timeZone");
  protected readonly dayName = (day: number): string => WEEKDAY().format(FIRST_SUNDAY_MS + day * 86_400_000);
  protected readonly holidays = computed(() =>
    (this.plan()?.holidays ?? []).map(({ date, name }) => `${date} ${name ?? ""}`.trim()).join("\n"),
  );

  constructor() {
    void this.deed.run(() => this.#load());
  }

  protected begin(): void {
    this.edited.set(null);
    const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
    this.plan.set({ name: "", zone, week: WORKDAYS, holidays: [], isDefault: this.all().length === 0 });
  }

  protected edit(one: HoursView): void {
    this.edited.set(one);
    const { name, zone, week, holidays, isDefault } = one;
    this.plan.set({ name, zone, week, holidays, isDefault });
  }

  protected set(change: Partial<Plan>): void {
    this.plan.update((plan) => plan && { ...plan, ...change });
  }

  protected setTime(day: number, at: number, end: "from" | "to", value: string): void {
    this.#setDay(day, (spans) => spans.map((span, index) => (index === at ? { ...span, [end]: value } : span)));
  }

  protected addSpan(day: number): void {
    this.#setDay(day, (spans) => [
      ...spans,
      spans.length === 0 ? { from: "09:00", to: "18:00" } : { from: "19:00", to: "20:00" },
    ]);
  }

  protected removeSpan(day: number, at: number): void {
    this.#setDay(day, (spans) => spans.filter((_, index) => index !== at));
  }

  protected setHolidays(text: string): void {
    const lines = text.split("\n").map((line) => line.trim());
    const before = this.plan()?.holidays ?? [];
    const holidays = lines.filter(Boolean).map((line) => {
      const [date = "", ...name] = line.split(/\s+/);
      const spans = before.find((one) => one.date === date)?.spans;
      return { date, ...(name.length > 0 ? { name: name.join(" ") } : {}), ...(spans ? { spans } : {}) };
    });
    this.set({ holidays });
  }

  protected async save(event: Event): Promise<void> {
    event.preventDefault();
    const plan = this.plan();
    const edited = this.edited();
    if (!plan) return;
    const isDone = await this.deed.run(() =>
      edited
        ? dataOf(this.#hours({ id: edited.id }).patch({ ...plan, version: edited.version }))
        : dataOf(this.#hours.post(plan)),
    );
    if (!isDone) return;
    this.plan.set(null);
    this.edited.set(null);
    this.#toasts.say(this.t("settings.saved"), "check-circle");
    await this.deed.run(() => this.#load());
  }

  protected async remove(one: HoursView): Promise<void> {
    if (!(await this.deed.run(() => dataOf(this.#hours({ id: one.id }).delete())))) return;
    if (this.edited()?.id === one.id) this.plan.set(null);
    await this.deed.run(() => this.#load());
  }

  #setDay(day: number, change: (spans: Week[number]) => Week[number]): void {
    this.plan.update(
      (plan) => plan && { ...plan, week: plan.week.map((spans, index) => (index === day ? change(spans) : spans)) },
    );
  }

  async #load(): Promise<void> {
    this.all.set(await dataOf(this.#hours.get()));
  }
}
