/**
 * Who is signed in. The access token lives in memory only; the refresh token is a cookie that scripts cannot read.
 * One refresh at a time, also across tabs, because each refresh replaces the cookie.
 */
import { computed, Service, signal } from "@angular/core";
import type { AgentView } from "@server/events/view";
import { dataOf } from "../api/api-answer";
import { ApiFailure } from "../api/api-failure";
import { createTreaty } from "../api/api-treaty";
import { recall, remember } from "../browser-memory";

interface Grant {
  accessToken: string;
  agent: AgentView;
}

/** Says that a refresh cookie probably exists, so that a first visit does not ask for a refresh that must fail. */
const HINT = "chasqui.signed-in";
/** Whose name stands on what is read without a network; gone with the sign-out. */
const WHO = "chasqui.who";

@Service()
export class Session {
  // These calls carry no access token, so they go past the client that adds one.
  readonly #auth = createTreaty(asOwnPage as typeof fetch).auth;
  readonly #grant = signal<Grant | null>(null);
  readonly #channel = new BroadcastChannel("chasqui.session");
  #refreshing: Promise<boolean> | null = null;

  readonly agent = computed(() => this.#grant()?.agent ?? null);
  readonly isSignedIn = computed(() => this.#grant() !== null);
  /** True after a session ended by itself: the sign-in page says so. */
  readonly hasExpired = signal(false);

  constructor() {
    this.#channel.onmessage = ({ data }) => {
      if (data === "signed-out") this.#grant.set(null);
    };
  }

  get accessToken(): string | null {
    return this.#grant()?.accessToken ?? null;
  }

  /** Opens a session; throws ApiFailure with the server's sentence when refused. */
  async signIn(email: string, password: string): Promise<void> {
    const grant = await dataOf(this.#auth["sign-in"].post({ email, password }));
    this.hasExpired.set(false);
    this.#keep(grant);
  }

  /** The code behind a sign-in. Throws ApiFailure. */
  async verify(challenge: string, code: string): Promise<void> {
    this.#keep(await dataOf(this.#auth["second-factor"].verify.post({ challenge, code })));
    this.hasExpired.set(false);
  }

  /** The secret for the authenticator app of somebody whose role needs one. Throws ApiFailure. */
  beginSetup(challenge: string): Promise<{ secret: string; uri: string }> {
    return dataOf(this.#auth["second-factor"].setup.post({ challenge }));
  }

  /** The first code turns the second factor on; answers the recovery codes and how to go in once they are kept. Throws ApiFailure. */
  async finishSetup(challenge: string, code: string): Promise<{ recoveryCodes: string[]; enter: () => void }> {
    const { recoveryCodes, ...grant } = await dataOf(this.#auth["second-factor"].setup.confirm.post({ challenge, code }));
    return {
      recoveryCodes,
      enter: () => {
        this.hasExpired.set(false);
        this.#keep(grant);
      },
    };
  }

  /** Whom an invitation is for. Throws ApiFailure. */
  lookInvitation(token: string): Promise<{ email: string; name: string }> {
    return dataOf(this.#auth.invitation.post({ token }));
  }

  /** Opens a session as somebody who was invited. Throws ApiFailure. */
  async accept(token: string, who: { name: string; password: string }): Promise<void> {
    this.#keep(await dataOf(this.#auth.invitation.accept.post({ token, ...who })));
    this.hasExpired.set(false);
  }

  /** Asks for a link to a new password; the answer is the same for every e-mail. Throws ApiFailure. */
  async forgot(email: string): Promise<void> {
    await dataOf(this.#auth.password.forgot.post({ email }));
  }

  /** Sets a new password by a link. Throws ApiFailure. */
  async resetPassword(token: string, password: string): Promise<void> {
    await dataOf(this.#auth.password.reset.post({ token, password }));
  }

  /** Whether people sign in with their company's account too. */
  async hasSingleSignOn(): Promise<boolean> {
    // Awaited: ApiFailure; the password is a way in as well.
    return dataOf(this.#auth["single-sign-on"].get()).then(
      ({ isOn }) => isOn,
      () => false,
    );
  }

  /** Leaves for the company's sign-in page; whoever comes back has the cookie of a session. */
  goToSingleSignOn(): void {
    remember(HINT, "1");
    location.assign("/api/v2/auth/single-sign-on/start");
  }

  /** Ends the session here and in the other tabs, also when the server cannot be told. */
  async signOut(): Promise<void> {
    this.#forget();
    this.#channel.postMessage("signed-out");
    await dataOf(this.#auth["sign-out"].post()).catch((error: unknown) => {
      // Awaited: a server that is away, or a session that had ended already. Here it is over in any case.
      if (!(error instanceof ApiFailure)) throw error;
    });
  }

  /** Signs in again by the cookie of an earlier visit; false when there is none. */
  async restore(): Promise<boolean> {
    if (this.isSignedIn()) return true;
    return recall(HINT) ? this.renew(null) : false;
  }

  /**
   * No server answers: whoever was signed in here last sees what they have read. Nothing can be asked for until the server is back,
   * and the first answer that needs a token renews it. False when nobody was.
   */
  resumeOffline(): boolean {
    const text = recall(HINT) ? recall(WHO) : null;
    if (!text) return false;
    try {
      this.#grant.set({ accessToken: "", agent: JSON.parse(text) as AgentView });
      return true;
    } catch {
      // Awaited: SyntaxError for what another hand has written.
      return false;
    }
  }

  /**
   * A new access token by the refresh cookie. `stale` is the token that was refused: when it is no longer the current one,
   * somebody else has renewed meanwhile and nothing is asked. False when the session is over; throws when no server answers.
   */
  renew(stale: string | null): Promise<boolean> {
    if (stale !== this.accessToken) return Promise.resolve(this.isSignedIn());
    this.#refreshing ??= this.#refresh().finally(() => {
      this.#refreshing = null;
    });
    return this.#refreshing;
  }

  async #refresh(): Promise<boolean> {
    try {
      const grant = await oneTabAtATime(() => dataOf(this.#auth.refresh.post()));
      this.#keep(grant);
      return true;
    } catch (error) {
      // Awaited: 401 when the cookie is gone or used up. An unreachable server must not sign anybody out.
      if (!(error instanceof ApiFailure) || error.status !== 401) throw error;
      this.hasExpired.set(this.isSignedIn());
      this.#forget();
      return false;
    }
  }

  #keep(grant: Grant): void {
    remember(HINT, "1");
    remember(WHO, JSON.stringify(grant.agent));
    this.#grant.set(grant);
  }

  #forget(): void {
    remember(HINT, null);
    remember(WHO, null);
    navigator.serviceWorker?.controller?.postMessage({ type: "forget" });
    this.#grant.set(null);
  }
}

/** The server takes the cookie only from a caller that can set a header: pages of somebody else cannot. */
function asOwnPage(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
  const headers = new Headers(init.headers);
  headers.set("x-requested-by", "chasqui");
  return fetch(input, { ...init, headers });
}

/** Web Locks are missing outside secure contexts (plain http on a LAN); a clash there costs one more sign-in at worst. */
function oneTabAtATime<T>(work: () => Promise<T>): Promise<T> {
  return navigator.locks ? (navigator.locks.request("chasqui.refresh", work) as Promise<T>) : work();
}
