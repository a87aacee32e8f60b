/** A native dialog that keeps the focus inside, closes on Esc and outside clicks, and gives the focus back to where it came from. */
import { afterNextRender, ChangeDetectionStrategy, Component, type ElementRef, input, output, viewChild } from "@angular/core";

@Component({
  selector: "app-modal",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    <dialog #dialog [class]="'modal ' + look()" [attr.aria-label]="label()" (close)="closed.emit()" (click)="closeOutside($event)">
      <ng-content />
    </dialog>
  `,
})
export class Modal {
  readonly label = input.required<string>();
  readonly look = input("");
  readonly closed = output();
  private readonly dialog = viewChild.required<ElementRef<HTMLDialogElement>>("dialog");

  constructor() {
    afterNextRender(() => this.dialog().nativeElement.showModal?.());
  }

  close(): void {
    this.dialog().nativeElement.close?.();
  }

  protected closeOutside(event: Event): void {
    if (event.target === this.dialog().nativeElement) this.close();
  }
}
