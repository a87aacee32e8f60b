/** A whole pane that could not be loaded: words, try again, request id. */
import { ChangeDetectionStrategy, Component, input, output } from "@angular/core";
import type { ApiFailure } from "../api/api-failure";
import { Icon } from "./icon";

@Component({
  selector: "app-failure-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="empty" role="alert">
      <span class="text-danger"><app-icon [name]="failure().status ? 'alert' : 'offline'" size="icon-l" /></span>
      <h2>{{ heading() }}</h2>
      <p>{{ failure().message }}</p>
      <button class="btn" type="button" (click)="retry.emit()"><app-icon name="retry" size="icon-m" />Try again</button>
      @if (failure().requestId; as id) {
        <p class="meta mono break-all">{{ failure().status }} · request {{ id }}</p>
      }
    </div>
  `,
})
export class FailurePage {
  readonly failure = input.required<ApiFailure>();
  readonly heading = input("This could not be loaded");
  readonly retry = output();
}
