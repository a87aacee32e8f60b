/** A contact written in by hand. */
import { ChangeDetectionStrategy, Component, inject, output, signal, viewChild } from "@angular/core";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { type ApiFailure, asFailure } from "../api/api-failure";
import { RequestKey } from "../api/request-key";
import { Words } from "../i18n/words";
import { FailureNote } from "../ui/failure-note";
import { Modal } from "../ui/modal";

@Component({
  selector: "app-new-contact-dialog",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [FailureNote, Modal],
  template: `
    <app-modal [label]="t('contact.add')" look="small-dialog" (closed)="closed.emit()">
      <form class="dialog-form" (submit)="create($event)">
        <h2>{{ t("contact.add") }}</h2>
        <div class="field"><label class="label" for="new-name">{{ t("contact.name") }}</label><input class="input" id="new-name" name="name" required maxlength="300" autocomplete="off" autofocus dir="auto" /></div>
        <div class="field"><label class="label" for="new-phone">{{ t("contact.phone") }}</label><input class="input" id="new-phone" name="phone" type="tel" maxlength="40" autocomplete="off" placeholder="+51 900 000 001" /></div>
        <div class="field"><label class="label" for="new-email">{{ t("contact.email") }}</label><input class="input" id="new-email" name="email" type="email" maxlength="254" autocomplete="off" /></div>
        <div class="field"><label class="label" for="new-company">{{ t("contact.company") }}</label><input class="input" id="new-company" name="company" maxlength="200" autocomplete="off" dir="auto" /></div>
        @if (failure(); as refused) {
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
export class NewContactDialog {
  readonly closed = output();
  readonly created = output<string>();
  protected readonly t = inject(Words).t;
  protected readonly modal = viewChild(Modal);
  protected readonly failure = signal<ApiFailure | null>(null);
  readonly #calls = inject(ApiClient).calls;
  /** One contact, however often the form is sent; what was refused and put right is another request. */
  readonly #key = new RequestKey();

  protected async create(event: Event): Promise<void> {
    event.preventDefault();
    const form = new FormData(event.target as HTMLFormElement);
    const given = (name: string) => {
      const text = String(form.get(name) ?? "").trim();
      return text ? { [name]: text } : {};
    };
    const contact = { name: String(form.get("name") ?? "").trim(), ...given("phone"), ...given("email"), ...given("company") };
    this.failure.set(null);
    try {
      const made = await this.#key.send(contact, (headers) => dataOf(this.#calls.contacts.post(contact, { headers })));
      this.created.emit(made.id);
    } catch (error) {
      // Awaited: ApiFailure: a number that belongs to somebody else. What was typed stays.
      this.failure.set(asFailure(error));
    }
  }
}
