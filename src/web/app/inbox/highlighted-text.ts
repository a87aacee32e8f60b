/** Text with what was found in it marked; offsets beyond the text are ignored. */
import { ChangeDetectionStrategy, Component, computed, input } from "@angular/core";

export interface Span {
  start: number;
  end: number;
}

/** The pieces of a text, in order, each marked or not. */
export function markedPieces(text: string, spans: readonly Span[]): { text: string; isMarked: boolean }[] {
  const pieces: { text: string; isMarked: boolean }[] = [];
  let from = 0;
  for (const { start, end } of [...spans].sort((a, b) => a.start - b.start)) {
    if (start < from || end <= start || start >= text.length) continue;
    if (start > from) pieces.push({ text: text.slice(from, start), isMarked: false });
    pieces.push({ text: text.slice(start, end), isMarked: true });
    from = end;
  }
  if (from < text.length) pieces.push({ text: text.slice(from), isMarked: false });
  return pieces;
}

@Component({
  selector: "app-highlighted-text",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `@for (piece of pieces(); track $index) {@if (piece.isMarked) {<mark>{{ piece.text }}</mark>} @else {{{ piece.text }}}}`,
})
export class HighlightedText {
  readonly text = input.required<string>();
  readonly spans = input.required<readonly Span[]>();
  protected readonly pieces = computed(() => markedPieces(this.text(), this.spans()));
}
