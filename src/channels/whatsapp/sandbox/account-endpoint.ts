/** The business side of the Graph API: numbers, registration, profile, subscription, blocking, username, analytics (facts §3.4). */
import type { Clock } from "../../../core/clock";
import { newId } from "../../../core/id";
import { type JsonObject, objectOf } from "../json-value";
import type { SandboxCredentials } from "./credentials";
import { bodyOf, type Endpoint, type GraphCall, needProduct, pickFields } from "./graph-call";
import { GraphRefusal, invalidRequest, parameterInvalid } from "./graph-refusal";
import type { StateStore } from "./state-store";
import { mayText, needList, needText } from "./value-check";

export interface AccountEndpointDeps {
  credentials: SandboxCredentials;
  store: StateStore;
  clock: Clock;
}

interface AccountState {
  registered: boolean;
  subscribed: boolean;
  overrideUrl: string | null;
  profile: JsonObject;
  username: string | null;
  blocked: string[];
  automation: JsonObject;
  qrCodes: { code: string; prefilled_message: string }[];
  registrations: number[];
  settings: JsonObject;
}

const NOTE = "account";
const PROFILE_LIMITS = {
  about: 139,
  address: 256,
  description: 512,
  email: 128,
  vertical: 40,
  profile_picture_handle: 2000,
} as const;
const USERNAME = /^[a-z0-9._]{3,35}$/;
const SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging", "business_management"];
export const APP_ID = "600100200300400";

export function createAccountEndpoint({ credentials, store, clock }: AccountEndpointDeps) {
  const { phoneNumberId, wabaId, displayNumber, name } = credentials;
  const kept = store.note(NOTE);
  const state: AccountState = kept
    ? (JSON.parse(kept) as AccountState)
    : {
        registered: true,
        subscribed: true,
        overrideUrl: null,
        profile: { about: "Sandbox", vertical: "RETAIL" },
        username: null,
        blocked: [],
        automation: {},
        qrCodes: [],
        registrations: [],
        settings: {},
      };
  const save = (change: Partial<AccountState>): JsonObject => {
    Object.assign(state, change);
    store.setNote(NOTE, JSON.stringify(state));
    return { success: true };
  };

  const number = (): JsonObject => ({
    id: phoneNumberId,
    display_phone_number: `+${displayNumber}`,
    verified_name: name,
    quality_rating: "GREEN",
    status: state.registered ? "CONNECTED" : "DISCONNECTED",
    throughput: { level: "HIGH" },
    name_status: "APPROVED",
    code_verification_status: "VERIFIED",
    platform_type: state.registered ? "CLOUD_API" : "NOT_APPLICABLE",
    account_mode: "SANDBOX",
    is_official_business_account: false,
    health_status: {
      can_send_message: "AVAILABLE",
      entities: [{ entity_type: "PHONE_NUMBER", id: phoneNumberId, can_send_message: "AVAILABLE" }],
    },
    whatsapp_business_manager_messaging_limit: "TIER_2K",
    ...(state.overrideUrl === null ? {} : { webhook_configuration: { phone_number: state.overrideUrl } }),
  });
  const NUMBER_FIELDS = [
    "verified_name",
    "code_verification_status",
    "display_phone_number",
    "quality_rating",
    "platform_type",
    "throughput",
  ];

  const register = async (call: GraphCall): Promise<JsonObject> => {
    const body = await bodyOf(call);
    needProduct(body);
    if (!/^\d{6}$/.test(String(body.pin ?? ""))) throw parameterInvalid("pin must have 6 digits.");
    const recent = state.registrations.filter((at) => clock.now() - at < 72 * 3_600_000);
    if (recent.length >= 10)
      throw new GraphRefusal(400, 133016, "Account register deregister rate limit exceeded", { details: "Wait 72 hours." });
    return save({ registered: true, registrations: [...recent, clock.now()] });
  };

  const setProfile = async (call: GraphCall): Promise<JsonObject> => {
    const { messaging_product: _, ...profile } = await bodyOf(call).then((body) => {
      needProduct(body);
      return body;
    });
    for (const [key, value] of Object.entries(profile)) {
      if (key === "websites") {
        for (const [at, site] of needList("websites", value, 0, 2).entries()) needText(`websites.${at}`, site, 256);
      } else if (key in PROFILE_LIMITS) {
        if (value !== "") mayText(key, value, PROFILE_LIMITS[key as keyof typeof PROFILE_LIMITS]);
      } else throw invalidRequest(`Unexpected key "${key}".`);
    }
    return save({ profile: { ...state.profile, ...profile } });
  };

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

  const blocking = async (call: GraphCall): Promise<JsonObject | undefined> => {
    if (call.method === "GET") return { data: state.blocked.map((user) => ({ messaging_product: "whatsapp", wa_id: user })) };
    if (call.method !== "POST" && call.method !== "DELETE") return undefined;
    const body = await bodyOf(call);
    needProduct(body);
    const users = needList("block_users", body.block_users, 1, 1000).map((item) =>
      needText("block_users.user", objectOf(item)?.user, 140).replace(/^\+/, ""),
    );
    const blocks = call.method === "POST";
    save({
      blocked: blocks ? [...new Set([...state.blocked, ...users])] : state.blocked.filter((user) => !users.includes(user)),
    });
    const done = users.map((user) => ({ input: user, wa_id: user }));
    return { messaging_product: "whatsapp", block_users: blocks ? { added_users: done } : { removed_users: done } };
  };

  const username = async (call: GraphCall): Promise<JsonObject | undefined> => {
    if (call.method === "GET") return state.username === null ? {} : { username: state.username, status: "approved" };
    if (call.method === "DELETE") return save({ username: null });
    const wanted = (await bodyOf(call)).username;
    if (typeof wanted !== "string" || !USERNAME.test(wanted)) {
      throw new GraphRefusal(400, 147001, "Invalid username", { details: "3 to 35 of a-z, 0-9, dot and underscore." });
    }
    save({ username: wanted });
    return { status: "approved" };
  };

  const automation = async (call: GraphCall): Promise<JsonObject> => {
    if (call.method === "GET") return { conversational_automation: { id: phoneNumberId, ...state.automation } };
    const body = await bodyOf(call);
    if (body.prompts !== undefined) for (const prompt of needList("prompts", body.prompts, 0, 4)) needText("prompts", prompt, 80);
    if (body.commands !== undefined) {
      for (const item of needList("commands", body.commands, 0, 30)) {
        needText("commands.command_name", objectOf(item)?.command_name, 32);
        needText("commands.command_description", objectOf(item)?.command_description, 256);
      }
    }
    return save({ automation: body });
  };

  const qrCodes = async (call: GraphCall): Promise<JsonObject | undefined> => {
    const { method, element, query } = call;
    const known = state.qrCodes.find(({ code }) => code === element);
    if (element !== "" && !known) return undefined;
    if (method === "GET") return { data: (known ? [known] : state.qrCodes).map(qrCode) };
    if (method === "DELETE" && known) return save({ qrCodes: state.qrCodes.filter((code) => code !== known) });
    if (method !== "POST") return undefined;
    const given = query.get("prefilled_message") ?? (await bodyOf(call)).prefilled_message;
    const prefilled_message = needText("prefilled_message", given, 140);
    const code = { code: known?.code ?? `QR${newId().slice(-10).toUpperCase()}`, prefilled_message };
    save({ qrCodes: known ? state.qrCodes.map((old) => (old === known ? code : old)) : [...state.qrCodes, code] });
    return qrCode(code);
  };
  const qrCode = (code: { code: string; prefilled_message: string }) => ({
    ...code,
    deep_link_url: `https://wa.me/message/${code.code}`,
  });

  const numberEdges: Record<string, (call: GraphCall) => JsonObject | undefined | Promise<JsonObject | undefined>> = {
    "": async (call) => {
      if (call.method === "GET") return pickFields(number(), call.query, NUMBER_FIELDS);
      if (call.method !== "POST") return undefined;
      const body = await bodyOf(call);
      const url = objectOf(body.webhook_configuration)?.override_callback_uri;
      if (body.pin !== undefined && !/^\d{6}$/.test(String(body.pin))) throw parameterInvalid("pin must have 6 digits.");
      return save(
        body.webhook_configuration === undefined ? {} : { overrideUrl: typeof url === "string" && url !== "" ? url : null },
      );
    },
    register: (call) => (call.method === "POST" ? register(call) : undefined),
    deregister: (call) => (call.method === "POST" ? save({ registered: false }) : undefined),
    request_code: async (call) => {
      const { code_method: method } = await bodyOf(call);
      if (method !== "SMS" && method !== "VOICE") throw parameterInvalid("code_method must be SMS or VOICE.");
      return { success: true };
    },
    verify_code: async (call) => {
      if (!/^\d{6}$/.test(String((await bodyOf(call)).code ?? ""))) throw parameterInvalid("code must have 6 digits.");
      return { success: true };
    },
    whatsapp_business_profile: (call) => {
      if (call.method === "POST") return setProfile(call);
      const fields = ["about", "address", "description", "email", "profile_picture_url", "websites", "vertical"];
      return { data: [{ ...pickFields(state.profile, call.query, fields), messaging_product: "whatsapp" }] };
    },
    settings: async (call) => {
      if (call.method === "GET") return { calling: { status: "DISABLED" }, ...state.settings };
      return call.method === "POST" ? save({ settings: { ...state.settings, ...(await bodyOf(call)) } }) : undefined;
    },
    block_users: blocking,
    username,
    username_suggestions: () => ({
      data: [{ username_suggestions: [`${name.toLowerCase().replace(/[^a-z0-9]+/g, ".")}.oficial`] }],
    }),
    contact_book: (call) =>
      call.method === "DELETE" ? { messaging_product: "whatsapp", success: true, deleted: true } : undefined,
    conversational_automation: automation,
    message_qrdls: qrCodes,
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
