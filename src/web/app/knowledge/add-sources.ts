/** Files dropped anywhere on the page or chosen, web pages and sitemaps: what becomes articles by itself. */
import {
  ChangeDetectionStrategy,
  Component,
  type ElementRef,
  effect,
  inject,
  output,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import { RouterLink } from "@angular/router";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { sizeText } from "../ui/size-text";
import { AddWebDialog } from "./add-web-dialog";
import { ENDINGS, type FileUpload, FileUploads } from "./file-uploads";

@Component({
  selector: "app-add-sources",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [AddWebDialog, Icon, RouterLink],
  host: {
    "(document:dragover)": "hover($event)",
    "(document:dragleave)": "leave($event)",
    "(document:drop)": "drop($event)",
  },
  template: `
    <div class="drop" [class.drop-over]="isOver()">
      <app-icon name="upload" />
      <span class="drop-words"><b>{{ t("knowledge.drop") }}</b> <span class="meta">{{ t("knowledge.dropKinds") }}</span></span>
      <input #picker type="file" multiple hidden [accept]="accept" [attr.aria-label]="t('knowledge.chooseFiles')" (change)="take()" />
      <button class="btn btn-s" type="button" (click)="picker.click()"><app-icon name="file" size="icon-s" />{{ t("knowledge.chooseFiles") }}</button>
      <button class="btn btn-s" type="button" (click)="dialog.set('page')"><app-icon name="globe" size="icon-s" />{{ t("knowledge.addPage") }}</button>
      <button class="btn btn-s" type="button" (click)="dialog.set('sitemap')"><app-icon name="list" size="icon-s" />{{ t("knowledge.addSitemap") }}</button>
    </div>
    @if (uploads.all().length > 0) {
      <ul class="rows uploads" [attr.aria-label]="t('knowledge.chooseFiles')">
        @for (one of uploads.all(); track one.key) {
          <li class="row-line">
            <app-icon [name]="one.state === 'refused' ? 'alert' : one.state === 'added' ? 'check-circle' : 'file'" size="icon-m" />
            <span class="min-w-0 grow">
              <span class="block clip" dir="auto" [title]="one.file.name">{{ one.file.name }}</span>
              @switch (one.state) {
                @case ("refused") {
                  <span class="block text-danger" role="alert">{{ one.trouble }}</span>
                }
                @case ("added") {
                  <span class="block meta" role="status">{{ t("knowledge.added") }}</span>
                }
                @case ("waiting") {
                  <span class="block meta num">{{ size(one) }}</span>
                }
                @case ("reading") {
                  <span class="block meta" role="status">{{ t("knowledge.makingText") }}</span>
                }
                @default {
                  <progress class="upload-bar" max="1" [value]="one.progress" [attr.aria-label]="t('composer.uploading', { name: one.file.name })"></progress>
                }
              }
            </span>
            @if (one.article; as id) {
              <a class="btn btn-s btn-quiet" [routerLink]="['/knowledge/articles', id]">{{ t("knowledge.open") }}</a>
            }
            @if (one.state === "refused" && one.canRetry) {
              <button class="ibtn" type="button" [attr.aria-label]="t('common.tryAgain')" [title]="t('common.tryAgain')" (click)="uploads.retry(one.key)"><app-icon name="retry" size="icon-m" /></button>
            }
            <button class="ibtn" type="button" [attr.aria-label]="t('composer.removeFile', { name: one.file.name })" [title]="t('composer.removeFile', { name: one.file.name })" (click)="uploads.remove(one)"><app-icon name="close" size="icon-m" /></button>
          </li>
        }
      </ul>
    }
    @if (dialog(); as what) {
      <app-add-web-dialog [what]="what" (closed)="dialog.set(null)" (added)="added.emit()" />
    }
  `,
})
export class AddSources {
  readonly added = output();
  protected readonly t = inject(Words).t;
  protected readonly uploads = inject(FileUploads);
  protected readonly accept = ENDINGS.map((one) => `.${one}`).join(",");
  protected readonly dialog = signal<"page" | "sitemap" | null>(null);
  protected readonly isOver = signal(false);
  protected readonly size = ({ file }: FileUpload): string => sizeText(file.size);
  private readonly picker = viewChild.required<ElementRef<HTMLInputElement>>("picker");

  constructor() {
    let before = untracked(this.uploads.added);
    effect(() => {
      const count = this.uploads.added();
      if (count !== before) untracked(() => this.added.emit());
      before = count;
    });
  }

  protected take(): void {
    const picker = this.picker().nativeElement;
    this.uploads.add([...(picker.files ?? [])]);
    picker.value = "";
  }

  /** A file let go beside the strip would take the browser to it. */
  protected hover(event: DragEvent): void {
    if (!hasFiles(event)) return;
    event.preventDefault();
    this.isOver.set(true);
  }

  protected leave(event: DragEvent): void {
    if (event.relatedTarget === null) this.isOver.set(false);
  }

  protected drop(event: DragEvent): void {
    if (!hasFiles(event)) return;
    event.preventDefault();
    this.isOver.set(false);
    this.uploads.add([...(event.dataTransfer?.files ?? [])]);
  }
}

const hasFiles = ({ dataTransfer }: DragEvent): boolean => dataTransfer?.types.includes("Files") ?? false;
