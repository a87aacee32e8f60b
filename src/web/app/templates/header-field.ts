/** The header of a template: none, a text, a file with an example for the reviewer, or a place. */
import { ChangeDetectionStrategy, Component, DestroyRef, inject, input, model, output, signal } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { MOST_BYTES } from "../inbox/upload-rules";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { sizeText } from "../ui/size-text";
import { LIMITS } from "./template-check";
import { HEADER_KINDS, type HeaderKind, type TemplateDraft } from "./template-draft";
import { HEADER_ICONS, HEADER_WORDS } from "./template-look";

const ACCEPT: Readonly<Record<string, string>> = {
  IMAGE: "image/jpeg,image/png",
  VIDEO: "video/mp4,video/3gpp",
  DOCUMENT: "application/pdf",
};
const TYPES = { IMAGE: "image", VIDEO: "video", DOCUMENT: "document" } as const;

@Component({
  selector: "app-header-field",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Icon],
  template: `
    <div class="field">
      <span class="tpl-line"><span class="label" id="template-header">{{ t("templates.header") }}</span><span class="meta num">{{ draft().header === "TEXT" ? t("templates.count", { count: draft().headerText.length, most: limit }) : t("templates.optional") }}</span></span>
      <span class="seg tpl-seg" role="group" aria-labelledby="template-header">
        @for (kind of kinds; track kind) {
          <button type="button" [attr.aria-pressed]="draft().header === kind" (click)="choose(kind)">
            @if (icons[kind]; as icon) {
              <app-icon [name]="icon" size="icon-s" />
            }
            {{ t(words[kind]) }}
          </button>
        }
      </span>
      @switch (draft().header) {
        @case ("TEXT") {
          <input class="input" id="field-header" dir="auto" autocomplete="off" [attr.aria-label]="t('templates.headerText')" [value]="draft().headerText" [attr.aria-invalid]="trouble() !== null" aria-describedby="trouble-header" (input)="changed.emit({ headerText: $any($event.target).value })" />
        }
        @case ("LOCATION") {
          <span class="hint">{{ t("templates.locationHint") }}</span>
        }
        @case ("NONE") {}
        @default {
          <span class="form-row tpl-file-row">
            <input class="input input-file" id="field-header" type="file" [accept]="accept()" [attr.aria-label]="t('templates.exampleFile')" [attr.aria-invalid]="trouble() !== null" aria-describedby="trouble-header" (change)="take($any($event.target))" />
            @if (draft().headerFile; as file) {
              <span class="chip chip-success"><app-icon name="check" size="icon-s" /><span class="clip" dir="auto">{{ file.name }}</span></span>
            }
          </span>
          @if (deed.isBusy()) {
            <progress class="tpl-progress" max="1" [value]="progress()" [attr.aria-label]="t('templates.uploading')"></progress>
          }
          <span class="hint">{{ t("templates.fileHint", { most: most() }) }}</span>
        }
      }
      @if (trouble() ?? tooLarge(); as words) {
        <span class="hint hint-bad" id="trouble-header"><app-icon name="alert" size="icon-s" />{{ words }}</span>
      }
      @if (deed.failure(); as refused) {
        <app-failure-note [failure]="refused" />
      }
    </div>
  `,
})
export class HeaderField {
  readonly draft = input.required<TemplateDraft>();
  readonly trouble = input<string | null>(null);
  readonly changed = output<Partial<TemplateDraft>>();
  /** The chosen picture, for the preview. */
  readonly picture = model<string | null>(null);

  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  protected readonly deed = new Deed();
  protected readonly progress = signal(0);
  protected readonly tooLarge = signal<string | null>(null);
  protected readonly kinds = HEADER_KINDS;
  protected readonly icons = HEADER_ICONS;
  protected readonly words = HEADER_WORDS;
  protected readonly limit = LIMITS.header;
  readonly #stop = new AbortController();

  constructor() {
    inject(DestroyRef).onDestroy(() => {
      this.#stop.abort();
      this.#show(null);
    });
  }

  protected readonly accept = () => ACCEPT[this.draft().header] ?? "";
  protected readonly most = () => sizeText(MOST_BYTES[this.#type()]);
  readonly #type = () => TYPES[this.draft().header as keyof typeof TYPES] ?? "document";

  protected choose(header: HeaderKind): void {
    if (header === this.draft().header) return;
    this.#show(null);
    this.tooLarge.set(null);
    this.deed.failure.set(null);
    this.changed.emit({ header, headerFile: null });
  }

  protected async take(field: HTMLInputElement): Promise<void> {
    const file = field.files?.[0];
    if (!file) return;
    const type = this.#type();
    const isTooLarge = file.size > MOST_BYTES[type];
    this.tooLarge.set(isTooLarge ? this.t("composer.tooLarge", { size: sizeText(file.size), most: this.most() }) : null);
    if (isTooLarge) return;
    this.progress.set(0);
    const isThere = await this.deed.run(async () => {
      const media = await this.#api.uploadMedia(file, {
        filename: file.name,
        type,
        idempotencyKey: crypto.randomUUID(),
        onProgress: (part) => this.progress.set(part),
        signal: this.#stop.signal,
      });
      this.changed.emit({ headerFile: { id: media.id, name: file.name } });
    });
    this.#show(isThere && type === "image" ? file : null);
  }

  #show(file: File | null): void {
    const before = this.picture();
    if (before) URL.revokeObjectURL(before);
    this.picture.set(file && URL.createObjectURL(file));
  }
}
