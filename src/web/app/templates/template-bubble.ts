/** A template as it will look on the customer's phone, by day and by night. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";
import { bubblePieces } from "./bubble-text";
import { BUTTON_ICONS, HEADER_ICONS } from "./template-look";

export interface BubbleParts {
  headerFormat: string | null;
  header: string | null;
  body: string;
  footer: string | null;
  buttons: readonly { type: string; text?: string; url?: string }[];
  cards?: readonly Omit<BubbleParts, "cards" | "offer">[];
  offer?: string;
}

type Values = Readonly<Record<string, string>>;
const NO_VALUES: Values = {};

function themeNow(): "light" | "dark" {
  const { theme } = document.documentElement.dataset;
  if (theme === "light" || theme === "dark") return theme;
  return matchMedia("(prefers-color-scheme: dark)").matches ? "dark" : "light";
}

@Component({
  selector: "app-template-bubble",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  templateUrl: "./template-bubble.html",
  host: { class: "tpl-preview" },
})
export class TemplateBubble {
  readonly parts = input.required<BubbleParts>();
  readonly headerValues = input<Values>(NO_VALUES);
  readonly bodyValues = input<Values>(NO_VALUES);
  /** A picture that is at hand; other files are drawn as their kind. */
  readonly picture = input<string | null>(null);

  protected readonly t = inject(Words).t;
  /** As the app is at first. */
  protected readonly theme = signal(themeNow());
  protected readonly icons = HEADER_ICONS;
  protected readonly header = computed(() => bubblePieces(this.parts().header ?? "", this.headerValues()));
  protected readonly body = computed(() => bubblePieces(this.parts().body, this.bodyValues()));
  protected readonly isFile = computed(() => {
    const format = this.parts().headerFormat;
    return format !== null && format !== "TEXT";
  });
  protected readonly pieces = bubblePieces;
  protected readonly none = NO_VALUES;
  protected readonly buttonIcon = (type: string): string => BUTTON_ICONS[type] ?? "reply";
  protected readonly buttonText = ({ type, text }: BubbleParts["buttons"][number]): string =>
    text || this.t(type === "COPY_CODE" || type === "OTP" ? "templates.copyCode" : "templates.noButtonText");
}
