/** One stroke icon of the sprite; decoration only, the words beside it carry the meaning. */
import { ChangeDetectionStrategy, Component, input } from "@angular/core";

@Component({
  selector: "app-icon",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `<svg [attr.class]="'icon ' + size()" aria-hidden="true"><use [attr.href]="'#i-' + name()" /></svg>`,
})
export class Icon {
  readonly name = input.required<string>();
  /** A class of the style sheet: `icon-s` 14, `icon-m` 16, none 18, `icon-l` 20 pixels. */
  readonly size = input<"" | "icon-s" | "icon-m" | "icon-l">("");
}
