/** A file in a bubble: picture, film, voice, document or sticker; or why it is not there and how to get it. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked } from "@angular/core";
import type { MessageView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { sizeText } from "../ui/size-text";
import { type MediaLink, MediaLinks } from "./media-links";
import { MediaViewer } from "./media-viewer";
import { VoicePlayer } from "./voice-player";

type Attachment = MessageView["attachments"][number];

@Component({
  selector: "app-media-attachment",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, MediaViewer, VoicePlayer],
  template: `
    @let file = attachment();
    @if (file.error || failed()) {
      <span class="media-gone" [class.media-box]="isPicture()">
        <app-icon name="alert" size="icon-m" />
        <span>{{ file.error ?? failed() }}</span>
        @if (file.media) {
          <button class="btn btn-s" type="button" (click)="again()"><app-icon name="retry" size="icon-s" />{{ t("common.tryAgain") }}</button>
        }
      </span>
    } @else if (!file.media || (!file.url && !file.size)) {
      <span class="media-gone" [class.media-box]="isPicture()" role="status"><app-icon name="download" size="icon-m" />{{ t("media.coming") }}</span>
    } @else {
      @switch (file.type) {
        @case ("image") {
          <button class="media-box media-open" type="button" [attr.aria-label]="t('media.open', { name: caption() || t('kind.image') })" (click)="isOpen.set(true)">
            @if (link(); as found) {
              <img [src]="found.url" [alt]="caption() || t('kind.image')" (error)="failed.set(t('media.failed'))" />
            }
          </button>
        }
        @case ("sticker") {
          @if (link(); as found) {
            <img class="sticker" [src]="found.url" [alt]="t('kind.sticker')" (error)="failed.set(t('media.failed'))" />
          } @else {
            <span class="sticker"></span>
          }
        }
        @case ("video") {
          <span class="media-box">
            @if (link(); as found) {
              <video controls preload="metadata" [attr.aria-label]="caption() || t('kind.video')" (error)="failed.set(t('media.failed'))">
                @for (source of found.sources; track source.src) {
                  <source [src]="source.src" [type]="source.type" />
                }
              </video>
            }
          </span>
        }
        @case ("audio") {
          <app-voice-player [id]="file.media" [transcript]="file.fileDescription" />
        }
        @default {
          <span class="doc">
            <span class="doc-kind">{{ ending() }}</span>
            <span class="min-w-0 grow">
              <b class="clip block" dir="auto" [title]="name()">{{ name() }}</b>
              <span class="doc-size num">{{ size() }}</span>
            </span>
            @if (link(); as found) {
              <a class="ibtn" [href]="found.url" [attr.download]="name()" [attr.aria-label]="t('media.download', { name: name() })" [title]="t('media.download', { name: name() })"><app-icon name="download" /></a>
            }
          </span>
        }
      }
    }
    @if (isOpen() && link(); as found) {
      @defer (on immediate) {
        <app-media-viewer [url]="found.url" [alt]="caption() || t('kind.image')" [filename]="name()" (closed)="isOpen.set(false)" />
      }
    }
  `,
})
export class MediaAttachment {
  readonly attachment = input.required<Attachment>();
  readonly caption = input("");

  protected readonly t = inject(Words).t;
  readonly #links = inject(MediaLinks);
  readonly #api = inject(ApiClient);
  protected readonly link = signal<MediaLink | null>(null);
  protected readonly failed = signal<string | null>(null);
  protected readonly isOpen = signal(false);
  protected readonly isPicture = computed(() => ["image", "video"].includes(this.attachment().type));
  protected readonly name = computed(
    () => this.attachment().filename ?? this.t(this.attachment().type === "image" ? "kind.image" : "kind.document"),
  );
  protected readonly ending = computed(() =>
    (/\.(\w{1,4})$/.exec(this.name())?.[1] ?? this.attachment().mimeType?.split("/")[1] ?? "file").slice(0, 4).toUpperCase(),
  );
  protected readonly size = computed(() => (this.attachment().size === undefined ? "" : sizeText(this.attachment().size ?? 0)));

  constructor() {
    const id = computed(() => this.attachment().media);
    const isHere = computed(() => !this.attachment().error && this.attachment().url !== null);
    effect(() => {
      const media = id();
      const wanted = isHere() && this.attachment().type !== "audio";
      if (media && wanted) untracked(() => void this.#load(media));
    });
  }

  /** Loads the file from WhatsApp again, or its link from us. */
  protected async again(): Promise<void> {
    const { media, error } = this.attachment();
    if (!media) return;
    this.failed.set(null);
    try {
      if (error) await this.#api.retryMedia(media);
      else await this.#load(media);
    } catch (failure) {
      // Awaited: ApiFailure.
      this.failed.set(asFailure(failure).message);
    }
  }

  async #load(media: string): Promise<void> {
    try {
      this.link.set(await this.#links.find(media));
    } catch (error) {
      // Awaited: ApiFailure, shown in the file's place with a way to try again.
      this.failed.set(asFailure(error).message);
    }
  }
}
