/** A whole pane that could not be loaded: words, try again, request id. */
import { ChangeDetectionStrategy, Component, inject, input, output } from "@angular/core";
import type { ApiFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Icon } from "./icon";

@Component({
  selector: "app-failure-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="empty" role="alert">
      <span class="text-danger"><app-icon [name]="failure().status ? 'alert' : 'offline'" size="icon-l" /></span>
      <h2>{{ heading() ?? words.t("failure.heading") }}</h2>
      <p>{{ words.failure(failure()) }}</p>
      <button class="btn" type="button" (click)="retry.emit()"><app-icon name="retry" size="icon-m" />{{ words.t("common.tryAgain") }}</button>
      @if (failure().requestId; as id) {
        <p class="meta mono break-all">{{ words.t("failure.statusRequest", { status: failure().status + "", id }) }}</p>
      }
    </div>
  `,
})
export class FailurePage {
  protected readonly words = inject(Words);
  readonly failure = input.required<ApiFailure>();
  readonly heading = input<string>();
  readonly retry = output();
}
