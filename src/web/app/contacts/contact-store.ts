/** One contact as it is shown and changed: in the panel beside a conversation, and on its own page. */
import { DestroyRef, inject, Service, signal } from "@angular/core";
import type { AttributeView } from "@server/events/customer-view";
import type { ContactView } from "@server/events/view";
import type { ContactPatch } from "@server/features/contacts/contact-edit.schema";
import { dataOf } from "../api/api-answer";
import { ApiClient } from "../api/api-client";
import { ApiFailure, asFailure } from "../api/api-failure";
import { LiveConnection } from "../live/live-connection";

type Value = string | number | boolean | null;

@Service({ autoProvided: false })
export class ContactStore {
  readonly #calls = inject(ApiClient).calls;
  readonly #contact = signal<ContactView | null>(null);
  readonly #attributes = signal<readonly AttributeView[]>([]);
  readonly #failure = signal<ApiFailure | null>(null);
  #wanted: string | null = null;

  readonly contact = this.#contact.asReadonly();
  readonly attributes = this.#attributes.asReadonly();
  readonly failure = this.#failure.asReadonly();

  constructor() {
    const live = inject(LiveConnection);
    const offs = [
      live.on("contact:updated", ({ contact }) => {
        if (contact.id === this.#contact()?.id && contact.version >= this.#contact()!.version) this.#contact.set(contact);
      }),
      live.on("attribute:updated", () => void this.#loadAttributes()),
      live.on("attribute:removed", () => void this.#loadAttributes()),
    ];
    inject(DestroyRef).onDestroy(() => {
      for (const off of offs) off();
    });
    void this.#loadAttributes();
  }

  async load(id: string): Promise<void> {
    this.#wanted = id;
    if (this.#contact()?.id !== id) this.#contact.set(null);
    this.#failure.set(null);
    try {
      const contact = await dataOf(this.#calls.contacts({ id }).get());
      if (this.#wanted === id) this.#contact.set(contact);
    } catch (error) {
      // Awaited: ApiFailure, also where the role may not see contacts.
      if (this.#wanted === id) this.#failure.set(asFailure(error));
    }
  }

  /** Changes what is given, based on what is shown. Throws ApiFailure; when somebody was faster, their state is shown. */
  async patch(fields: Omit<ContactPatch, "version">): Promise<void> {
    const contact = this.#contact();
    if (!contact) return;
    try {
      this.#contact.set(await dataOf(this.#calls.contacts({ id: contact.id }).patch({ ...fields, version: contact.version })));
    } catch (error) {
      // Awaited: ApiFailure.
      if (error instanceof ApiFailure && error.status === 409) await this.load(contact.id);
      throw error;
    }
  }

  setAttribute(key: string, value: Value): Promise<void> {
    return this.patch({ attributes: { [key]: value } });
  }

  async setBlocked(isBlocked: boolean): Promise<void> {
    const contact = this.#contact();
    if (!contact) return;
    const at = this.#calls.contacts({ id: contact.id });
    this.#contact.set(await dataOf(isBlocked ? at.block.post() : at.unblock.post()));
  }

  async setConsent(optedIn: boolean, source: string): Promise<void> {
    const contact = this.#contact();
    if (contact) this.#contact.set(await dataOf(this.#calls.contacts({ id: contact.id }).consent.post({ optedIn, source })));
  }

  async #loadAttributes(): Promise<void> {
    // Awaited: ApiFailure; values without a definition are shown as they are.
    const all = await dataOf(this.#calls.attributes.get()).catch(() => null);
    if (all) this.#attributes.set(all);
  }
}
