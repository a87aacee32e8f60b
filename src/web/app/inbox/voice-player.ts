/** Plays a voice message: place, speed, and what was said where somebody has written it down. */
import { ChangeDetectionStrategy, Component, computed, type ElementRef, inject, input, signal, viewChild } from "@angular/core";
import { asFailure } from "../api/api-failure";
import { numberFormat } from "../i18n/locale";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { playTime } from "../ui/time-text";
import { type MediaLink, MediaLinks } from "./media-links";

const SPEEDS = [1, 1.5, 2] as const;
const NUMBER = numberFormat();
/** One plays at a time. */
let playing: HTMLAudioElement | null = null;

@Component({
  selector: "app-voice-player",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <span class="voice">
      <button class="voice-play" type="button" [attr.aria-label]="t(isPlaying() ? 'voice.pause' : 'voice.play')" (click)="toggle()">
        <app-icon [name]="isPlaying() ? 'pause' : 'play'" />
      </button>
      <input
        class="voice-place"
        type="range"
        min="0"
        step="0.1"
        [max]="length() || 1"
        [value]="place()"
        [attr.aria-label]="t('voice.place')"
        [attr.aria-valuetext]="time()"
        (input)="seek($any($event.target).valueAsNumber)"
      />
      <span class="voice-time num">{{ time() }}</span>
      <button class="voice-speed num" type="button" [attr.aria-label]="t('voice.speed', { speed: speedText() })" (click)="faster()">{{ speedText() }}×</button>
    </span>
    @if (link(); as found) {
      <audio
        #audio
        preload="metadata"
        (loadedmetadata)="ready()"
        (durationchange)="ready()"
        (timeupdate)="follow()"
        (play)="isPlaying.set(true)"
        (pause)="isPlaying.set(false)"
        (ended)="end()"
      >
        @for (source of found.sources; track source.src) {
          <source [src]="source.src" [type]="source.type" (error)="failure.set(t('media.failed'))" />
        }
      </audio>
    }
    @if (failure(); as text) {
      <span class="media-gone"><app-icon name="alert" size="icon-s" />{{ text }}</span>
    }
    @if (transcript(); as text) {
      <span class="transcript">
        <span class="transcript-head"><app-icon name="translate" size="icon-s" />{{ t("voice.transcript") }}</span>
        <span dir="auto">{{ text }}</span>
      </span>
    }
  `,
})
export class VoicePlayer {
  readonly id = input.required<string>();
  readonly transcript = input<string | null>(null);

  protected readonly t = inject(Words).t;
  readonly #links = inject(MediaLinks);
  private readonly audio = viewChild<ElementRef<HTMLAudioElement>>("audio");
  protected readonly link = signal<MediaLink | null>(null);
  protected readonly failure = signal<string | null>(null);
  protected readonly isPlaying = signal(false);
  protected readonly place = signal(0);
  protected readonly length = signal(0);
  readonly #speed = signal<number>(1);
  #mustPlay = false;

  protected readonly speedText = computed(() => NUMBER().format(this.#speed()));
  protected readonly time = computed(() =>
    this.length() > 0 ? `${playTime(this.place())} / ${playTime(this.length())}` : playTime(this.place()),
  );

  /** The link is asked for at the first play: a thread of a hundred voices would ask for a hundred. */
  protected async toggle(): Promise<void> {
    const audio = this.audio()?.nativeElement;
    if (audio) {
      if (audio.paused) await this.#play(audio);
      else audio.pause();
      return;
    }
    this.failure.set(null);
    this.#mustPlay = true;
    try {
      this.link.set(await this.#links.find(this.id()));
    } catch (error) {
      // Awaited: ApiFailure.
      this.failure.set(asFailure(error).message);
    }
  }

  protected ready(): void {
    const audio = this.audio()?.nativeElement;
    if (!audio) return;
    this.length.set(Number.isFinite(audio.duration) ? audio.duration : 0);
    if (this.#mustPlay) {
      this.#mustPlay = false;
      void this.#play(audio);
    }
  }

  protected follow(): void {
    this.place.set(this.audio()?.nativeElement.currentTime ?? 0);
  }

  protected end(): void {
    this.isPlaying.set(false);
    this.place.set(0);
  }

  protected seek(to: number): void {
    const audio = this.audio()?.nativeElement;
    if (audio) audio.currentTime = to;
    this.place.set(to);
  }

  protected faster(): void {
    const at = SPEEDS.indexOf(this.#speed() as (typeof SPEEDS)[number]);
    this.#speed.set(SPEEDS[(at + 1) % SPEEDS.length] ?? 1);
    const audio = this.audio()?.nativeElement;
    if (audio) audio.playbackRate = this.#speed();
  }

  async #play(audio: HTMLAudioElement): Promise<void> {
    if (playing && playing !== audio) playing.pause();
    playing = audio;
    audio.playbackRate = this.#speed();
    // Awaited: NotSupportedError for sounds this browser cannot play, AbortError when another play came first.
    await audio.play().catch((error: DOMException) => {
      if (error.name !== "AbortError") this.failure.set(this.t("media.failed"));
    });
  }
}
