/** Asks the tortured server what it thinks happened: threads, unresolved sends, dead events. */
import { fail } from "../../core/errors";
import type { ContactView, ConversationView, MessageView } from "../../events/view";

interface Answer<T> {
  success: boolean;
  data: T;
  error?: string;
  page?: { next: string | null };
}

export class RestClient {
  #token = "";

  constructor(
    readonly base: string,
    readonly admin: { email: string; password: string },
  ) {}

  async signIn(): Promise<void> {
    const { data } = await this.#call<{ accessToken: string }>("POST", "/auth/sign-in", this.admin);
    this.#token = data.accessToken;
  }

  async get<T>(path: string): Promise<T> {
    return (await this.#call<T>("GET", path)).data;
  }

  /** Every row of a list, read to its end. */
  async list<T>(path: string): Promise<T[]> {
    const rows: T[] = [];
    for (let cursor: string | null = null; ; ) {
      const query: string = cursor === null ? "" : `&cursor=${cursor}`;
      const { data, page } = await this.#call<T[]>("GET", `${path}${path.includes("?") ? "&" : "?"}limit=100${query}`);
      rows.push(...data);
      cursor = page?.next ?? null;
      if (cursor === null) return rows;
    }
  }

  /** Everything said in all conversations with this number, oldest first. */
  async thread(number: string): Promise<MessageView[]> {
    const messages: MessageView[] = [];
    for (const contact of await this.list<ContactView>(`/contacts?identity=${number}`))
      for (const { id } of await this.list<ConversationView>(`/conversations?contact=${contact.id}`))
        messages.push(...(await this.list<MessageView>(`/conversations/${id}/messages`)));
    return messages.reverse();
  }

  async #call<T>(method: string, path: string, body?: unknown): Promise<Answer<T>> {
    const response = await fetch(`${this.base}/api/v2${path}`, {
      method,
      headers: {
        ...(this.#token ? { authorization: `Bearer ${this.#token}` } : {}),
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const answer = (await response.json()) as Answer<T>;
    if (!response.ok)
      throw fail("internal", { message: `${method} ${path} was answered with ${response.status}: ${answer.error}` });
    return answer;
  }
}
