/** The rights of a person over their data: handing out all of it, erasing all of it. Only for whoever may. */
import { ChangeDetectionStrategy, Component, computed, inject, input, signal } from "@angular/core";
import { Router } from "@angular/router";
import type { ContactView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import { Words } from "../i18n/words";
import { Permissions } from "../settings/permissions";
import { Deed } from "../ui/deed";
import { FailureNote } from "../ui/failure-note";
import { Icon } from "../ui/icon";
import { saveFile } from "../ui/save-file";
import { EraseDialog } from "./erase-dialog";

@Component({
  selector: "app-contact-data",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [EraseDialog, FailureNote, Icon],
  template: `
    @if (mayErase()) {
      <section class="card">
        <h2>{{ t("erase.heading") }}</h2>
        <p class="card-text">{{ t("erase.text") }}</p>
        <div class="form-ways">
          <button class="btn" type="button" [attr.aria-disabled]="deed.isBusy() || null" (click)="download()"><app-icon name="download" size="icon-m" />{{ t("erase.export") }}</button>
          <button class="btn text-danger" type="button" (click)="isErasing.set(true)"><app-icon name="trash" size="icon-m" />{{ t("erase.do") }}</button>
        </div>
        @if (deed.failure(); as refused) {
          <app-failure-note [failure]="refused" [retryLabel]="t('common.tryAgain')" (retry)="download()" />
        }
      </section>
      @if (isErasing()) {
        <app-erase-dialog #dialog [contact]="contact()" (closed)="close(dialog.receipt() !== null)" />
      }
    }
  `,
})
export class ContactData {
  readonly contact = input.required<ContactView>();
  protected readonly t = inject(Words).t;
  readonly #api = inject(ApiClient);
  readonly #router = inject(Router);
  readonly #permissions = inject(Permissions);
  protected readonly deed = new Deed();
  protected readonly isErasing = signal(false);
  protected readonly mayErase = computed(() => this.#permissions.may("contacts.erase"));

  protected async download(): Promise<void> {
    const { id } = this.contact();
    await this.deed.run(async () =>
      saveFile(await this.#api.loadFile(`/api/v2/data-protection/contacts/${id}/export`), `contact-${id}.zip`),
    );
  }

  /** Whoever is erased has no page any more. */
  protected close(isErased: boolean): void {
    this.isErasing.set(false);
    if (isErased) void this.#router.navigateByUrl("/contacts");
  }
}
