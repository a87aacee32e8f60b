/** A failure at the place where it happened: what was answered, what can be done, and the request id for whoever reads the log. */
import { ChangeDetectionStrategy, Component, inject, input, output } from "@angular/core";
import type { ApiFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Icon } from "./icon";

@Component({
  selector: "app-failure-note",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="callout callout-danger" role="alert">
      <app-icon name="alert" size="icon-m" />
      <span class="min-w-0">
        {{ words.failure(failure()) }}
        @for (detail of failure().details; track detail.path) {
          <span class="block">{{ detail.path }}: {{ detail.message }}</span>
        }
        @if (failure().requestId; as id) {
          <span class="block mono break-all">{{ words.t("failure.request", { id }) }}</span>
        }
        @if (retryLabel(); as label) {
          <button type="button" (click)="retry.emit()">{{ label }}</button>
        }
      </span>
    </div>
  `,
})
export class FailureNote {
  protected readonly words = inject(Words);
  readonly failure = input.required<ApiFailure>();
  /** The way on; without it only the words are shown. */
  readonly retryLabel = input<string>();
  readonly retry = output();
}
