/**
 * A failure at the place where it happened: what was answered, what can be done, and the request id for whoever reads the log. In or beside
 * a form, what is about a single field is said at that field.
 */
import {
  afterRenderEffect,
  ChangeDetectionStrategy,
  Component,
  computed,
  DestroyRef,
  ElementRef,
  inject,
  input,
  output,
  signal,
  untracked,
} from "@angular/core";
import type { ApiFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import type { ShownErrors } from "./field-errors";
import { Icon } from "./icon";

const NONE: ReadonlySet<string> = new Set();

@Component({
  selector: "app-failure-note",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="callout callout-danger" role="alert">
      <app-icon name="alert" size="icon-m" />
      <span class="min-w-0">
        {{ words.failure(failure()) }}
        @for (detail of details(); track detail.path) {
          <span class="block">{{ detail.place }}{{ detail.words }}</span>
        }
        @if (failure().requestId; as id) {
          <span class="block mono break-all">{{ words.t("failure.request", { id }) }}</span>
        }
        @if (retryLabel(); as label) {
          <button type="button" (click)="retry.emit()">{{ label }}</button>
        }
      </span>
    </div>
  `,
})
export class FailureNote {
  protected readonly words = inject(Words);
  readonly failure = input.required<ApiFailure>();
  /** The way on; without it only the words are shown. */
  readonly retryLabel = input<string>();
  readonly retry = output();

  readonly #element = inject<ElementRef<HTMLElement>>(ElementRef).nativeElement;
  readonly #atFields = signal(NONE);
  #shown: ShownErrors | null = null;

  protected readonly details = computed(() =>
    this.failure()
      .details.filter(({ path }) => !this.#atFields().has(path))
      .map((detail) => ({
        path: detail.path,
        // Where it is in the request helps nobody more than the name of the field.
        place: placeOf(detail.path),
        words: this.words.detail(detail),
      })),
  );

  constructor() {
    let isGone = false;
    afterRenderEffect(() => {
      const failure = this.failure();
      // In another language they may still have to be loaded.
      const sentences = new Map(failure.details.map((detail) => [detail, capital(this.words.detail(detail))]));
      untracked(() => this.#clear());
      if (sentences.size === 0) return;
      void import("./field-errors").then(({ formNear, showAtFields }) => {
        const form = formNear(this.#element);
        if (isGone || !form || untracked(this.failure) !== failure) return;
        this.#clear();
        this.#shown = showAtFields(form, failure.details, (detail) => sentences.get(detail) ?? detail.message);
        this.#atFields.set(this.#shown.paths);
      });
    });
    inject(DestroyRef).onDestroy(() => {
      isGone = true;
      this.#clear();
    });
  }

  #clear(): void {
    this.#shown?.clear();
    this.#shown = null;
    this.#atFields.set(NONE);
  }
}

/** `name: ` of `body.name`. */
function placeOf(path: string): string {
  const place = path.replace(/^(?:body|query|params|headers)\.?/, "");
  return place ? `${place}: ` : "";
}

const capital = (text: string): string => text.charAt(0).toLocaleUpperCase() + text.slice(1);
