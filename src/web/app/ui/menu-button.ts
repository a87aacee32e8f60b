/** A button that opens a menu beside itself: arrows walk, Enter and clicks choose, Esc and leaving close. */
import {
  ChangeDetectionStrategy,
  Component,
  computed,
  type ElementRef,
  inject,
  input,
  output,
  signal,
  viewChild,
} from "@angular/core";
import { Words } from "../i18n/words";
import { foldedText } from "./folded-text";
import { Icon } from "./icon";

export interface MenuItem {
  id: string;
  text: string;
  icon?: string;
  /** Said at the end of the line: a time, a count. */
  detail?: string;
  isOn?: boolean;
  isDisabled?: boolean;
}

/** From here on a long menu can be searched. */
const SEARCH_FROM = 9;
const GAP = 4;

@Component({
  selector: "app-menu-button",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <button
      #button
      type="button"
      aria-haspopup="menu"
      [attr.tabindex]="stop()"
      [class]="look()"
      [attr.aria-expanded]="isOpen()"
      [attr.aria-label]="hasText() ? null : label()"
      [title]="label()"
      (click)="toggle()"
    >
      @if (icon(); as name) {
        <app-icon [name]="name" [size]="iconSize()" />
      }
      <ng-content />
    </button>
    <div #menu class="menu menu-list" popover [attr.aria-label]="label()" (toggle)="follow($event)" (keydown)="steer($event)" (focusout)="leave($event)">
      @if (isOpen()) {
        @if (items().length >= searchFrom) {
          <input class="input menu-search" type="text" autocomplete="off" [attr.aria-label]="t('common.search')" [placeholder]="t('common.search')" (input)="query.set($any($event.target).value)" />
        }
        <div role="menu" class="scroll menu-items" [attr.aria-label]="label()">
          @for (item of shown(); track item.id) {
            <button
              class="menu-item"
              type="button"
              tabindex="-1"
              [attr.role]="item.isOn === undefined ? 'menuitem' : 'menuitemcheckbox'"
              [attr.aria-checked]="item.isOn ?? null"
              [attr.aria-disabled]="item.isDisabled || null"
              (click)="choose(item)"
            >
              @if (item.icon) {
                <app-icon [name]="item.icon" size="icon-m" />
              }
              <span class="clip" dir="auto">{{ item.text }}</span>
              @if (item.detail) {
                <span class="menu-detail num">{{ item.detail }}</span>
              }
              @if (item.isOn) {
                <span class="menu-check"><app-icon name="check" size="icon-m" /></span>
              }
            </button>
          } @empty {
            <span class="menu-none" role="menuitem" aria-disabled="true">{{ t("common.nothing") }}</span>
          }
        </div>
      }
    </div>
  `,
})
export class MenuButton {
  readonly label = input.required<string>();
  readonly items = input.required<readonly MenuItem[]>();
  readonly icon = input<string>();
  readonly iconSize = input<"" | "icon-s" | "icon-m" | "icon-l">("");
  readonly look = input("ibtn");
  /** The button shows words of its own: they are its name then. */
  readonly hasText = input(false);
  /** -1: reached by other keys than Tab. */
  readonly stop = input(0);
  /** Labels are put on and taken off one after the other: the menu stays open. */
  readonly staysOpen = input(false);
  readonly chosen = output<string>();

  protected readonly t = inject(Words).t;
  protected readonly searchFrom = SEARCH_FROM;
  protected readonly isOpen = signal(false);
  protected readonly query = signal("");
  private readonly button = viewChild.required<ElementRef<HTMLButtonElement>>("button");
  private readonly menu = viewChild.required<ElementRef<HTMLElement>>("menu");

  protected readonly shown = computed(() => {
    const wanted = foldedText(this.query());
    return wanted ? this.items().filter(({ text }) => foldedText(text).includes(wanted)) : this.items();
  });

  toggle(): void {
    if (this.isOpen()) this.menu().nativeElement.hidePopover();
    else this.menu().nativeElement.showPopover();
  }

  protected follow(event: Event): void {
    const open = (event as ToggleEvent).newState === "open";
    this.isOpen.set(open);
    this.query.set("");
    if (!open) return;
    // Once its items are drawn it is known how much room they need.
    requestAnimationFrame(() => {
      this.#place();
      const [first] = this.#stops();
      first?.focus();
    });
  }

  protected choose(item: MenuItem): void {
    if (item.isDisabled) return;
    if (!this.staysOpen()) {
      this.menu().nativeElement.hidePopover();
      this.button().nativeElement.focus();
    }
    this.chosen.emit(item.id);
  }

  protected steer(event: KeyboardEvent): void {
    const stops = this.#stops();
    const at = stops.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: stops.length - 1 }[event.key];
    if (to !== undefined && stops.length > 0 && !(at === 0 && stops[0] instanceof HTMLInputElement && event.key === "Home")) {
      event.preventDefault();
      stops[(to + stops.length) % stops.length]?.focus();
    } else if (event.key === "Enter" && document.activeElement instanceof HTMLInputElement) {
      event.preventDefault();
      const [first] = this.shown();
      if (first) this.choose(first);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      this.menu().nativeElement.hidePopover();
      this.button().nativeElement.focus();
    } else if (event.key === "Tab") this.menu().nativeElement.hidePopover();
  }

  protected leave(event: FocusEvent): void {
    const to = event.relatedTarget as Node | null;
    if (to && !this.menu().nativeElement.contains(to) && to !== this.button().nativeElement)
      this.menu().nativeElement.hidePopover();
  }

  #stops(): HTMLElement[] {
    return [...this.menu().nativeElement.querySelectorAll<HTMLElement>("input, button")];
  }

  /** Below the button, above it when there is no room; never outside of the window. */
  #place(): void {
    const menu = this.menu().nativeElement;
    const at = this.button().nativeElement.getBoundingClientRect();
    const { offsetWidth: width, offsetHeight: height } = menu;
    const left = Math.max(8, Math.min(at.left, innerWidth - width - 8));
    const below = at.bottom + GAP + height <= innerHeight - 8;
    const top = below ? at.bottom + GAP : Math.max(8, at.top - GAP - height);
    menu.style.inset = `${top}px auto auto ${left}px`;
  }
}
