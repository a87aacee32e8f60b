/** The Idempotency-Key of a form: the same request sent again happens once, another request is another one. */
import { asFailure } from "./api-failure";

/** Refusals that do not say what became of the request. */
const UNKNOWN: ReadonlySet<string> = new Set(["request.in-progress", "request.answer-lost"]);

export class RequestKey {
  #key = crypto.randomUUID();
  #body = "";

  /**
   * Sends a body with its key. A request whose fate is unknown (no answer, a fault of the server, still being worked on) keeps its key
   * for the next try; what has been answered, or changed since, gets a new one. Throws what `post` throws.
   */
  async send<T>(body: unknown, post: (headers: { "idempotency-key": string }) => Promise<T>): Promise<T> {
    const text = JSON.stringify(body);
    if (text !== this.#body) this.#renew();
    this.#body = text;
    try {
      const answer = await post({ "idempotency-key": this.#key });
      this.#renew();
      return answer;
    } catch (error) {
      // Awaited: ApiFailure.
      const { status, code } = asFailure(error);
      if (status >= 400 && status < 500 && !UNKNOWN.has(code)) this.#renew();
      throw error;
    }
  }

  #renew(): void {
    this.#key = crypto.randomUUID();
  }
}
