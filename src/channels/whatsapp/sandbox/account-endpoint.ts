/** The business side of the Graph API: numbers, registration, profile, subscription, blocking, username, analytics (facts §3.4). */
import type { Clock } from "../../../core/clock";
import type { JsonObject } from "../json-value";
import { openAccountMemory } from "./account-state";
import { APP_ID, type SandboxCredentials } from "./credentials";
import { createCustomerEdges } from "./customer-edges";
import { bodyOf, type Edges, type Endpoint, type GraphCall, pickFields } from "./graph-call";
import { createNumberEdges, NUMBER_FIELDS } from "./number-edges";
import type { StateStore } from "./state-store";
import type { UploadStore } from "./upload-store";
import { needText } from "./value-check";

export interface AccountEndpointDeps {
  credentials: SandboxCredentials;
  store: StateStore;
  uploads: UploadStore;
  clock: Clock;
}

const SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"];

export function createAccountEndpoint({ credentials, store, uploads, clock }: AccountEndpointDeps) {
  const { phoneNumberId, wabaId, name } = credentials;
  const memory = openAccountMemory(store);
  const { state, save } = memory;
  const { edges, number } = createNumberEdges(credentials, memory, uploads, clock);
  const numberEdges: Edges = { ...edges, ...createCustomerEdges(credentials, memory) };

  const subscription = async (call: GraphCall): Promise<JsonObject | undefined> => {
    if (call.method === "POST") {
      const { override_callback_uri: url } = await bodyOf(call);
      if (url !== undefined) needText("override_callback_uri", url, 200);
      return save({ subscribed: true, overrideUrl: typeof url === "string" ? url : null });
    }
    if (call.method === "DELETE") return save({ subscribed: false, overrideUrl: null });
    if (call.method !== "GET") return undefined;
    const app = { whatsapp_business_api_data: { id: APP_ID, link: "https://example.com/sandbox", name: "Sandbox app" } };
    const override = state.overrideUrl === null ? {} : { override_callback_uri: state.overrideUrl };
    return { data: state.subscribed ? [{ ...app, ...override }] : [] };
  };

  const account = (call: GraphCall): JsonObject => {
    const analytics = call.query.get("fields") ?? "";
    const base = pickFields(
      {
        id: wabaId,
        name,
        timezone_id: "1",
        message_template_namespace: "sandbox",
        currency: "USD",
        owner_business_info: { id: "1", name },
      },
      call.query,
      ["name", "timezone_id", "message_template_namespace"],
    );
    for (const kind of ["analytics", "pricing_analytics", "template_analytics", "conversation_analytics"]) {
      if (new RegExp(`(^|,)${kind}\\.`).test(analytics)) base[kind] = { data: [{ data_points: [] }] };
    }
    return base;
  };

  const endpoint: Endpoint = (call) => {
    const { id, edge, method } = call;
    if (id === phoneNumberId) return numberEdges[edge]?.(call);
    if (id !== wabaId) return undefined;
    if (edge === "subscribed_apps") return subscription(call);
    if (edge === "phone_numbers" && method === "GET") {
      const data = [pickFields(number(), call.query, NUMBER_FIELDS)];
      return { data, paging: { cursors: { before: "MA", after: "MA" } } };
    }
    return edge === "" && method === "GET" ? account(call) : undefined;
  };

  return {
    endpoint,
    isBlocked: (waId: string): boolean => state.blocked.includes(waId),
    isRegistered: (): boolean => state.registered,
    /** Without a subscription no webhook leaves: the most common setup failure. */
    isSubscribed: (): boolean => state.subscribed,
    scopes: SCOPES,
  };
}

export type Account = ReturnType<typeof createAccountEndpoint>;
