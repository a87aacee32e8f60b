/** OpenID Connect, authorization code with PKCE: where a person is sent, and who they are when they come back. Knows no agent. */
import type { Configuration } from "openid-client";
import type { Clock } from "../../core/clock";
import { describeError, fail } from "../../core/errors";
import type { Log } from "../../core/log";

export interface SingleSignOnConfig {
  issuer: string;
  clientId: string;
  clientSecret: string;
  roleClaim: string | null;
  /** Values of the claim and the role each stands for, the strongest first. */
  roles: readonly { value: string; role: string }[];
  defaultRole: string | null;
  anyoneMayJoin: boolean;
  domains: readonly string[];
}

/** What has to be remembered while they are away. */
export interface Journey {
  state: string;
  nonce: string;
  verifier: string;
}

/** Somebody the provider vouches for. */
export interface Identity {
  /** Unique over all providers. */
  subject: string;
  email: string;
  name: string;
  /** Null: no rule gives them one. */
  role: string | null;
}

export interface Provider {
  begin(redirectUri: string): Promise<{ url: string; journey: Journey }>;
  /** `url` is where they came back, with everything the provider has added. Throws `single-sign-on.failed` or `.not-allowed`. */
  finish(url: URL, journey: Journey): Promise<Identity>;
}

/** The provider may have got new keys or addresses since. */
const DISCOVER_AGAIN_MS = 3_600_000;
const PATIENCE_S = 10;

/** Loaded by the first sign-in: most installations have no provider. */
const library = () => import("openid-client");

export function createProvider(config: SingleSignOnConfig, { clock, log }: { clock: Clock; log: Log }): Provider {
  let found: { at: number; configuration: Promise<Configuration> } | null = null;

  async function ask(): Promise<Configuration> {
    const { allowInsecureRequests, discovery } = await library();
    const execute = config.issuer.startsWith("http:") ? [allowInsecureRequests] : [];
    const options = { execute, timeout: PATIENCE_S };
    return discovery(new URL(config.issuer), config.clientId, config.clientSecret, undefined, options);
  }

  async function discover(): Promise<Configuration> {
    const isOld = !found || clock.monotonic() - found.at > DISCOVER_AGAIN_MS;
    if (isOld) found = { at: clock.monotonic(), configuration: ask() };
    const asked = found;
    try {
      return await (asked as NonNullable<typeof asked>).configuration;
    } catch (error) {
      // Whatever keeps the provider from answering: the next one asks again.
      if (found === asked) found = null;
      log.warn("the single sign-on provider does not answer", { issuer: config.issuer, reason: describeError(error) });
      throw fail("single-sign-on.unavailable", { cause: error });
    }
  }

  function roleIn(claims: Record<string, unknown>): string | null {
    const given = config.roleClaim === null ? [] : [claims[config.roleClaim]].flat().map(String);
    return config.roles.find(({ value }) => given.includes(value))?.role ?? config.defaultRole;
  }

  return {
    async begin(redirectUri) {
      const configuration = await discover();
      const { buildAuthorizationUrl, calculatePKCECodeChallenge, randomNonce, randomPKCECodeVerifier, randomState } =
        await library();
      const journey = { state: randomState(), nonce: randomNonce(), verifier: randomPKCECodeVerifier() };
      const url = buildAuthorizationUrl(configuration, {
        redirect_uri: redirectUri,
        scope: "openid email profile",
        state: journey.state,
        nonce: journey.nonce,
        code_challenge: await calculatePKCECodeChallenge(journey.verifier),
        code_challenge_method: "S256",
      });
      return { url: url.href, journey };
    },

    async finish(url, { state, nonce, verifier }) {
      const configuration = await discover();
      const { authorizationCodeGrant } = await library();
      const tokens = await authorizationCodeGrant(configuration, url, {
        pkceCodeVerifier: verifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
      }).catch((error: unknown) => {
        // The person refused, the code is old or invented, or what came back is not signed by the provider.
        log.info("a single sign-on did not succeed", { reason: describeError(error) });
        throw fail("single-sign-on.failed", { cause: error });
      });
      const claims = tokens.claims() as Record<string, unknown> | undefined;
      const email = typeof claims?.email === "string" ? claims.email.trim().toLowerCase() : "";
      if (!claims || !EMAIL.test(email) || claims.email_verified === false)
        throw fail("single-sign-on.not-allowed", { message: "Your company's account has no confirmed e-mail address." });
      if (config.domains.length > 0 && !config.domains.includes(email.slice(email.lastIndexOf("@") + 1)))
        throw fail("single-sign-on.not-allowed");
      const name = typeof claims.name === "string" ? claims.name.trim().slice(0, 200) : "";
      return {
        subject: `${config.issuer}#${claims.sub}`,
        email,
        name: name || email.slice(0, email.indexOf("@")),
        role: roleIn(claims),
      };
    },
  };
}

const EMAIL = /^[^@\s]{1,64}@[^@\s]{1,189}$/;
