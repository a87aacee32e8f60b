/** Somebody writes: three breathing dots in a bubble, and the words for those who cannot see them. */
import { ChangeDetectionStrategy, Component, input } from "@angular/core";

@Component({
  selector: "app-typing-dots",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<span class="bubble typing" role="status"><i></i><i></i><i></i><span class="sr-only">{{ who() }} is typing</span></span>`,
})
export class TypingDots {
  readonly who = input.required<string>();
}
