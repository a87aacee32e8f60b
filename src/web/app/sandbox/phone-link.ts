/** Finds the conversation of a fake phone: by its WhatsApp id or BSUID to the contact, from the contact to its newest conversation. */
import { inject, Service } from "@angular/core";
import type { ConversationView } from "@server/events/view";
import { ApiClient } from "../api/api-client";
import type { Phone } from "./phone-view";

@Service()
export class PhoneLink {
  readonly #api = inject(ApiClient);

  /** Null while the phone has never written. */
  async find(phone: Phone): Promise<ConversationView | null> {
    const contact = (await this.#api.findContacts(phone.waId ?? phone.userId)).items[0];
    if (!contact) return null;
    return (await this.#api.listConversations({ contact: contact.id, limit: 1 })).items[0] ?? null;
  }
}
