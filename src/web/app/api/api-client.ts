/** Every call the pages make; adds the access token and renews it once when it has run out. */
import { inject, Service } from "@angular/core";
import type { NewPhone, PhonePatch } from "../sandbox/phone-view";
import { Session } from "../session/session";
import { dataOf, pageOf } from "./api-answer";
import { ApiFailure } from "./api-failure";
import { createTreaty, type Fetcher } from "./api-treaty";

export interface ConversationChange {
  isAIEnabled?: boolean;
  status?: "open" | "resolved" | "closed";
}

export interface ListOptions {
  limit?: number;
  cursor?: string;
}

const PAGE = 50;

@Service()
export class ApiClient {
  readonly #session = inject(Session);
  readonly #fetch = (async (input: RequestInfo | URL, init: RequestInit = {}) => {
    const token = this.#session.accessToken;
    const first = await withToken(input, init, token);
    if (first.status !== 401) return first;
    if (!(await this.#session.renew(token))) {
      throw new ApiFailure("The session has ended. Sign in again.", "auth.required", 401, first.headers.get("x-request-id"));
    }
    return withToken(input, init, this.#session.accessToken);
  }) as Fetcher;
  readonly #api = createTreaty(this.#fetch);

  listConversations({ limit = PAGE, ...query }: ListOptions & { contact?: string } = {}) {
    return pageOf(this.#api.conversations.get({ query: { limit, ...query } }));
  }

  getConversation(id: string) {
    return dataOf(this.#api.conversations({ id }).get());
  }

  changeConversation(id: string, change: ConversationChange) {
    return dataOf(this.#api.conversations({ id }).patch(change));
  }

  markRead(id: string) {
    return dataOf(this.#api.conversations({ id }).read.post());
  }

  /** Newest first. */
  listMessages(id: string, { limit = PAGE, cursor }: ListOptions = {}) {
    return pageOf(this.#api.conversations({ id }).messages.get({ query: { limit, cursor } }));
  }

  /** Sends a person's reply; repeating it with the same key sends nothing more and answers the same. */
  sendReply(id: string, text: string, idempotencyKey: string) {
    return dataOf(this.#api.conversations({ id }).messages.post({ text }, { headers: { "idempotency-key": idempotencyKey } }));
  }

  /** Contacts that own this WhatsApp id, user id, username or phone. */
  findContacts(identity: string) {
    return pageOf(this.#api.contacts.get({ query: { identity, limit: 1 } }));
  }

  getSandbox() {
    return dataOf(this.#api.sandbox.get());
  }

  createPhone(phone: NewPhone) {
    return dataOf(this.#api.sandbox.phones.post(phone));
  }

  changePhone(id: string, patch: PhonePatch) {
    return dataOf(this.#api.sandbox.phones({ id }).patch(patch));
  }

  /** Oldest first, as the phone shows it. */
  getPhoneThread(id: string) {
    return dataOf(this.#api.sandbox.phones({ id }).thread.get());
  }

  sendFromPhone(id: string, text: string) {
    return dataOf(this.#api.sandbox.phones({ id }).messages.post({ type: "text", text }));
  }
}

function withToken(input: RequestInfo | URL, init: RequestInit, token: string | null): Promise<Response> {
  const headers = new Headers(init.headers);
  if (token) headers.set("authorization", `Bearer ${token}`);
  return fetch(input, { ...init, headers });
}
