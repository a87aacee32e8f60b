/** The edges of a number that are about itself: its state, registration, codes, profile and settings (facts §3.4). */
import type { Clock } from "../../../core/clock";
import { type JsonObject, objectOf } from "../json-value";
import type { AccountMemory } from "./account-state";
import type { SandboxCredentials } from "./credentials";
import { bodyOf, type Edges, type GraphCall, needProduct, pickFields } from "./graph-call";
import { GraphRefusal, invalidRequest, parameterInvalid } from "./graph-refusal";
import { checkExampleFile } from "./template-media";
import type { UploadStore } from "./upload-store";
import { mayText, needList, needText } from "./value-check";

const PROFILE_LIMITS = {
  about: 139,
  address: 256,
  description: 512,
  email: 128,
  vertical: 40,
} as const;
export const NUMBER_FIELDS = [
  "verified_name",
  "code_verification_status",
  "display_phone_number",
  "quality_rating",
  "platform_type",
  "throughput",
];

export function createNumberEdges(
  { phoneNumberId, displayNumber, name }: SandboxCredentials,
  { state, save }: AccountMemory,
  uploads: UploadStore,
  clock: Clock,
) {
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
    const { messaging_product, profile_picture_handle: handle, ...profile } = await bodyOf(call);
    needProduct({ messaging_product });
    if (handle !== undefined) checkExampleFile("IMAGE", needText("profile_picture_handle", handle, 2000), uploads);
    for (const [key, value] of Object.entries(profile)) {
      if (key === "websites") {
        for (const [at, site] of needList("websites", value, 0, 2).entries()) needText(`websites.${at}`, site, 256);
      } else if (key in PROFILE_LIMITS) {
        if (value !== "") mayText(key, value, PROFILE_LIMITS[key as keyof typeof PROFILE_LIMITS]);
      } else throw invalidRequest(`Unexpected key "${key}".`);
    }
    const pictureHandle = typeof handle === "string" ? handle : state.pictureHandle;
    return save({ profile: { ...state.profile, ...profile }, pictureHandle });
  };

  const edges: Edges = {
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
      const picture = uploads.findByHandle(state.pictureHandle);
      const profile = picture ? { ...state.profile, profile_picture_url: uploads.address(picture) } : state.profile;
      return { data: [{ ...pickFields(profile, call.query, fields), messaging_product: "whatsapp" }] };
    },
    settings: async (call) => {
      if (call.method === "GET") return { calling: { status: "DISABLED" }, ...state.settings };
      return call.method === "POST" ? save({ settings: { ...state.settings, ...(await bodyOf(call)) } }) : undefined;
    },
  };

  return { edges, number };
}
