/** The way of a message, told as it happens: stage, time, duration, and what was decided. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import type { StageName } from "@server/events/catalog";
import { Words } from "../i18n/words";
import { StickToEnd } from "../ui/stick-to-end";
import { durationText, preciseTime } from "../ui/time-text";
import { TrailStore } from "./trail-store";

const LOOK: Partial<Record<StageName, string>> = {
  webhook: "text-success",
  delivered: "text-success",
  read: "text-link",
  answering: "text-assistant",
  failed: "text-danger",
};

@Component({
  selector: "app-stage-trail",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [StickToEnd],
  template: `
    <div class="trail-head">
      <h2>{{ t("sandbox.happened") }}</h2>
      @if (trail.entries().length > 0) {
        <button class="btn btn-s btn-quiet" type="button" (click)="trail.clear()">{{ t("sandbox.clear") }}</button>
      }
    </div>
    <div class="trail-scroll scroll" tabindex="0" role="log" [attr.aria-label]="t('sandbox.happened')" [appStickToEnd]="trail.entries().length">
      <ol class="trail">
        @for (entry of trail.entries(); track entry.key) {
          <li [attr.data-stage]="entry.stage" [title]="entry.correlationId">
            <span class="mono meta">{{ preciseTime(entry.at) }}</span>
            <span class="trail-stage">
              <b>{{ entry.stage }}</b>
              @if (entry.ms !== null) {
                <span class="num meta">{{ durationText(entry.ms) }}</span>
              }
            </span>
            @if (entry.detail) {
              <span class="trail-detail" [class]="look(entry.stage)">{{ entry.detail }}</span>
            }
          </li>
        } @empty {
          <li class="trail-empty">{{ t("sandbox.trailEmpty") }}</li>
        }
      </ol>
    </div>
  `,
  host: { class: "trail-box" },
})
export class StageTrail {
  protected readonly trail = inject(TrailStore);
  protected readonly t = inject(Words).t;
  protected readonly preciseTime = preciseTime;
  protected readonly durationText = durationText;
  protected readonly look = (stage: StageName): string => LOOK[stage] ?? "text-ink-2";
}
