/** The fields of an article, or of a pair of question and answer. What was typed stays until it is saved. */
import { ChangeDetectionStrategy, Component, computed, inject, input, linkedSignal, output } from "@angular/core";
import type { ArticleView } from "@server/features/knowledge/knowledge.schema";
import type { ApiFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { fullTime } from "../ui/time-text";
import { ArticleText } from "./article-text";

export interface WrittenArticle {
  title: string;
  question: string;
  text: string;
}

/** What the server takes from a hand; files and pages may be longer. */
export const LONGEST_BY_HAND = 200_000;

@Component({
  selector: "app-article-form",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ArticleText, FailureNote],
  templateUrl: "./article-form.html",
})
export class ArticleForm {
  readonly isPair = input.required<boolean>();
  /** What it starts with. */
  readonly from = input.required<WrittenArticle>();
  readonly isBusy = input(false);
  readonly failure = input<ApiFailure | null>(null);
  /** What somebody else has saved meanwhile. */
  readonly theirs = input<ArticleView | null>(null);
  /** The draft is not used for answers yet. */
  readonly isUsed = input(true);
  /** What is written is saved, and used for answers or not. */
  readonly saved = output<{ written: WrittenArticle; isUsed: boolean }>();
  readonly canceled = output();
  /** Their words, or one's own on top of theirs. */
  readonly settled = output<"theirs" | "mine">();

  protected readonly t = inject(Words).t;
  protected readonly fullTime = fullTime;
  protected readonly most = LONGEST_BY_HAND;
  readonly written = linkedSignal(() => this.from());
  readonly isChanged = computed(() => {
    const [now, before] = [this.written(), this.from()];
    return now.title !== before.title || now.question !== before.question || now.text !== before.text;
  });
  protected readonly isTooLong = computed(() => this.from().text.length > LONGEST_BY_HAND);

  protected write(field: keyof WrittenArticle, value: string): void {
    this.written.update((before) => ({ ...before, [field]: value }));
  }

  protected save(event: Event): void {
    event.preventDefault();
    if (this.isBusy()) return;
    const isUsed = (event as SubmitEvent).submitter?.getAttribute("value") !== "draft";
    this.saved.emit({ written: this.written(), isUsed });
  }
}
