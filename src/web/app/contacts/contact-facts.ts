/** What is known of a contact, each value edited where it stands; custom attributes by their types. */
import { ChangeDetectionStrategy, Component, computed, inject } from "@angular/core";
import type { AttributeView } from "@server/events/customer-view";
import { Words } from "../i18n/words";
import { Ticker } from "../ticker";
import { InlineField } from "../ui/inline-field";
import { fullTime, shortDate } from "../ui/time-text";
import { ContactStore } from "./contact-store";

const INPUT: Record<AttributeView["type"], "text" | "number" | "date" | "url"> = {
  text: "text",
  number: "number",
  date: "date",
  boolean: "text",
  list: "text",
  link: "url",
};

@Component({
  selector: "app-contact-facts",
  changeDetection: ChangeDetectionStrategy.OnPush,
  imports: [InlineField],
  template: `
    @if (store.contact(); as who) {
      <dl class="facts">
        <div><dt>{{ t("contact.name") }}</dt><dd><app-inline-field [label]="t('contact.name')" [value]="who.name" [most]="300" [save]="saveName" /></dd></div>
        <div><dt>{{ t("contact.phone") }}</dt><dd class="num"><app-inline-field type="tel" [label]="t('contact.phone')" [value]="who.phone ?? ''" [most]="40" [save]="savePhone" /></dd></div>
        @if (who.username) {
          <div><dt>{{ t("contact.username") }}</dt><dd class="clip">&#64;{{ who.username }}</dd></div>
        }
        <div><dt>{{ t("contact.email") }}</dt><dd><app-inline-field type="email" [label]="t('contact.email')" [value]="who.email ?? ''" [most]="254" [save]="saveEmail" /></dd></div>
        <div><dt>{{ t("contact.company") }}</dt><dd><app-inline-field [label]="t('contact.company')" [value]="who.company ?? ''" [save]="saveCompany" /></dd></div>
        <div><dt>{{ t("contact.language") }}</dt><dd><app-inline-field [label]="t('contact.language')" [value]="who.language ?? ''" [most]="12" [save]="saveLanguage" /></dd></div>
        @for (field of fields(); track field.key) {
          <div>
            <dt [title]="field.description">{{ field.name }}</dt>
            <dd>
              @if (field.type === "boolean") {
                <button class="switch" type="button" role="switch" [attr.aria-label]="field.name" [attr.aria-checked]="field.value === 'true'" (click)="flip(field.key, field.value !== 'true')"></button>
              } @else {
                <app-inline-field [label]="field.name" [type]="field.input" [options]="field.options" [value]="field.value" [most]="2000" [save]="field.save" />
              }
            </dd>
          </div>
        }
        <div><dt>{{ t("contact.since") }}</dt><dd [title]="fullTime(who.createdAt)">{{ dateOf(who.createdAt) }}</dd></div>
      </dl>
    }
  `,
})
export class ContactFacts {
  protected readonly store = inject(ContactStore);
  protected readonly t = inject(Words).t;
  readonly #now = inject(Ticker).now;
  protected readonly fullTime = fullTime;
  protected readonly dateOf = (at: string): string => shortDate(at, this.#now());

  protected readonly saveName = (name: string) => this.store.patch({ name });
  protected readonly savePhone = (phone: string) => this.store.patch({ phone });
  protected readonly saveEmail = (email: string) => this.store.patch({ email: email || null });
  protected readonly saveCompany = (company: string) => this.store.patch({ company: company || null });
  protected readonly saveLanguage = (language: string) => this.store.patch({ language: language || null });

  protected readonly fields = computed(() => {
    const values = this.store.contact()?.attributes ?? {};
    return this.store.attributes().map(({ key, name, description, type, options }) => ({
      key,
      name,
      description,
      type,
      input: INPUT[type],
      options: type === "list" ? options.map((value) => ({ value, text: value })) : null,
      value: String(values[key] ?? ""),
      save: (text: string) => this.store.setAttribute(key, text === "" ? null : type === "number" ? Number(text) : text),
    }));
  });

  protected flip(key: string, on: boolean): void {
    void this.store.setAttribute(key, on);
  }
}
