/** How far an article is read in: passages, progress, or why it could not be. */
import { ChangeDetectionStrategy, Component, computed, inject, input } from "@angular/core";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";

@Component({
  selector: "app-reading-state",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    @let now = index();
    @switch (now.state) {
      @case ("pending") {
        <span class="reading" role="status">
          <span class="meta">{{ now.chunks > 0 ? t("knowledge.readingOf", { done: now.embedded, all: now.chunks }) : t("knowledge.reading") }}</span>
          <span class="bar bar-wide" aria-hidden="true"><i [style.width.%]="part()"></i></span>
        </span>
      }
      @case ("ready") {
        <span class="reading-done"><app-icon name="check-circle" size="icon-s" />{{ words.n("knowledge.passages", now.chunks) }}</span>
      }
      @case ("words") {
        <span class="reading-done" [title]="t('knowledge.byWordsHint')"><app-icon name="check" size="icon-s" />{{ words.n("knowledge.passages", now.chunks) }} · {{ t("knowledge.byWords") }}</span>
      }
      @case ("failed") {
        <span class="reading-bad"><app-icon name="alert" size="icon-s" /><span class="min-w-0"><b>{{ t("knowledge.notRead") }}</b> <span dir="auto">{{ now.error }}</span></span></span>
      }
      @default {
        <span class="meta">{{ t("knowledge.notUsed") }}</span>
      }
    }
  `,
})
export class ReadingState {
  readonly index = input.required<ArticleView["index"]>();
  protected readonly words = inject(Words);
  protected readonly t = this.words.t;
  protected readonly part = computed(() => {
    const { chunks, embedded } = this.index();
    return chunks > 0 ? Math.min(100, (embedded / chunks) * 100) : 4;
  });
}
