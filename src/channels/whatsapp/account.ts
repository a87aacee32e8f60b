/** The business side of a number: its state and limits, profile, webhook subscription, registration and tokens (facts §3.4, §3.5). */
import { createGraphHttp, type GraphHttpOptions, graphJson } from "./graph-http";
import { booleanOf, compact, idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json-value";

export interface PhoneNumber {
  phoneNumberId: string;
  displayNumber: string;
  name?: string;
  /** GREEN, YELLOW, RED or UNKNOWN. */
  quality?: string;
  /** CONNECTED when it can be used. */
  status?: string;
  nameStatus?: string;
  /** STANDARD (80 messages/s) or HIGH (1000). */
  throughput?: string;
  /** Such as TIER_2K: unique customers per day outside windows. */
  messagingLimit?: string;
}

export interface BusinessProfile {
  about?: string;
  address?: string;
  description?: string;
  email?: string;
  pictureUrl?: string;
  websites?: string[];
  vertical?: string;
}

export interface ProfileChange extends Omit<BusinessProfile, "pictureUrl"> {
  /** Handle of an uploaded picture. */
  pictureHandle?: string;
}

export interface TokenState {
  valid: boolean;
  /** Milliseconds; null = does not expire. */
  expiresAt: number | null;
  scopes: string[];
  /** Needed permissions the token lacks. */
  missing: string[];
  appId?: string;
}

export interface AccountClient {
  /** All numbers of the business account. */
  listNumbers(): Promise<PhoneNumber[]>;
  getNumber(phoneNumberId: string): Promise<PhoneNumber>;
  getProfile(phoneNumberId: string): Promise<BusinessProfile>;
  setProfile(phoneNumberId: string, change: ProfileChange): Promise<void>;
  /** Whether an app of ours receives the webhooks of this account. Without it nothing arrives, although tests work. */
  isSubscribed(): Promise<boolean>;
  /** Subscribes; with `callbackUrl` this account's messages go there instead of to the app's address. */
  subscribe(override?: { callbackUrl: string; verifyToken: string }): Promise<void>;
  unsubscribe(): Promise<void>;
  /** Registers the number for Cloud API use; `pin` has six digits. */
  register(phoneNumberId: string, pin: string): Promise<void>;
  checkToken(): Promise<TokenState>;
  /** A token that lives 60 days from now. */
  renewToken(app: { id: string; secret: string }): Promise<{ accessToken: string; expiresAt: number | null }>;
}

const NUMBER_FIELDS =
  "display_phone_number,verified_name,quality_rating,status,throughput,name_status,code_verification_status,platform_type,account_mode,whatsapp_business_manager_messaging_limit";
const PROFILE_FIELDS = "about,address,description,email,profile_picture_url,websites,vertical";
export const NEEDED_SCOPES = ["whatsapp_business_management", "whatsapp_business_messaging"] as const;

export function createAccountClient({ wabaId, ...options }: GraphHttpOptions & { wabaId: string }): AccountClient {
  const http = createGraphHttp(options);
  const { clock, accessToken } = options;
  const get = (path: string, query?: Record<string, string>) => graphJson(http, { method: "GET", path, query }, clock.now());
  const post = (path: string, body: object) => graphJson(http, { method: "POST", path, body: JSON.stringify(body) }, clock.now());

  return {
    async listNumbers() {
      const { data } = await get(`${wabaId}/phone_numbers`, { fields: NUMBER_FIELDS, limit: "100" });
      return listOf(data).flatMap((item) => {
        const object = objectOf(item);
        return object ? [readNumber(object)] : [];
      });
    },
    getNumber: async (id) => readNumber(await get(id, { fields: NUMBER_FIELDS })),
    async getProfile(id) {
      const { data } = await get(`${id}/whatsapp_business_profile`, { fields: PROFILE_FIELDS });
      return readProfile(objectOf(listOf(data)[0]) ?? {});
    },
    async setProfile(id, { pictureHandle, ...change }) {
      const fields = compact({ ...change, profile_picture_handle: pictureHandle });
      await post(`${id}/whatsapp_business_profile`, { messaging_product: "whatsapp", ...fields });
    },
    async isSubscribed() {
      return listOf((await get(`${wabaId}/subscribed_apps`)).data).length > 0;
    },
    async subscribe(override) {
      const body = override ? { override_callback_uri: override.callbackUrl, verify_token: override.verifyToken } : {};
      await post(`${wabaId}/subscribed_apps`, body);
    },
    async unsubscribe() {
      await graphJson(http, { method: "DELETE", path: `${wabaId}/subscribed_apps` }, clock.now());
    },
    async register(id, pin) {
      await post(`${id}/register`, { messaging_product: "whatsapp", pin });
    },
    async checkToken() {
      return readToken(objectOf((await get("debug_token", { input_token: accessToken() })).data) ?? {});
    },
    async renewToken({ id, secret }) {
      const query = {
        grant_type: "fb_exchange_token",
        client_id: id,
        client_secret: secret,
        fb_exchange_token: accessToken(),
        set_token_expires_in_60_days: "true",
      };
      const answer = await get("oauth/access_token", query);
      const lifeSeconds = numberOf(answer.expires_in);
      return {
        accessToken: textOf(answer.access_token) ?? accessToken(),
        expiresAt: lifeSeconds === undefined ? null : clock.now() + lifeSeconds * 1000,
      };
    },
  };
}

function readNumber(item: JsonObject): PhoneNumber {
  return compact<PhoneNumber>({
    phoneNumberId: idOf(item.id) ?? "",
    displayNumber: (textOf(item.display_phone_number) ?? "").replace(/\D/g, ""),
    name: textOf(item.verified_name),
    quality: textOf(item.quality_rating),
    status: textOf(item.status),
    nameStatus: textOf(item.name_status),
    throughput: textOf(objectOf(item.throughput)?.level),
    messagingLimit: textOf(item.whatsapp_business_manager_messaging_limit),
  });
}

function readProfile(item: JsonObject): BusinessProfile {
  const websites = listOf(item.websites).flatMap((site) => textOf(site) ?? []);
  return compact<BusinessProfile>({
    about: textOf(item.about),
    address: textOf(item.address),
    description: textOf(item.description),
    email: textOf(item.email),
    pictureUrl: textOf(item.profile_picture_url),
    websites: websites.length > 0 ? websites : undefined,
    vertical: textOf(item.vertical),
  });
}

function readToken(item: JsonObject): TokenState {
  const expires = numberOf(item.expires_at);
  const scopes = listOf(item.scopes).flatMap((scope) => textOf(scope) ?? []);
  return compact<TokenState>({
    valid: booleanOf(item.is_valid) ?? false,
    // 0 stands for "never" (facts §3.5).
    expiresAt: expires === undefined || expires === 0 ? null : expires * 1000,
    scopes,
    missing: NEEDED_SCOPES.filter((scope) => !scopes.includes(scope)),
    appId: idOf(item.app_id),
  });
}
