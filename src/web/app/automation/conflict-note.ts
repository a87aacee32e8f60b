/** Somebody else has stored another version meanwhile: what it says now, and which of both shall hold. */
import { ChangeDetectionStrategy, Component, inject, input, output } from "@angular/core";
import { Words } from "../i18n/words";
import { Icon } from "../ui/icon";

@Component({
  selector: "app-conflict-note",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [Icon],
  template: `
    <div class="callout callout-danger conflict" role="alert">
      <app-icon name="alert" size="icon-m" />
      <div class="min-w-0 stack">
        <p>{{ t("conflict.text") }}</p>
        <ul class="conflict-lines">
          @for (line of theirs(); track $index) {
            <li dir="auto">{{ line }}</li>
          }
        </ul>
        <p class="form-ways">
          <button class="btn btn-s" type="button" (click)="taken.emit()">{{ t("conflict.take") }}</button>
          <button class="btn btn-s" type="button" (click)="kept.emit()">{{ t("conflict.keep") }}</button>
        </p>
      </div>
    </div>
  `,
})
export class ConflictNote {
  /** What the other version says, in words. */
  readonly theirs = input.required<readonly string[]>();
  readonly taken = output();
  readonly kept = output();
  protected readonly t = inject(Words).t;
}
