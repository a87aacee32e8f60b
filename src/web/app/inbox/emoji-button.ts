/** Emoji by search and by group. The picker and its data are loaded when they are first wanted, from our own server. */
import { ChangeDetectionStrategy, Component, type ElementRef, inject, output, signal, viewChild } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import type { EmojiPicker } from "./emoji-picker";

const GAP = 8;

@Component({
  selector: "app-emoji-button",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <button #button class="ibtn" type="button" [attr.aria-label]="t('composer.emoji')" [title]="t('composer.emoji')" [attr.aria-expanded]="isOpen()" (click)="toggle()"><app-icon name="smile" /></button>
    <div #place class="emoji-place" popover [attr.aria-label]="t('composer.emoji')" (toggle)="isOpen.set($any($event).newState === 'open')"></div>
  `,
})
export class EmojiButton {
  readonly chosen = output<string>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly isOpen = signal(false);
  private readonly button = viewChild.required<ElementRef<HTMLElement>>("button");
  private readonly place = viewChild.required<ElementRef<HTMLElement>>("place");
  #picker: EmojiPicker | null = null;
  #language = "";

  protected async toggle(): Promise<void> {
    const place = this.place().nativeElement;
    if (this.isOpen()) return place.hidePopover();
    if (!this.#picker || this.#language !== this.words.language()) {
      const { createEmojiPicker } = await import("./emoji-picker");
      this.#language = this.words.language();
      this.#picker = await createEmojiPicker(this.words.language(), (emoji) => {
        place.hidePopover();
        this.chosen.emit(emoji);
      });
      place.replaceChildren(this.#picker);
    }
    const at = this.button().nativeElement.getBoundingClientRect();
    place.style.inset = `auto auto ${innerHeight - at.top + GAP}px ${Math.max(GAP, Math.min(at.left, innerWidth - 380))}px`;
    place.showPopover();
    // The search field is inside of the picker's own tree.
    requestAnimationFrame(() => this.#picker?.shadowRoot?.querySelector("input")?.focus());
  }
}
