/** A message's text with WhatsApp's formatting; everything is text, nothing is markup. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";
import { piecesOf } from "./whatsapp-text";

@Component({
  selector: "app-formatted-text",
  changeDetection: ChangeDetectionStrategy.OnPush,
  // One line on purpose: spaces between the pieces would be shown, because the text keeps its line breaks.
  template: `@for (piece of pieces(); track $index) {@switch (piece.mark) {@case ("bold") {<b>{{ piece.text }}</b>}@case ("italic") {<i>{{ piece.text }}</i>}@case ("strike") {<s>{{ piece.text }}</s>}@case ("code") {<code>{{ piece.text }}</code>}@case ("link") {<a [href]="piece.text" target="_blank" rel="noopener noreferrer nofollow">{{ piece.text }}</a>}@default {{{ piece.text }}}}}`,
  host: { class: "formatted", dir: "auto" },
})
export class FormattedText {
  readonly text = input.required<string>();
  protected readonly pieces = computed(() => piecesOf(this.text()));
}
