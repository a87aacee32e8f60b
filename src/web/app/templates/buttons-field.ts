/** The buttons of a template: added, written, moved and taken away. */
import { ChangeDetectionStrategy, Component, computed, inject, input, output } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { MenuButton, type MenuItem } from "../ui/menu-button";
import { LIMITS } from "./template-check";
import { BUTTON_KINDS, type ButtonKind, type DraftButton } from "./template-draft";
import { BUTTON_ICONS, BUTTON_WORDS } from "./template-look";

@Component({
  selector: "app-buttons-field",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon, MenuButton],
  templateUrl: "./buttons-field.html",
})
export class ButtonsField {
  readonly buttons = input.required<readonly DraftButton[]>();
  /** By the place of the button; `-1` for all of them. */
  readonly troubles = input.required<ReadonlyMap<number, string>>();
  readonly changed = output<readonly DraftButton[]>();

  protected readonly t = inject(Words).t;
  protected readonly limits = LIMITS;
  protected readonly words = BUTTON_WORDS;
  protected readonly iconOf = (type: string): string => BUTTON_ICONS[type] ?? "reply";
  protected readonly kinds = computed((): MenuItem[] =>
    BUTTON_KINDS.map((id) => ({ id, text: this.t(BUTTON_WORDS[id]), icon: this.iconOf(id) })),
  );
  protected readonly isFull = computed(() => this.buttons().length >= LIMITS.buttons);

  protected add(type: string): void {
    const key = Math.max(-1, ...this.buttons().map((one) => one.key)) + 1;
    const added: DraftButton = { key, type: type as ButtonKind, text: "", value: "", example: "" };
    // Quick replies stand together: a new one joins them.
    const at = type === "QUICK_REPLY" ? this.buttons().findLastIndex((one) => one.type === "QUICK_REPLY" && !one.raw) + 1 : 0;
    const place = at > 0 ? at : this.buttons().length;
    this.changed.emit(this.buttons().toSpliced(place, 0, added));
    this.#focus(`button-${key}-${type === "COPY_CODE" ? "value" : "text"}`);
  }

  protected write(at: number, change: Partial<DraftButton>): void {
    this.changed.emit(this.buttons().map((one, index) => (index === at ? { ...one, ...change } : one)));
  }

  protected move(at: number, by: -1 | 1): void {
    const moved = this.buttons()[at];
    if (!moved || at + by < 0 || at + by >= this.buttons().length) return;
    this.changed.emit(
      this.buttons()
        .toSpliced(at, 1)
        .toSpliced(at + by, 0, moved),
    );
  }

  protected remove(at: number): void {
    this.changed.emit(this.buttons().toSpliced(at, 1));
    this.#focus("template-add-button");
  }

  #focus(id: string): void {
    requestAnimationFrame(() => {
      const target = document.getElementById(id);
      (target?.matches("input") ? target : target?.querySelector("button"))?.focus();
    });
  }
}
