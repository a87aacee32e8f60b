/** Somebody writes: three breathing dots in a bubble, and the words for those who cannot see them. */
import { ChangeDetectionStrategy, Component, inject, input } from "@angular/core";
import { Words } from "../i18n/words";

@Component({
  selector: "app-typing-dots",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span class="bubble typing" role="status"><i></i><i></i><i></i><span class="sr-only">{{ words.t("thread.isTyping", { name: who() }) }}</span></span>`,
})
export class TypingDots {
  protected readonly words = inject(Words);
  readonly who = input.required<string>();
}
