/** The REST API as a signed-in admin uses it. */
import { systemClock } from "../../core/clock";
import { ADMIN, API, pause } from "./server";

export interface Answer<T> {
  success: boolean;
  data: T;
  page?: { next: string | null };
}

/** Access tokens live 15 minutes; a long benchmark signs in again well before. */
const SIGN_IN_EVERY_MS = 300_000;
const MOST_TRIES = 20;
const TRY_AGAIN_MS = 250;

export class Api {
  readonly #base: string;
  #token = "";
  #signedInAt = Number.NEGATIVE_INFINITY;

  /** `origin`: such as http://127.0.0.1:3000. */
  constructor(origin: string) {
    this.#base = origin + API;
  }

  /** An access token that is still good for a while. */
  async token(): Promise<string> {
    if (systemClock.monotonic() - this.#signedInAt > SIGN_IN_EVERY_MS) {
      this.#token = await this.#signIn();
      this.#signedInAt = systemClock.monotonic();
    }
    return this.#token;
  }

  /** Throws for any answer but success. */
  async call<T>(method: "GET" | "POST" | "PATCH", path: string, body?: object): Promise<Answer<T>> {
    return this.#fetch<T>(method, path, body, { authorization: `Bearer ${await this.token()}` });
  }

  /** At its very first start the server makes its admin a moment after it answers. */
  async #signIn(): Promise<string> {
    for (let tries = 1; ; tries++)
      try {
        return (await this.#fetch<{ accessToken: string }>("POST", "/auth/sign-in", ADMIN, {})).data.accessToken;
      } catch (error) {
        if (tries === MOST_TRIES) throw error;
        await pause(TRY_AGAIN_MS);
      }
  }

  async #fetch<T>(method: string, path: string, body: object | undefined, headers: Record<string, string>): Promise<Answer<T>> {
    const response = await fetch(this.#base + path, {
      method,
      headers: { ...headers, ...(body ? { "content-type": "application/json" } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${await response.text()}`);
    return (await response.json()) as Answer<T>;
  }
}
