/** Where the short messages appear. */
import { ChangeDetectionStrategy, Component, inject } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "./icon";
import { Toasts } from "./toasts";

@Component({
  selector: "app-toast-stack",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="toasts" role="status">
      @for (toast of toasts.shown(); track toast.id) {
        <div class="toast">
          @if (toast.undo) {
            <span class="toast-ring" [style.animation-duration.ms]="toast.ms" aria-hidden="true"></span>
          } @else if (toast.icon) {
            <app-icon [name]="toast.icon" size="icon-m" />
          }
          <span dir="auto">{{ toast.text }}</span>
          @if (toast.undo) {
            <button type="button" (click)="toasts.undo(toast)">{{ words.t("common.undo") }}</button>
          }
        </div>
      }
    </div>
  `,
})
export class ToastStack {
  protected readonly toasts = inject(Toasts);
  protected readonly words = inject(Words);
}
