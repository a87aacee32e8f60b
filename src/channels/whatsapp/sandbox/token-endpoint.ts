/** Tokens of the Graph API: inspection and exchange for longer-lived ones (facts §3.5). */
import type { Clock } from "../../../core/clock";
import type { Account } from "./account-endpoint";
import type { ChaosKnobs } from "./chaos";
import { APP_ID, type SandboxCredentials } from "./credentials";
import type { Endpoint } from "./graph-call";
import { GraphRefusal, invalidRequest } from "./graph-refusal";

export interface TokenEndpointDeps {
  credentials: SandboxCredentials;
  account: Account;
  chaos: ChaosKnobs;
  clock: Clock;
}

const SIXTY_DAYS_S = 60 * 86_400;

export function createTokenEndpoint({ credentials, account, chaos, clock }: TokenEndpointDeps): Endpoint {
  return ({ id, edge, method, query }) => {
    if (id === "debug_token" && method === "GET") {
      const input = query.get("input_token");
      if (!input) throw invalidRequest("The parameter input_token is required.");
      const isValid = input === credentials.accessToken && !chaos.get().tokenExpired;
      if (!isValid) {
        const error = { code: 190, message: "The access token could not be decrypted", subcode: 463 };
        return { data: { app_id: APP_ID, is_valid: false, scopes: [], error } };
      }
      const targets = [credentials.wabaId];
      return {
        data: {
          app_id: APP_ID,
          type: "SYSTEM_USER",
          application: "Sandbox app",
          data_access_expires_at: 0,
          expires_at: 0,
          is_valid: true,
          issued_at: Math.floor(clock.now() / 1000),
          scopes: account.scopes,
          granular_scopes: account.scopes.map((scope) => ({ scope, target_ids: targets })),
          user_id: "500100200300400",
        },
      };
    }
    if (id === "oauth" && edge === "access_token") {
      if (query.get("client_secret") !== credentials.appSecret) {
        throw new GraphRefusal(400, 1, "Error validating client secret.");
      }
      const exchanged = query.get("fb_exchange_token");
      if (exchanged !== null && exchanged !== credentials.accessToken)
        throw new GraphRefusal(400, 190, "Invalid OAuth access token.");
      if (exchanged === null && !query.get("code")) throw invalidRequest("Missing authorization code");
      return { access_token: credentials.accessToken, token_type: "bearer", expires_in: SIXTY_DAYS_S };
    }
    return undefined;
  };
}
