/** Reads conversations and messages back through the REST API, as any client would, and compares them with what was sent. */
import type { ConversationView, MessageView } from "../../events/view";

/** Kept low so that reading back does not itself become the load. */
const AT_ONCE = 4;
/** Access tokens live 15 minutes; a long benchmark signs in again well before. */
const SIGN_IN_EVERY = 2_000;

interface Answer<T> {
  success: boolean;
  data: T;
  page?: { next: string | null };
}

export class RestReader {
  #token = "";
  #requests = 0;

  constructor(
    private readonly base: string,
    private readonly admin: { email: string; password: string },
  ) {}

  /** Customer messages in all conversations together. */
  async countInbound(): Promise<number> {
    return (await this.#all<ConversationView>("/conversations")).reduce((sum, { inboundSeq }) => sum + inboundSeq, 0);
  }

  /** Throws unless exactly these messages (wamid to text) are there, each once. */
  async assertMessages(expected: ReadonlyMap<string, string>): Promise<void> {
    const conversations = await this.#all<ConversationView>("/conversations");
    const seen = new Map<string, number>();
    const wrong: string[] = [];
    const take = async (): Promise<void> => {
      for (let next = conversations.pop(); next; next = conversations.pop())
        for (const { wamid, content, direction } of await this.#all<MessageView>(`/conversations/${next.id}/messages`)) {
          if (direction !== "inbound" || wamid === null) continue;
          seen.set(wamid, (seen.get(wamid) ?? 0) + 1);
          if (expected.get(wamid) !== content) wrong.push(wamid);
        }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, take));
    const missing = [...expected.keys()].filter((wamid) => !seen.has(wamid)).length;
    const twice = [...seen.values()].filter((times) => times > 1).length;
    if (missing + twice + wrong.length > 0)
      throw new Error(
        `${expected.size} messages sent: ${missing} missing, ${twice} stored twice, ${wrong.length} with another text`,
      );
  }

  async #all<T>(path: string): Promise<T[]> {
    const items: T[] = [];
    let cursor: string | null = null;
    do {
      const query: string = cursor ? `?cursor=${encodeURIComponent(cursor)}` : "";
      const answer: Answer<T[]> = await this.#get<T[]>(path + query);
      items.push(...answer.data);
      cursor = answer.page?.next ?? null;
    } while (cursor);
    return items;
  }

  async #get<T>(path: string): Promise<Answer<T>> {
    if (this.#requests++ % SIGN_IN_EVERY === 0) await this.#signIn();
    const response = await fetch(this.base + path, { headers: { authorization: `Bearer ${this.#token}` } });
    if (!response.ok) throw new Error(`GET ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer<T>;
  }

  async #signIn(): Promise<void> {
    const response = await fetch(`${this.base}/auth/sign-in`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(this.admin),
    });
    if (!response.ok) throw new Error(`Sign-in answered ${response.status}: ${await response.text()}`);
    this.#token = ((await response.json()) as Answer<{ accessToken: string }>).data.accessToken;
  }
}
