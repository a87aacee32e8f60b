/** Says that the line is broken; shows nothing while it works. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import { type WordKey, Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { LiveConnection } from "./live-connection";

@Component({
  selector: "app-live-pill",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div role="status">
      @if (state(); as key) {
        <div class="pill">
          <app-icon [name]="icon()" size="icon-m" />
          {{ words.t(key) }}
          <button type="button" (click)="live.retryNow()">{{ words.t("live.tryNow") }}</button>
        </div>
      }
    </div>
  `,
})
export class LivePill {
  protected readonly live = inject(LiveConnection);
  protected readonly words = inject(Words);
  protected readonly icon = computed(() => (this.live.state() === "offline" ? "offline" : "sync"));
  protected readonly state = computed((): WordKey | null => {
    switch (this.live.state()) {
      case "reconnecting":
        return "live.reconnecting";
      case "offline":
        return "live.offline";
      default:
        return null;
    }
  });
}
