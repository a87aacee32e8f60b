/** A button for what cannot be undone: the first press asks, the second one does it; leaving takes the question back. */
import { ChangeDetectionStrategy, Component, inject, input, output, signal } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "./icon";

@Component({
  selector: "app-sure-button",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <button class="btn btn-s" type="button" [class.btn-quiet]="!isAsking()" [class.btn-danger]="isAsking()" [attr.aria-label]="isAsking() ? t('common.sure') + ' ' + label() : label()" [title]="label()" (click)="press()" (blur)="isAsking.set(false)">
      @if (isAsking()) {
        {{ t("common.sure") }}
      } @else if (icon(); as name) {
        <app-icon [name]="name" size="icon-m" />
      } @else {
        {{ label() }}
      }
    </button>
  `,
})
export class SureButton {
  readonly label = input.required<string>();
  readonly icon = input<string>();
  readonly sure = output();
  protected readonly t = inject(Words).t;
  protected readonly isAsking = signal(false);

  protected press(): void {
    const isSure = this.isAsking();
    this.isAsking.set(!isSure);
    if (isSure) this.sure.emit();
  }
}
