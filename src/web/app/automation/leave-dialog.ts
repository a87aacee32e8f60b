/** Asks whether unsaved changes may be lost. Esc stays. */
import { ChangeDetectionStrategy, Component, inject, input, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Modal } from "../ui/modal";
import type { LeaveGuard } from "./leave-guard";

@Component({
  selector: "app-leave-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Modal],
  template: `
    @if (guard().isAsking()) {
      <app-modal [label]="t('leave.heading')" look="small-dialog" (closed)="finish()">
        <div class="dialog-form">
          <h2>{{ t("leave.heading") }}</h2>
          <p>{{ t("leave.text") }}</p>
          <div class="dialog-ways">
            <button class="btn" type="button" (click)="choose(true)">{{ t("leave.leave") }}</button>
            <button class="btn btn-primary" type="button" autofocus (click)="choose(false)">{{ t("leave.stay") }}</button>
          </div>
        </div>
      </app-modal>
    }
  `,
})
export class LeaveDialog {
  readonly guard = input.required<LeaveGuard>();
  protected readonly t = inject(Words).t;
  private readonly modal = viewChild(Modal);
  #leaves = false;

  protected choose(leaves: boolean): void {
    this.#leaves = leaves;
    this.modal()?.close();
  }

  protected finish(): void {
    const leaves = this.#leaves;
    this.#leaves = false;
    this.guard().answer(leaves);
  }
}
