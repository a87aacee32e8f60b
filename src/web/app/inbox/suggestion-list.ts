/** Canned replies, colleagues or emoji above the field; the field keeps the focus and the arrows. */
import { ChangeDetectionStrategy, Component, computed, inject, output } from "@angular/core";
import { Words } from "../i18n/words";
import { Avatar } from "../ui/avatar";
import { ComposerSuggestions, type Suggestion } from "./composer-suggestions";

const HEADINGS = { canned: "composer.canned", mention: "composer.mentions", emoji: "composer.emoji" } as const;

@Component({
  selector: "app-suggestion-list",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Avatar],
  template: `
    @if (suggestions.isOpen()) {
      <div class="suggestions scroll" role="listbox" id="suggestions" [attr.aria-label]="t(heading())">
        @for (item of suggestions.items(); track item.id) {
          <div
            class="suggestion"
            role="option"
            [id]="'suggestion-' + item.id"
            [attr.aria-selected]="item === suggestions.current()"
            (mousemove)="suggestions.point(item)"
            (mousedown)="$event.preventDefault()"
            (click)="chosen.emit(item)"
          >
            @if (item.kind === "mention") {
              <app-avatar [name]="item.sign" size="s" />
            }
            <b dir="auto">{{ item.sign }}</b>
            <span class="clip sub" dir="auto">{{ item.text }}</span>
          </div>
        }
      </div>
    }
  `,
})
export class SuggestionList {
  readonly chosen = output<Suggestion>();
  protected readonly t = inject(Words).t;
  protected readonly suggestions = inject(ComposerSuggestions);
  protected readonly heading = computed(() => HEADINGS[this.suggestions.trigger()?.kind ?? "canned"]);
}
