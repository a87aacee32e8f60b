/** A picture over the whole window. Esc, the cross or a click beside it closes. */
import { ChangeDetectionStrategy, Component, inject, input, output, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";

@Component({
  selector: "app-media-viewer",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, Modal],
  template: `
    <app-modal [label]="alt()" look="viewer" (closed)="closed.emit()">
      <header>
        <a class="ibtn" [href]="url()" [attr.download]="filename()" [attr.aria-label]="t('media.download', { name: filename() })" [title]="t('media.download', { name: filename() })"><app-icon name="download" /></a>
        <button class="ibtn" type="button" autofocus [attr.aria-label]="t('common.close')" [title]="t('common.close')" (click)="modal()?.close()"><app-icon name="close" /></button>
      </header>
      <img [src]="url()" [alt]="alt()" />
    </app-modal>
  `,
})
export class MediaViewer {
  readonly url = input.required<string>();
  readonly alt = input.required<string>();
  readonly filename = input.required<string>();
  readonly closed = output();
  protected readonly t = inject(Words).t;
  protected readonly modal = viewChild(Modal);
}
