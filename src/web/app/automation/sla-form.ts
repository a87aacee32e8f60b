/** What is promised, for which conversations, and how it is counted. */
import { ChangeDetectionStrategy, Component, computed, inject, input, model, output, signal } from "@angular/core";
import { RouterLink } from "@angular/router";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { AutomationChoices, type Option } from "./automation-choices";
import { DurationField } from "./duration-field";
import { type PolicyDraft, SLA_TIMES, type SlaTime } from "./sla-draft";
import { ValueList } from "./value-list";

@Component({
  selector: "app-sla-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [DurationField, Icon, RouterLink, ValueList],
  template: `
    @let shown = draft();
    <form class="form-grid" novalidate (submit)="save($event)">
      <div class="field"><label class="label" for="sla-name">{{ t("contact.name") }}</label><input class="input" id="sla-name" required maxlength="80" autocomplete="off" dir="auto" [attr.aria-invalid]="hasTried() && shown.name.trim() === ''" [value]="shown.name" (input)="set({ name: $any($event.target).value })" /></div>
      <fieldset class="form-part">
        <legend>{{ t("sla.promise") }}</legend>
        <div class="form-row">
          @for (time of times; track time) {
            <div class="field"><label class="label" [attr.for]="'sla-' + time">{{ t(timeWord(time)) }}</label><app-duration-field [fieldId]="'sla-' + time" [label]="t(timeWord(time))" [isNeeded]="false" [minutes]="shown[time]" (minutesChange)="setTime(time, $event)" /></div>
          }
        </div>
        <p class="hint">{{ t("sla.notPromised") }}</p>
      </fieldset>
      <fieldset class="form-part">
        <legend>{{ t("sla.match") }}</legend>
        <p class="hint">{{ t("sla.matchText") }}</p>
        <div class="form-row form-halves">
          <div class="field"><span class="label">{{ t("sla.priorities") }}</span><app-value-list [label]="t('sla.priorities')" [options]="priorities()" [values]="shown.match.priorities" (valuesChange)="setMatch({ priorities: $any($event) })" /></div>
          <div class="field"><span class="label">{{ t("macro.teams") }}</span><app-value-list [label]="t('macro.teams')" [options]="choices.teams()" [values]="shown.match.teams" (valuesChange)="setMatch({ teams: [...$event] })" /></div>
          <div class="field"><span class="label">{{ t("deed.label") }}</span><app-value-list [label]="t('deed.label')" [options]="choices.labels()" [values]="shown.match.labels" (valuesChange)="setMatch({ labels: [...$event] })" /></div>
          <div class="field"><span class="label">{{ t("sla.numbers") }}</span><app-value-list [label]="t('sla.numbers')" [options]="choices.channels()" [values]="shown.match.channels" (valuesChange)="setMatch({ channels: [...$event] })" /></div>
        </div>
      </fieldset>
      <fieldset class="form-part">
        <legend>{{ t("sla.rules") }}</legend>
        <label class="check"><input type="checkbox" [checked]="shown.inBusinessHours" (change)="set({ inBusinessHours: $any($event.target).checked })" /> {{ t("sla.openHours") }}</label>
        <p class="hint">{{ t("sla.openHoursHint") }} <a routerLink="/settings/hours">{{ t("hours.heading") }}</a></p>
        <label class="check"><input type="checkbox" [checked]="shown.pausesInSnooze" (change)="set({ pausesInSnooze: $any($event.target).checked })" /> {{ t("sla.pauses") }}</label>
        <label class="check"><input type="checkbox" [checked]="shown.assistantCounts" (change)="set({ assistantCounts: $any($event.target).checked })" /> {{ t("sla.assistantCounts") }}</label>
        <div class="field field-short"><label class="label" for="sla-warn">{{ t("sla.warn") }}</label><input class="input" id="sla-warn" type="number" min="10" max="99" required [value]="shown.warnPercent" (change)="setWarning($any($event.target))" /></div>
      </fieldset>
      <ng-content />
      <div class="form-foot">
        <button class="btn btn-primary" type="submit" [attr.aria-disabled]="isBusy() || null">{{ t("common.save") }}</button>
        <button class="btn" type="button" (click)="cancelled.emit()">{{ t("common.cancel") }}</button>
        @if (hasTried() && trouble(); as words) {
          <span class="hint hint-bad" role="alert"><app-icon name="alert" size="icon-s" />{{ words }}</span>
        } @else if (isChanged()) {
          <span class="meta">{{ t("leave.unsaved") }}</span>
        }
      </div>
    </form>
  `,
})
export class SlaForm {
  readonly draft = model.required<PolicyDraft>();
  readonly isBusy = input(false);
  readonly isChanged = input(false);
  readonly saved = output();
  readonly cancelled = output();
  protected readonly t = inject(Words).t;
  protected readonly choices = inject(AutomationChoices);
  protected readonly times = SLA_TIMES;
  protected readonly timeWord = (time: SlaTime) => `sla.time.${time}` as const;
  protected readonly hasTried = signal(false);
  protected readonly priorities = computed((): Option[] =>
    (["low", "normal", "high", "urgent"] as const).map((value) => ({ value, text: this.t(`priority.${value}`) })),
  );
  protected readonly trouble = computed(() => {
    const draft = this.draft();
    if (draft.name.trim() === "") return this.t("rule.needsName");
    return this.times.every((time) => draft[time] === null) ? this.t("sla.needsTime") : null;
  });

  protected set(change: Partial<PolicyDraft>): void {
    this.draft.update((draft) => ({ ...draft, ...change }));
  }

  protected setTime(time: SlaTime, minutes: number | null): void {
    this.set({ [time]: minutes });
  }

  protected setMatch(change: Partial<PolicyDraft["match"]>): void {
    this.set({ match: { ...this.draft().match, ...change } });
  }

  /** Kept within what is possible; what was typed is shown as it counts. */
  protected setWarning(field: HTMLInputElement): void {
    const warnPercent = Math.min(99, Math.max(10, Math.round(Number(field.value)) || 80));
    field.value = String(warnPercent);
    this.set({ warnPercent });
  }

  protected save(event: Event): void {
    event.preventDefault();
    this.hasTried.set(true);
    if (this.trouble() === null && !this.isBusy()) this.saved.emit();
  }
}
