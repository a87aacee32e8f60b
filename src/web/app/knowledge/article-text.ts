/** An article as people read it. */
import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal } from "@angular/core";
import { Words } from "../i18n/words";
import { FormattedText } from "../ui/formatted-text";
import { blocksOf } from "./article-blocks";

/** A book would stop the page: so many pieces are drawn at a time. */
const AT_A_TIME = 300;

@Component({
  selector: "app-article-text",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FormattedText],
  template: `
    <div class="prose">
      @for (block of read().blocks; track $index) {
        @switch (block.kind) {
          @case ("heading") {
            @switch (block.level) {
              @case (2) {
                <h2 dir="auto">{{ block.text }}</h2>
              }
              @case (3) {
                <h3 dir="auto">{{ block.text }}</h3>
              }
              @case (4) {
                <h4 dir="auto">{{ block.text }}</h4>
              }
              @case (5) {
                <h5 dir="auto">{{ block.text }}</h5>
              }
              @default {
                <h6 dir="auto">{{ block.text }}</h6>
              }
            }
          }
          @case ("list") {
            <ul>
              @for (line of block.lines; track $index) {
                <li><app-formatted-text [text]="line" /></li>
              }
            </ul>
          }
          @default {
            <p><app-formatted-text [text]="block.text" /></p>
          }
        }
      }
    </div>
    @if (read().hasMore) {
      <p class="form-ways"><button class="btn" type="button" (click)="shown.set(shown() + more)">{{ t("search.more") }}</button></p>
    }
  `,
})
export class ArticleText {
  readonly text = input.required<string>();
  /** Which article it is: another one starts at its beginning. */
  readonly of = input("");
  protected readonly t = inject(Words).t;
  protected readonly more = AT_A_TIME;
  protected readonly shown = linkedSignal({ source: this.of, computation: () => AT_A_TIME });
  protected readonly read = computed(() => blocksOf(this.text(), this.shown()));
}
