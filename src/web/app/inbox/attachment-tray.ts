/** Files that go with the next message: uploaded at once, each with its preview, its progress, or the reason why it cannot go. */
import {
  ChangeDetectionStrategy,
  Component,
  DestroyRef,
  type ElementRef,
  effect,
  inject,
  input,
  signal,
  untracked,
  viewChild,
} from "@angular/core";
import type { NewMessage } from "@server/features/messages/message-content.schema";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { sizeText } from "../ui/size-text";
import { type Kind, kindOfFile, MOST_BYTES, needsShrinking, shrink } from "./upload-rules";

export interface TrayFile {
  key: string;
  file: File;
  kind: Kind;
  isVoice: boolean;
  /** Between 0 and 1. */
  progress: number;
  /** Id of the stored file. */
  media: string | null;
  trouble: string | null;
  preview: string | null;
  stop: AbortController;
}

type Outgoing = { message: Exclude<NewMessage, { type: "reaction" }>; text: string };

/** The messages that files and words become: the words go under the first file that takes a caption, else after the files. */
export function messagesOf(files: readonly TrayFile[], text: string): Outgoing[] {
  if (files.length === 0) return [{ message: { text }, text }];
  let caption = text;
  const messages = files.map(({ kind, media, isVoice, file }): Outgoing => {
    const mediaId = media ?? "";
    if (kind === "audio")
      return { message: { type: "audio", audio: { mediaId, ...(isVoice ? { voice: true } : {}) } }, text: "" };
    const said = caption ? { caption } : {};
    const shown = caption;
    caption = "";
    if (kind === "document")
      return {
        message: { type: "document", document: { mediaId, ...said, filename: file.name.slice(-240) } },
        text: shown || file.name,
      };
    if (kind === "video") return { message: { type: "video", video: { mediaId, ...said } }, text: shown };
    return { message: { type: "image", image: { mediaId, ...said } }, text: shown };
  });
  return caption ? [...messages, { message: { text: caption }, text: caption }] : messages;
}

@Component({
  selector: "app-attachment-tray",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <input #picker type="file" multiple hidden [attr.aria-label]="t('composer.attach')" (change)="take()" />
    @if (files().length > 0) {
      <ul class="tray">
        @for (one of files(); track one.key) {
          <li [class.tray-bad]="one.trouble">
            @if (one.preview; as url) {
              <img [src]="url" alt="" />
            } @else {
              <span class="tray-kind"><app-icon [name]="one.kind === 'audio' ? 'mic' : one.kind === 'video' ? 'video' : 'file'" /></span>
            }
            <span class="min-w-0 grow">
              <span class="clip block" dir="auto" [title]="one.file.name">{{ one.file.name }}</span>
              @if (one.trouble; as words) {
                <span class="block tray-trouble" role="alert">{{ words }}</span>
              } @else if (one.media === null) {
                <progress max="1" [value]="one.progress" [attr.aria-label]="t('composer.uploading', { name: one.file.name })"></progress>
              } @else {
                <span class="block meta num">{{ size(one) }}</span>
              }
            </span>
            @if (one.trouble && canRetry(one)) {
              <button class="ibtn ibtn-s" type="button" [attr.aria-label]="t('common.tryAgain')" [title]="t('common.tryAgain')" (click)="upload(one)"><app-icon name="retry" size="icon-m" /></button>
            }
            <button class="ibtn ibtn-s" type="button" [attr.aria-label]="t('composer.removeFile', { name: one.file.name })" [title]="t('composer.removeFile', { name: one.file.name })" (click)="remove(one)">
              <app-icon name="close" size="icon-m" />
            </button>
          </li>
        }
      </ul>
    }
  `,
})
export class AttachmentTray {
  /** Files belong to one conversation: another one starts with an empty tray. */
  readonly for = input.required<string>();
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  private readonly picker = viewChild.required<ElementRef<HTMLInputElement>>("picker");
  readonly #files = signal<readonly TrayFile[]>([]);
  readonly files = this.#files.asReadonly();
  protected readonly size = ({ file }: TrayFile): string => sizeText(file.size);
  protected readonly canRetry = ({ file, kind }: TrayFile): boolean => file.size <= MOST_BYTES[kind];

  constructor() {
    let shown: string | null = null;
    effect(() => {
      const conversation = this.for();
      if (shown !== null && shown !== conversation) untracked(() => this.clear());
      shown = conversation;
    });
    inject(DestroyRef).onDestroy(() => this.clear());
  }

  browse(): void {
    this.picker().nativeElement.click();
  }

  add(files: readonly File[]): void {
    for (const file of files) void this.#take(file, false);
  }

  addVoice(file: File): void {
    void this.#take(file, true);
  }

  clear(): void {
    for (const one of this.#files()) this.#drop(one);
    this.#files.set([]);
  }

  protected take(): void {
    const picker = this.picker().nativeElement;
    this.add([...(picker.files ?? [])]);
    picker.value = "";
  }

  protected remove(one: TrayFile): void {
    this.#drop(one);
    this.#files.update((all) => all.filter(({ key }) => key !== one.key));
  }

  protected async upload(one: TrayFile): Promise<void> {
    this.#change(one.key, { trouble: null, progress: 0 });
    try {
      const media = await this.#api.uploadMedia(one.file, {
        filename: one.file.name,
        type: one.kind,
        idempotencyKey: one.key,
        onProgress: (progress) => this.#change(one.key, { progress }),
        signal: one.stop.signal,
      });
      this.#change(one.key, { media: media.id, progress: 1 });
    } catch (error) {
      // Awaited: ApiFailure: too large, of a kind that WhatsApp does not take, no server.
      this.#change(one.key, { trouble: asFailure(error).message });
    }
  }

  async #take(given: File, isVoice: boolean): Promise<void> {
    const file = needsShrinking(given) ? ((await shrink(given)) ?? given) : given;
    const kind = kindOfFile(file);
    const one: TrayFile = {
      key: crypto.randomUUID(),
      file,
      kind,
      isVoice,
      progress: 0,
      media: null,
      trouble: null,
      preview: kind === "image" ? URL.createObjectURL(file) : null,
      stop: new AbortController(),
    };
    this.#files.update((all) => [...all, one]);
    if (file.size <= MOST_BYTES[kind]) return this.upload(one);
    const words = { size: sizeText(file.size), most: sizeText(MOST_BYTES[kind]) };
    this.#change(one.key, { trouble: this.t("composer.tooLarge", words) });
  }

  #drop(one: TrayFile): void {
    one.stop.abort();
    if (one.preview) URL.revokeObjectURL(one.preview);
  }

  #change(key: string, change: Partial<TrayFile>): void {
    this.#files.update((all) => all.map((one) => (one.key === key ? { ...one, ...change } : one)));
  }
}
