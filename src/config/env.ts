/** Reads the environment once, reports every mistake together, and returns a frozen Config. Nothing else looks at process.env. */
import { resolve } from "node:path";
import { type Static, type TSchema, Type as t } from "@sinclair/typebox";
import { Value } from "@sinclair/typebox/value";
import { type ErrorDetail, fail } from "../core/errors";
import { defaults } from "./defaults";

const DURATION = "^[1-9][0-9]*(s|m|h|d)$";
const HTTP_URL = "^https?://[^\\s]+$";
const port = (options: object) => t.Integer({ minimum: 0, maximum: 65_535, ...options });
const ms = (maximum: number, options: object) => t.Integer({ minimum: 0, maximum, ...options });
const text = (options: object) => t.String({ minLength: 1, ...options });

/** Every variable, in the order of the README's table, which is made from these descriptions. */
export const Environment = t.Object({
  PORT: port({ default: defaults.PORT, description: "Port of the web server; 0 takes any free one" }),
  HOST: t.Optional(text({ description: "Address to listen on; 127.0.0.1 while the sandbox is on, else 0.0.0.0" })),
  PUBLIC_URL: t.Optional(
    t.String({
      pattern: HTTP_URL,
      description: "Address under which people and Meta reach this server, e.g. https://chat.example.com",
    }),
  ),
  DATA_DIR: text({ default: defaults.DATA_DIR, description: "Directory for everything that is kept" }),
  MONGODB_URI: t.Optional(
    t.String({ pattern: "^mongodb(\\+srv)?://", description: "MongoDB replica set; unset: the embedded store in DATA_DIR" }),
  ),
  REDIS_URL: t.Optional(
    t.String({
      pattern: "^(redis|rediss|valkey)://[^\\s]+$",
      description: "Redis through which several processes on one MongoDB tell each other at once who types, looks and is here",
    }),
  ),
  LOG_LEVEL: t.Union(
    ["debug", "info", "warn", "error", "silent"].map((level) =>
      t.Literal(level as "debug" | "info" | "warn" | "error" | "silent"),
    ),
    { default: defaults.LOG_LEVEL, description: "debug, info, warn, error or silent; message texts appear only at debug" },
  ),
  TRUSTED_PROXIES: t.Integer({
    minimum: 0,
    maximum: 10,
    default: defaults.TRUSTED_PROXIES,
    description: "How many reverse proxies of yours stand before the server: whose X-Forwarded-For is believed",
  }),
  CORS_ORIGINS: t.Optional(text({ description: "Origins of other web apps that may call the API, separated by commas" })),
  RATE_LIMITS: t.Union([t.Literal("on"), t.Literal("off")], {
    default: "on",
    description: "off: requests of an address or account are not limited, for benchmarks",
  }),
  ALLOW_PRIVATE_URLS: t.Optional(
    text({
      description:
        "Hosts (host or host:port) of the own network that addresses typed in by people may reach, separated by commas; others must be public",
    }),
  ),
  JWT_ACCESS_SECRET: t.Optional(
    t.String({
      minLength: 32,
      description: "Key that signs access tokens (32 characters or more); made and kept in DATA_DIR when unset",
    }),
  ),
  JWT_REFRESH_SECRET: t.Optional(
    t.String({
      minLength: 32,
      description: "Key that signs refresh tokens (32 characters or more); made and kept in DATA_DIR when unset",
    }),
  ),
  ENCRYPTION_KEY: t.Optional(
    t.String({
      minLength: 32,
      description: "Key that encrypts stored credentials (32 characters or more); made and kept in DATA_DIR when unset",
    }),
  ),
  ENCRYPTION_KEY_PREVIOUS: t.Optional(
    t.String({
      minLength: 32,
      description:
        "The key before this one: at the start everything is encrypted with the new one; remove it when the log says that this is done",
    }),
  ),
  ACCESS_TOKEN_TTL: t.String({
    pattern: DURATION,
    default: defaults.ACCESS_TOKEN_TTL,
    description: "Life of an access token, e.g. 15m",
  }),
  REFRESH_TOKEN_TTL: t.String({
    pattern: DURATION,
    default: defaults.REFRESH_TOKEN_TTL,
    description: "Life of a refresh token, e.g. 7d",
  }),
  SMTP_URL: t.Optional(
    t.String({
      pattern: "^smtps?://[^\\s]+$",
      description:
        "Mail server for invitations, new passwords and news of one's account, e.g. smtps://user:password@mail.example.com; unset: links are handed over",
    }),
  ),
  MAIL_FROM: text({ default: defaults.MAIL_FROM, maxLength: 200, description: "Sender of these mails" }),
  OIDC_ISSUER: t.Optional(
    t.String({ pattern: HTTP_URL, description: "Single sign-on: address of your company's OpenID Connect provider" }),
  ),
  OIDC_CLIENT_ID: t.Optional(text({ description: "Client id there" })),
  OIDC_CLIENT_SECRET: t.Optional(text({ description: "Client secret there" })),
  OIDC_ROLE_CLAIM: t.Optional(
    text({ maxLength: 100, description: "Claim that names groups or roles, e.g. groups; unset: OIDC_DEFAULT_ROLE" }),
  ),
  OIDC_ROLES: t.Optional(
    text({
      maxLength: 4_000,
      pattern: "^[^=,]+=[a-z][a-z0-9-]*(,[^=,]+=[a-z][a-z0-9-]*)*$",
      description: "Which of these is which role, the strongest first, e.g. crm-admins=admin,sales=agent",
    }),
  ),
  OIDC_DEFAULT_ROLE: t.Optional(
    t.String({
      pattern: "^[a-z][a-z0-9-]{1,39}$",
      description: "Role of people whom OIDC_ROLES does not name; unset: they stay outside",
    }),
  ),
  OIDC_JOIN: t.Union([t.Literal("invited"), t.Literal("anyone")], {
    default: "invited",
    description: "invited: only people who are agents already; anyone: whoever the provider knows becomes one",
  }),
  OIDC_DOMAINS: t.Optional(
    text({ maxLength: 1_000, description: "E-mail domains that may come in this way, separated by commas" }),
  ),
  WHATSAPP_PHONE_NUMBER_ID: t.Optional(
    text({ description: "Id of the business number in Meta's dashboard (not the number itself)" }),
  ),
  WHATSAPP_BUSINESS_ACCOUNT_ID: t.Optional(text({ description: "Id of the WhatsApp business account" })),
  WHATSAPP_ACCESS_TOKEN: t.Optional(text({ description: "Token of a system user with whatsapp_business_messaging" })),
  WHATSAPP_APP_SECRET: t.Optional(text({ description: "App secret; verifies the signature of every webhook" })),
  WHATSAPP_VERIFY_TOKEN: t.Optional(text({ description: "A word of your choice, typed into Meta's webhook form" })),
  WHATSAPP_APP_SECRET_PREVIOUS: t.Optional(
    text({ description: "The app secret before this one: believed as well while Meta is switched over; remove it afterwards" }),
  ),
  WHATSAPP_VERIFY_TOKEN_PREVIOUS: t.Optional(
    text({ description: "The verify token before this one: believed as well while Meta is switched over; remove it afterwards" }),
  ),
  WHATSAPP_GRAPH_URL: t.Optional(
    t.String({ pattern: HTTP_URL, description: `Graph API address; ${defaults.WHATSAPP_GRAPH_URL} when unset` }),
  ),
  WHATSAPP_GRAPH_VERSION: t.String({
    pattern: "^v[0-9]+\\.[0-9]+$",
    default: defaults.WHATSAPP_GRAPH_VERSION,
    description: "Graph API version",
  }),
  S3_BUCKET: t.Optional(text({ description: "Bucket for media files; unset: they are kept in DATA_DIR/media" })),
  S3_ENDPOINT: t.Optional(
    t.String({ pattern: HTTP_URL, description: "Address of the S3-compatible storage; Amazon's own when unset" }),
  ),
  S3_REGION: t.Optional(text({ description: "Region of the bucket" })),
  S3_ACCESS_KEY_ID: t.Optional(text({ description: "Access key of the bucket" })),
  S3_SECRET_ACCESS_KEY: t.Optional(text({ description: "Secret key of the bucket" })),
  OPENAI_API_KEY: t.Optional(text({ description: "Key of the assistant's provider; unset: the sandbox assistant answers" })),
  OPENAI_BASE_URL: t.Optional(
    t.String({
      pattern: HTTP_URL,
      description: `Address of an OpenAI-compatible server; ${defaults.OPENAI_BASE_URL} when unset`,
    }),
  ),
  OPENAI_MODEL: text({ default: defaults.OPENAI_MODEL, description: "Model of the assistant" }),
  ASSISTANT: t.Union([t.Literal("auto"), t.Literal("off")], {
    default: "auto",
    description: "off: every conversation goes to the agents' queue",
  }),
  HOLDING_MESSAGE: t.Optional(
    text({
      maxLength: 1_000,
      description:
        "What customers read, once, when a person will answer instead of the assistant; unset: a sentence in their language",
    }),
  ),
  BATCH_WAIT_MS: ms(60_000, {
    default: defaults.BATCH_WAIT_MS,
    description: "Silence of the customer after which the assistant answers, in milliseconds",
  }),
  BATCH_MAX_WAIT_MS: ms(120_000, {
    default: defaults.BATCH_MAX_WAIT_MS,
    description: "Longest wait from the first fragment, in milliseconds",
  }),
  DEDUP_TTL_MS: ms(3_600_000, {
    default: defaults.DEDUP_TTL_MS,
    description: "How long the in-memory duplicate check remembers, in milliseconds",
  }),
  SETTLE_MS: ms(3_600_000, {
    default: defaults.SETTLE_MS,
    description: "How long an unconfirmed send is waited for, in milliseconds",
  }),
  SANDBOX: t.Union([t.Literal("auto"), t.Literal("on"), t.Literal("off")], {
    default: "auto",
    description: "Sandbox phones and Graph API; auto: on while WhatsApp is not configured",
  }),
  ADMIN_EMAIL: t.String({
    pattern: "^[^@\\s]+@[^@\\s]+$",
    default: "admin@chasqui.local",
    description: "E-mail of the first admin",
  }),
  ADMIN_PASSWORD: t.Optional(
    t.String({ minLength: 10, description: "Password of the first admin; made and printed once when unset" }),
  ),
});
type Environment = Static<typeof Environment>;

/** The variables WhatsApp needs before real messages can flow. While the sandbox is on it fills in those that are not set. */
const WHATSAPP_REQUIRED = [
  "WHATSAPP_PHONE_NUMBER_ID",
  "WHATSAPP_ACCESS_TOKEN",
  "WHATSAPP_APP_SECRET",
  "WHATSAPP_VERIFY_TOKEN",
] as const satisfies readonly (keyof Environment)[];

/** The variables single sign-on needs besides its issuer. */
const OIDC_REQUIRED = ["OIDC_CLIENT_ID", "OIDC_CLIENT_SECRET"] as const satisfies readonly (keyof Environment)[];

/** The variables a bucket needs besides its name. */
const S3_REQUIRED = ["S3_ACCESS_KEY_ID", "S3_SECRET_ACCESS_KEY"] as const satisfies readonly (keyof Environment)[];

export type Config = Readonly<ReturnType<typeof toConfig>>;

/** Seconds of a duration such as `15m`. */
export function seconds(duration: string): number {
  const unit = { s: 1, m: 60, h: 3_600, d: 86_400 }[duration.at(-1) as "s" | "m" | "h" | "d"];
  return Number.parseInt(duration, 10) * unit;
}

/** Validates the given variables. Throws `config.invalid` with one detail for every mistake found. */
export function readConfig(variables: Record<string, string | undefined>): Config {
  const mistakes: ErrorDetail[] = [];
  const values: Record<string, unknown> = {};
  for (const [name, schema] of Object.entries(Environment.properties)) {
    const given = variables[name]?.trim();
    const value = given === undefined || given === "" ? schema.default : schema.type === "integer" ? integer(given) : given;
    if (value === undefined) continue;
    if (Value.Check(schema, value)) values[name] = value;
    else mistakes.push({ path: name, message: `${shown(name, given)} is not valid: ${expectation(schema)}` });
  }
  const missing = WHATSAPP_REQUIRED.filter((name) => values[name] === undefined);
  if (values.SANDBOX === "off" && missing.length > 0 && missing.length < WHATSAPP_REQUIRED.length)
    for (const name of missing) mistakes.push({ path: name, message: "is missing: without the sandbox WhatsApp needs it" });
  if (values.S3_BUCKET !== undefined)
    for (const name of S3_REQUIRED)
      if (values[name] === undefined) mistakes.push({ path: name, message: "is missing: S3_BUCKET needs it" });
  if (values.OIDC_ISSUER !== undefined)
    for (const name of OIDC_REQUIRED)
      if (values[name] === undefined) mistakes.push({ path: name, message: "is missing: OIDC_ISSUER needs it" });
  if (
    typeof values.BATCH_MAX_WAIT_MS === "number" &&
    typeof values.BATCH_WAIT_MS === "number" &&
    values.BATCH_MAX_WAIT_MS < values.BATCH_WAIT_MS
  )
    mistakes.push({ path: "BATCH_MAX_WAIT_MS", message: "must not be shorter than BATCH_WAIT_MS" });
  if (mistakes.length > 0)
    throw fail("config.invalid", {
      message: `The configuration is not valid.\n${mistakes.map(({ path, message }) => `  ${path} ${message}`).join("\n")}`,
      details: mistakes,
    });
  return Object.freeze(toConfig(values as Environment));
}

/** The configuration of this process. */
export const loadConfig = (): Config => readConfig(process.env);

function toConfig(env: Environment) {
  const whatsappConfigured = WHATSAPP_REQUIRED.every((name) => env[name] !== undefined);
  const sandbox = env.SANDBOX === "on" || (env.SANDBOX === "auto" && !whatsappConfigured);
  return {
    port: env.PORT,
    host: env.HOST ?? (sandbox ? "127.0.0.1" : "0.0.0.0"),
    publicUrl: env.PUBLIC_URL ?? null,
    dataDir: resolve(env.DATA_DIR),
    mongodbUri: env.MONGODB_URI,
    redisUrl: env.REDIS_URL,
    logLevel: env.LOG_LEVEL,
    corsOrigins: listOf(env.CORS_ORIGINS),
    edge: { proxies: env.TRUSTED_PROXIES, limitsRates: env.RATE_LIMITS === "on" },
    allowedPrivateUrls: listOf(env.ALLOW_PRIVATE_URLS),
    trustedProxies: env.TRUSTED_PROXIES,
    /** Null: links are handed over by people. */
    mail: env.SMTP_URL ? { url: env.SMTP_URL, from: env.MAIL_FROM } : null,
    /** Null: no single sign-on. */
    singleSignOn: env.OIDC_ISSUER
      ? {
          issuer: env.OIDC_ISSUER,
          clientId: env.OIDC_CLIENT_ID ?? "",
          clientSecret: env.OIDC_CLIENT_SECRET ?? "",
          roleClaim: env.OIDC_ROLE_CLAIM ?? null,
          roles: listOf(env.OIDC_ROLES).map((pair) => {
            const at = pair.lastIndexOf("=");
            return { value: pair.slice(0, at).trim(), role: pair.slice(at + 1) };
          }),
          defaultRole: env.OIDC_DEFAULT_ROLE ?? null,
          anyoneMayJoin: env.OIDC_JOIN === "anyone",
          domains: listOf(env.OIDC_DOMAINS).map((domain) => domain.toLowerCase().replace(/^@/, "")),
        }
      : null,
    auth: {
      accessSecret: env.JWT_ACCESS_SECRET,
      refreshSecret: env.JWT_REFRESH_SECRET,
      accessTtlSeconds: seconds(env.ACCESS_TOKEN_TTL),
      refreshTtlSeconds: seconds(env.REFRESH_TOKEN_TTL),
      adminEmail: env.ADMIN_EMAIL.toLowerCase(),
      adminPassword: env.ADMIN_PASSWORD,
    },
    whatsapp: {
      configured: whatsappConfigured,
      /** Variables still to be set before real messages can flow. */
      missing: WHATSAPP_REQUIRED.filter((name) => env[name] === undefined),
      phoneNumberId: env.WHATSAPP_PHONE_NUMBER_ID,
      businessAccountId: env.WHATSAPP_BUSINESS_ACCOUNT_ID,
      accessToken: env.WHATSAPP_ACCESS_TOKEN,
      appSecret: env.WHATSAPP_APP_SECRET,
      verifyToken: env.WHATSAPP_VERIFY_TOKEN,
      /** Replaced, and believed until the environment names them no more. */
      previousAppSecret: env.WHATSAPP_APP_SECRET_PREVIOUS,
      previousVerifyToken: env.WHATSAPP_VERIFY_TOKEN_PREVIOUS,
      /** Undefined: Meta's address, or the sandbox's own while the sandbox is on. */
      graphUrl: env.WHATSAPP_GRAPH_URL,
      graphVersion: env.WHATSAPP_GRAPH_VERSION,
    },
    encryptionKey: env.ENCRYPTION_KEY,
    previousEncryptionKey: env.ENCRYPTION_KEY_PREVIOUS,
    /** Null: media files are kept in DATA_DIR. */
    s3: env.S3_BUCKET
      ? {
          bucket: env.S3_BUCKET,
          endpoint: env.S3_ENDPOINT,
          region: env.S3_REGION,
          accessKeyId: env.S3_ACCESS_KEY_ID ?? "",
          secretAccessKey: env.S3_SECRET_ACCESS_KEY ?? "",
        }
      : null,
    assistant: {
      enabled: env.ASSISTANT === "auto",
      apiKey: env.OPENAI_API_KEY,
      baseUrl: env.OPENAI_BASE_URL,
      model: env.OPENAI_MODEL,
      holdingMessage: env.HOLDING_MESSAGE,
    },
    batch: { waitMs: env.BATCH_WAIT_MS, maxWaitMs: env.BATCH_MAX_WAIT_MS },
    dedupTtlMs: env.DEDUP_TTL_MS,
    settleMs: env.SETTLE_MS,
    sandbox,
  };
}

const listOf = (text: string | undefined): string[] =>
  text
    ?.split(",")
    .map((entry) => entry.trim())
    .filter(Boolean) ?? [];

const integer = (given: string): number | string => (/^-?\d+$/.test(given) ? Number(given) : given);

/** Values of secret variables are never repeated, not even in an error. */
const shown = (name: string, given: string | undefined): string =>
  /SECRET|TOKEN|KEY|PASSWORD|URI|SMTP_URL|REDIS_URL/.test(name) && !name.endsWith("_TTL") ? "its value" : `"${given}"`;

function expectation(schema: TSchema): string {
  const allowed = (schema.anyOf as { const: string }[] | undefined)?.map((option) => option.const);
  if (allowed) return `use ${allowed.join(", ")}`;
  if (schema.type === "integer") return `a whole number from ${schema.minimum} to ${schema.maximum} is needed`;
  if (schema.pattern === DURATION) return "a duration such as 15m, 12h or 7d is needed";
  if (schema.pattern === HTTP_URL) return "an address that starts with http:// or https:// is needed";
  if (schema.minLength > 1) return `at least ${schema.minLength} characters are needed`;
  return String(schema.description);
}
