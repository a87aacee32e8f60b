/** Records a voice message: press, speak, keep or throw away. */
import { ChangeDetectionStrategy, Component, DestroyRef, inject, output, signal } from "@angular/core";
import { type Cancelable, Clock } from "../clock";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { playTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { canRecord, type Recording, startRecording } from "./voice-recording";

@Component({
  selector: "app-voice-button",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @if (canRecord) {
      @if (recording()) {
        <span class="recording" role="status"><span class="recording-dot"></span><span class="num">{{ time() }}</span></span>
        <button class="ibtn" type="button" [attr.aria-label]="t('voice.discard')" [title]="t('voice.discard')" (click)="stop(false)"><app-icon name="trash" /></button>
        <button class="ibtn" type="button" [attr.aria-label]="t('voice.keep')" [title]="t('voice.keep')" (click)="stop(true)"><app-icon name="check" /></button>
      } @else {
        <button class="ibtn" type="button" [attr.aria-label]="t('voice.record')" [title]="t('voice.record')" (click)="start()"><app-icon name="mic" /></button>
      }
    }
  `,
})
export class VoiceButton {
  readonly recorded = output<File>();
  protected readonly t = inject(Words).t;
  readonly #clock = inject(Clock);
  readonly #toasts = inject(Toasts);
  protected readonly canRecord = canRecord();
  protected readonly recording = signal<Recording | null>(null);
  protected readonly time = signal(playTime(0));
  #tick: Cancelable | null = null;

  constructor() {
    inject(DestroyRef).onDestroy(() => void this.stop(false));
  }

  protected async start(): Promise<void> {
    try {
      const started = this.#clock.now();
      this.recording.set(await startRecording());
      const show = () => {
        this.time.set(playTime((this.#clock.now() - started) / 1000));
        this.#tick = this.#clock.timer(500, show);
      };
      show();
    } catch (error) {
      // Awaited: NotAllowedError when the microphone is refused, NotFoundError when there is none.
      const refused = error instanceof DOMException && error.name === "NotAllowedError";
      this.#toasts.say(this.t(refused ? "voice.refused" : "voice.none"), "alert");
    }
  }

  protected async stop(keep: boolean): Promise<void> {
    const recording = this.recording();
    this.#tick?.cancel();
    this.recording.set(null);
    if (!recording) return;
    const file = await recording.stop();
    if (keep && file) this.recorded.emit(file);
  }
}
