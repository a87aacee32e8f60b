/** A value that is edited where it stands: a click opens the field, Enter and leaving save, Esc leaves it as it was. */
import { ChangeDetectionStrategy, Component, type ElementRef, inject, input, signal, viewChild } from "@angular/core";
import { asFailure } from "../api/api-failure";
import { Words } from "../i18n/words";

export interface InlineOption {
  value: string;
  text: string;
}

@Component({
  selector: "app-inline-field",
  changeDetection: ChangeDetectionStrategy.OnPush,
  template: `
    @if (isEditing()) {
      <form class="inline-form" (submit)="commit($event)">
        @if (options(); as choices) {
          <select #field class="input input-inline" [attr.aria-label]="label()" (change)="commit()" (blur)="commit()" (keydown.escape)="cancel($event)">
            <option value="">–</option>
            @for (option of choices; track option.value) {
              <option [value]="option.value" [selected]="option.value === value()">{{ option.text }}</option>
            }
          </select>
        } @else {
          <input #field class="input input-inline" dir="auto" [type]="type()" [attr.step]="type() === 'number' ? 'any' : null" [attr.aria-label]="label()" [attr.aria-invalid]="trouble() !== null" [value]="value()" [attr.maxlength]="most()" (blur)="commit()" (keydown.escape)="cancel($event)" />
        }
      </form>
    } @else {
      <button #opener class="fact-button" type="button" [attr.aria-label]="label() + ': ' + (shown() || value() || t('common.add'))" [title]="t('common.edit')" (click)="edit()">
        <span class="clip" [class.fact-empty]="!value()" dir="auto">{{ shown() || value() || t("common.add") }}</span>
      </button>
    }
    @if (trouble(); as words) {
      <span class="hint hint-bad" role="alert">{{ words }}</span>
    }
  `,
})
export class InlineField {
  readonly label = input.required<string>();
  readonly value = input.required<string>();
  /** How the value is written where it is only read. */
  readonly shown = input("");
  readonly type = input<"text" | "email" | "tel" | "url" | "number" | "date">("text");
  readonly options = input<readonly InlineOption[] | null>(null);
  readonly most = input<number | null>(200);
  /** Stores the new value; an empty one takes it away. Throws ApiFailure. */
  readonly save = input.required<(value: string) => Promise<unknown>>();

  readonly #words = inject(Words);
  protected readonly t = this.#words.t;
  protected readonly isEditing = signal(false);
  protected readonly trouble = signal<string | null>(null);
  private readonly field = viewChild<ElementRef<HTMLInputElement | HTMLSelectElement>>("field");
  private readonly opener = viewChild<ElementRef<HTMLButtonElement>>("opener");
  #isSaving = false;

  protected edit(): void {
    this.trouble.set(null);
    this.isEditing.set(true);
    requestAnimationFrame(() => this.field()?.nativeElement.focus());
  }

  protected cancel(event: Event): void {
    event.preventDefault();
    event.stopPropagation();
    this.trouble.set(null);
    this.#close();
  }

  protected async commit(event?: Event): Promise<void> {
    event?.preventDefault();
    const field = this.field()?.nativeElement;
    if (!field || this.#isSaving || !this.isEditing()) return;
    const value = field.value.trim();
    if (value === this.value()) {
      this.trouble.set(null);
      this.#close();
      return;
    }
    this.#isSaving = true;
    try {
      await this.save()(value);
      this.trouble.set(null);
      this.#close();
    } catch (error) {
      // Awaited: ApiFailure; what was typed stays in the field.
      const failure = asFailure(error);
      this.trouble.set(failure.details[0] ? this.#words.detail(failure.details[0]) : this.#words.failure(failure));
    } finally {
      this.#isSaving = false;
    }
  }

  #close(): void {
    const hadFocus = this.field()?.nativeElement === document.activeElement;
    this.isEditing.set(false);
    if (hadFocus) requestAnimationFrame(() => this.opener()?.nativeElement.focus());
  }
}
