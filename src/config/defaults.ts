/** The values used when a variable is not set, each with its reason. */
export const defaults = {
  /** Free on most machines and what people type first. */
  PORT: 3000,
  /** Relative to where the program is started: data stays beside the binary. */
  DATA_DIR: "./data",
  LOG_LEVEL: "info",
  /** Short enough that a stolen token soon dies, long enough that a refresh is rare. */
  ACCESS_TOKEN_TTL: "15m",
  /** A week: an agent who was on holiday signs in again. */
  REFRESH_TOKEN_TTL: "7d",
  /** The server itself is the edge until somebody says that a proxy stands before it. */
  TRUSTED_PROXIES: 0,
  /** Who mail comes from where nothing else is said. */
  MAIL_FROM: "Chasqui <chasqui@localhost>",
  WHATSAPP_GRAPH_URL: "https://graph.facebook.com",
  /** Released 2026-07-29; an older one may be named while it lives. */
  WHATSAPP_GRAPH_VERSION: "v26.0",
  OPENAI_BASE_URL: "https://api.openai.com/v1",
  /** Cheapest current model that calls tools well. */
  OPENAI_MODEL: "gpt-6-luna",
  /** People send a thought in pieces; two seconds of silence end most of them without feeling slow. */
  BATCH_WAIT_MS: 2_000,
  /** Whoever keeps typing is answered all the same. */
  BATCH_MAX_WAIT_MS: 8_000,
  /** Meta's near-simultaneous second deliveries come within seconds; the unique index catches the later ones. */
  DEDUP_TTL_MS: 60_000,
  /** How long an unconfirmed send may hold its lane before it is decided. */
  SETTLE_MS: 60_000,
} as const;
