/**
 * Keeps a scrolled list at its end while its reader is there, and never moves what is being read:
 * away from the end it only counts what has arrived.
 */
import { afterRenderEffect, DestroyRef, Directive, ElementRef, inject, input, signal, untracked } from "@angular/core";

/** Closer than this many pixels counts as being at the end. */
const NEAR = 48;

@Directive({ selector: "[appStickToEnd]", exportAs: "stickToEnd", host: { "(scroll)": "look()" } })
export class StickToEnd {
  /** How many entries the list has; growing at its end is what is watched. */
  readonly appStickToEnd = input.required<number>();
  /** Which list is shown: another one starts at its end again. */
  readonly stickTo = input<string | null>(null);

  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly #unseen = signal(0);
  readonly unseen = this.#unseen.asReadonly();
  #isAtEnd = true;
  #shown: string | null = null;
  #count = 0;

  constructor() {
    afterRenderEffect(() => {
      const count = this.appStickToEnd();
      const list = this.stickTo();
      untracked(() => this.#follow(count, list));
    });
    // A pane that was hidden, a keyboard that slides in, a window made smaller: the end stays in sight.
    const observer = new ResizeObserver(() => {
      if (this.#isAtEnd) this.toEnd();
    });
    observer.observe(this.#element);
    inject(DestroyRef).onDestroy(() => observer.disconnect());
  }

  /** Goes to the newest entry. */
  toEnd(): void {
    this.#isAtEnd = true;
    this.#unseen.set(0);
    this.#element.scrollTop = this.#element.scrollHeight;
  }

  /** Keeps the place while entries are put in front: call before they are added. */
  holdPlace(): void {
    this.#isAtEnd = false;
  }

  protected look(): void {
    const { scrollHeight, scrollTop, clientHeight } = this.#element;
    this.#isAtEnd = scrollHeight - scrollTop - clientHeight < NEAR;
    if (this.#isAtEnd) this.#unseen.set(0);
  }

  #follow(count: number, list: string | null): void {
    const grown = count - this.#count;
    this.#count = count;
    if (list !== this.#shown) {
      this.#shown = list;
      this.toEnd();
    } else if (this.#isAtEnd) this.toEnd();
    else if (grown > 0) this.#unseen.update((unseen) => unseen + grown);
  }
}
