/** Says that the line is broken; shows nothing while it works. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { Icon } from "../ui/icon";
import { LiveConnection } from "./live-connection";

@Component({
  selector: "app-live-pill",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div role="status">
      @if (words(); as text) {
        <div class="pill">
          <app-icon [name]="icon()" size="icon-m" />
          {{ text }}
          <button type="button" (click)="live.retryNow()">Try now</button>
        </div>
      }
    </div>
  `,
})
export class LivePill {
  protected readonly live = inject(LiveConnection);
  protected readonly icon = computed(() => (this.live.state() === "offline" ? "offline" : "sync"));
  protected readonly words = computed(() => {
    switch (this.live.state()) {
      case "reconnecting":
        return "Reconnecting…";
      case "offline":
        return "You are offline";
      default:
        return null;
    }
  });
}
