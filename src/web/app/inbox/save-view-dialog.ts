/** Gives the list as it is now a name. */
import { ChangeDetectionStrategy, Component, inject, output, viewChild } from "@angular/core";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";
import { ConversationListStore } from "./conversation-list-store";

@Component({
  selector: "app-save-view-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  template: `
    <app-modal [label]="t('views.save')" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="save($event, name.value)">
        <h2>{{ t("views.save") }}</h2>
        <div class="field">
          <label class="label" for="view-name">{{ t("views.name") }}</label>
          <input class="input" id="view-name" #name maxlength="80" required autocomplete="off" autofocus />
        </div>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" />
        }
        <div class="dialog-ways">
          <button class="btn" type="button" (click)="modal()?.close()">{{ t("common.cancel") }}</button>
          <button class="btn btn-primary" type="submit">{{ t("common.save") }}</button>
        </div>
      </form>
    </app-modal>
  `,
})
export class SaveViewDialog {
  readonly closed = output();
  readonly saved = output();
  protected readonly t = inject(Words).t;
  protected readonly modal = viewChild(Modal);
  protected readonly deed = new Deed();
  readonly #api = inject(ApiClient);
  readonly #store = inject(ConversationListStore);

  protected async save(event: Event, name: string): Promise<void> {
    event.preventDefault();
    if (!name.trim()) return;
    const view = { name: name.trim(), filter: this.#store.filter(), sort: this.#store.sort() ?? ("newest" as const) };
    if (!(await this.deed.run(() => this.#api.createView(view)))) return;
    this.saved.emit();
    this.modal()?.close();
  }
}
