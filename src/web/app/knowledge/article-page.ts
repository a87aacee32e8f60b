/** One article on a page of its own: read, written anew, changed, used or taken back. */
import { ChangeDetectionStrategy, Component, computed, effect, inject, input, signal, untracked, viewChild } from "@angular/core";
import { Router, RouterLink } from "@angular/router";
import type { ArticlePatch, ArticleView } from "@server/features/knowledge/knowledge.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { FailurePage } from "../ui/failure-page";
import { Icon } from "../ui/icon";
import { Modal } from "../ui/modal";
import { SureButton } from "../ui/sure-button";
import { fullTime } from "../ui/time-text";
import { Toasts } from "../ui/toasts";
import { ArticleForm, LONGEST_BY_HAND, type WrittenArticle } from "./article-form";
import { KIND, STATUS } from "./article-look";
import { ArticleStore } from "./article-store";
import { ArticleText } from "./article-text";
import type { CanBeLeft } from "./leave-saved.guard";
import { ReadingState } from "./reading-state";

@Component({
  selector: "app-article-page",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [ArticleForm, ArticleText, FailureNote, FailurePage, Icon, Modal, ReadingState, RouterLink, SureButton],
  providers: [ArticleStore],
  host: { class: "contents", "(window:beforeunload)": "holdBack($event)" },
  templateUrl: "./article-page.html",
})
export class ArticlePage implements CanBeLeft {
  /** Absent: a new one. */
  readonly id = input<string>();
  /** `faq`: a new pair of question and answer. */
  readonly as = input<string>();
  /** What a new pair answers. */
  readonly question = input<string>();
  /** The unanswered question that a new pair solves. */
  readonly gap = input<string>();

  protected readonly store = inject(ArticleStore);
  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  readonly #calls = inject(ApiClient).calls;
  readonly #router = inject(Router);
  readonly #toasts = inject(Toasts);
  readonly #permissions = inject(Permissions);
  private readonly form = viewChild(ArticleForm);
  protected readonly kinds = KIND;
  protected readonly statuses = STATUS;
  protected readonly fullTime = fullTime;
  protected readonly deed = new Deed();
  protected readonly isEditing = signal(false);
  /** Somebody goes, and what is typed is not saved: the answer is waited for. */
  protected readonly leaving = signal<((mayLeave: boolean) => void) | null>(null);
  #isGone = false;

  protected readonly mayManage = computed(() => this.#permissions.may("knowledge.manage"));
  protected readonly isNew = computed(() => this.id() === undefined);
  protected readonly isPair = computed(() => (this.isNew() ? this.as() === "faq" : this.store.article()?.kind === "faq"));
  /** What the form starts with: an article that is read in meanwhile is still the same one. */
  protected readonly from = computed(
    (): WrittenArticle => {
      const article = this.store.article();
      if (this.isNew()) return { title: "", question: this.question() ?? "", text: "" };
      return { title: article?.title ?? "", question: article?.question ?? "", text: article?.text ?? "" };
    },
    { equal: (a, b) => a.title === b.title && a.question === b.question && a.text === b.text },
  );

  constructor() {
    effect(() => {
      const id = this.id();
      untracked(() => {
        this.isEditing.set(id === undefined);
        if (id) void this.store.load(id);
      });
    });
    effect(() => this.store.isWriting.set(this.isEditing()));
  }

  mayLeave(): boolean | Promise<boolean> {
    if (this.#isGone || !this.#isUnsaved()) return true;
    return new Promise((answer) => this.leaving.set(answer));
  }

  protected answer(mayLeave: boolean): void {
    this.leaving()?.(mayLeave);
    this.leaving.set(null);
  }

  protected holdBack(event: Event): void {
    if (this.#isUnsaved()) event.preventDefault();
  }

  protected async save({ written, isUsed }: { written: WrittenArticle; isUsed: boolean }): Promise<void> {
    const status = isUsed ? ("published" as const) : ("draft" as const);
    if (this.isNew()) {
      const named = this.isPair() ? { question: written.question.trim() } : { title: written.title.trim() };
      await this.deed.run(async () => this.#arrive(await this.store.create({ ...named, text: written.text, status })));
      return;
    }
    const before = this.store.article();
    const values = before && changesOf(before, written, status);
    if (!values || (await this.deed.run(() => this.store.patch(values)))) this.isEditing.set(false);
  }

  protected settle(whose: "theirs" | "mine"): void {
    const mine = this.form()?.written();
    this.store.settle();
    this.deed.failure.set(null);
    if (whose === "mine" && mine) {
      // After the form has taken their words over as its start.
      queueMicrotask(() => this.form()?.written.set(mine));
    }
  }

  protected cancel(): void {
    if (this.isNew()) void this.#router.navigate(["/knowledge/articles"]);
    else {
      this.store.settle();
      this.deed.failure.set(null);
      this.isEditing.set(false);
    }
  }

  protected async use({ status }: ArticleView): Promise<void> {
    await this.deed.run(() => this.store.patch({ status: status === "published" ? "draft" : "published" }));
    // Nothing was typed: what is shown is the newest now.
    this.store.settle();
  }

  protected async refresh(): Promise<void> {
    await this.deed.run(() => this.store.refresh());
  }

  protected async remove(): Promise<void> {
    if (!(await this.deed.run(() => this.store.remove()))) return;
    this.#isGone = true;
    void this.#router.navigate(["/knowledge/articles"], { queryParamsHandling: "preserve" });
  }

  #isUnsaved(): boolean {
    return this.isEditing() && (this.form()?.isChanged() ?? false);
  }

  async #arrive({ id }: ArticleView): Promise<void> {
    this.#isGone = true;
    const gap = this.gap();
    if (gap) {
      // Awaited: ApiFailure; the answer itself is saved, and the question can still be closed in the list.
      await dataOf(this.#calls.knowledge.gaps({ id: gap }).post({ state: "solved", article: id })).catch((error: unknown) =>
        this.#toasts.say(this.#words.failure(asFailure(error)), "alert"),
      );
    }
    await this.#router.navigate(["/knowledge/articles", id], { replaceUrl: true });
    this.#isGone = false;
  }
}

/** Null when nothing has changed. */
function changesOf(
  before: ArticleView,
  { title, question, text }: WrittenArticle,
  status: "draft" | "published",
): ArticlePatch["values"] | null {
  const asked = question.trim();
  const isAnother = before.kind === "faq" && asked !== before.question;
  // A pair is called by its question unless somebody gave it another name.
  const name =
    before.kind !== "faq"
      ? title.trim()
      : isAnother && before.title === before.question?.slice(0, 200)
        ? asked.slice(0, 200)
        : before.title;
  const values: ArticlePatch["values"] = {
    ...(name !== before.title ? { title: name } : {}),
    ...(isAnother ? { question: asked } : {}),
    ...(text !== before.text && text.length <= LONGEST_BY_HAND ? { text } : {}),
    ...(status !== before.status ? { status } : {}),
  };
  return Object.keys(values).length > 0 ? values : null;
}
