/**
 * Every failure the product can name: one table from code to HTTP status, sentence and whether trying again can help.
 * Services throw `fail(code)`; only the HTTP edge turns an AppError into a response.
 */

interface ErrorRow {
  status: number;
  message: string;
  /** True when the same call may succeed later without a change by the caller. */
  retryable?: boolean;
}

const rows = {
  "request.malformed": { status: 400, message: "The request could not be read." },
  "request.invalid": { status: 422, message: "Some fields of the request are not valid." },
  "request.too-large": { status: 413, message: "The request body is larger than this route accepts." },
  "request.cursor": { status: 400, message: "The page cursor is not valid. Start again from the first page." },
  "knowledge.not-found": { status: 404, message: "This article or question does not exist." },
  "knowledge.too-many": { status: 409, message: "There are too many articles. Remove one first." },
  "knowledge.unreadable": {
    status: 422,
    message: "The text of this could not be read: it is damaged, locked, or only pictures.",
  },
  "knowledge.unknown-file": { status: 422, message: "Only PDF, DOCX, TXT, Markdown and HTML files can be read." },
  "knowledge.no-question": { status: 422, message: "No question of the customer stands before this message." },
  "assistant.connection-fixed": {
    status: 409,
    message:
      "The environment of the server says how the assistant reaches its provider. Take OPENAI_API_KEY and OPENAI_BASE_URL away to decide here.",
  },
  "assistant.no-connection": { status: 409, message: "The assistant has no connection to a provider yet." },
  "assistant.run-not-found": { status: 404, message: "This run of the assistant does not exist." },
  "media-library.not-found": { status: 404, message: "There is no such file in the library." },
  "media-library.exists": { status: 409, message: "A file in the library has this name already." },
  "assistant.tool-not-found": { status: 404, message: "This tool does not exist." },
  "assistant.tool-exists": { status: 409, message: "There is a tool with this name already." },
  "assistant.replay-not-found": { status: 404, message: "This replay does not exist." },
  "assistant.replay-over": { status: 409, message: "This replay is not in a state for that." },
  "assistant.replay-budget": { status: 409, message: "The budget of this replay is used up. Give it a larger one." },
  "assistant.nothing-to-replay": { status: 409, message: "There are no answers of the assistant whose words are still kept." },
  "assistant.golden-not-found": { status: 404, message: "This golden conversation does not exist." },
  "assistant.tests-failed": {
    status: 409,
    message: "Golden conversations do not come out as expected with this draft. It was not published.",
  },
  "assistant.budget-used": { status: 409, message: "The assistant's budget is used up." },
  "assistant.prompt-not-found": { status: 404, message: "This prompt does not exist." },
  "assistant.prompt-version-not-found": { status: 404, message: "This version of the prompt does not exist." },
  "assistant.no-draft": { status: 409, message: "There is no draft of this prompt." },
  "assistant.provider-failed": {
    status: 502,
    message: "The assistant's provider did not answer as it should. Test the connection.",
    retryable: true,
  },
  "erasure.not-found": { status: 404, message: "There is no receipt with this id." },
  "request.conflict": { status: 409, message: "Somebody else has just done the same. Load it again." },
  "request.stale": { status: 409, message: "Somebody has changed it meanwhile. Look at what it is now and decide again." },
  "request.key-reused": { status: 422, message: "This Idempotency-Key was used with another body. Use a new key." },
  "request.in-progress": { status: 409, message: "The same request is being carried out.", retryable: true },
  "request.answer-lost": {
    status: 409,
    message:
      "This request was carried out, but its answer was lost. Load what it was about; do not send it again with a new key.",
  },
  "route.not-found": { status: 404, message: "There is nothing at this address." },
  "auth.required": { status: 401, message: "Sign in first." },
  "auth.invalid-token": { status: 401, message: "The session has ended. Sign in again." },
  "auth.wrong-credentials": { status: 401, message: "E-mail or password is wrong." },
  "auth.too-many-attempts": { status: 429, message: "Too many failed sign-ins. Wait a little and try again.", retryable: true },
  "auth.cannot-grant": { status: 403, message: "Nobody can grant what they may not do themselves." },
  "auth.cross-site": { status: 403, message: "This call has to come from the app itself." },
  "auth.second-factor-required": { status: 401, message: "Enter the code of your authenticator app." },
  "auth.second-factor-setup": { status: 401, message: "Your role needs a second factor. Set it up to go on." },
  "auth.wrong-code": { status: 401, message: "This code is wrong or was used already." },
  "auth.challenge-ended": { status: 401, message: "This took too long. Sign in again." },
  "auth.second-factor-exists": { status: 409, message: "A second factor is set up already." },
  "auth.no-second-factor": { status: 409, message: "No second factor is set up." },
  "auth.wrong-password": { status: 422, message: "The password is wrong." },
  "auth.bad-link": { status: 410, message: "This link has ended or was used already. Ask for a new one." },
  "auth.person-only": { status: 403, message: "Only a person can do this, not an API key." },
  "session.not-found": { status: 404, message: "This session does not exist." },
  "single-sign-on.off": { status: 404, message: "Single sign-on is not configured." },
  "single-sign-on.failed": { status: 401, message: "The sign-in with your company's account did not succeed. Try again." },
  "single-sign-on.not-allowed": { status: 403, message: "Your company's account may not sign in here. Ask an administrator." },
  "single-sign-on.unavailable": {
    status: 502,
    message: "Your company's sign-in service cannot be reached at the moment.",
    retryable: true,
  },
  "api-key.not-found": { status: 404, message: "This API key does not exist." },
  "report.unavailable": { status: 503, message: "The reports cannot be read at the moment.", retryable: true },
  "report.rebuilding": { status: 409, message: "The reports are being built anew already." },
  "webhook-endpoint.not-found": { status: 404, message: "This outgoing webhook does not exist." },
  "webhook-endpoint.too-many": { status: 409, message: "There are 50 outgoing webhooks already. Remove one first." },
  "webhook-endpoint.too-old": { status: 409, message: "The events since then are no longer there." },
  "role.not-found": { status: 404, message: "This role does not exist." },
  "role.exists": { status: 409, message: "A role with this name exists already." },
  "role.built-in": { status: 409, message: "This role is always there and cannot be changed. Make one of your own." },
  "role.in-use": { status: 409, message: "Somebody has this role. Give them another one first." },
  "team.exists": { status: 409, message: "A team with this name exists already." },
  "team.too-many": { status: 409, message: "There are too many teams. Remove one first." },
  "auth.forbidden": { status: 403, message: "Your role does not allow this." },
  "webhook.bad-signature": { status: 401, message: "The webhook signature is missing or wrong." },
  "webhook.bad-verify-token": { status: 403, message: "The verify token is wrong." },
  "contact.not-found": { status: 404, message: "This contact does not exist." },
  "contact.merge-self": { status: 422, message: "A contact cannot be merged with itself." },
  "contact.merged": { status: 409, message: "This contact has been merged into another one." },
  "contact.exists": { status: 409, message: "There is a contact with this number or id already." },
  "contact.phone": { status: 422, message: "This is not a phone number with its country code." },
  "contact.blocked": { status: 409, message: "This contact is blocked." },
  "contact-note.not-found": { status: 404, message: "This note does not exist." },
  "attribute.not-found": { status: 404, message: "This attribute does not exist." },
  "attribute.exists": { status: 409, message: "There is an attribute with this key already." },
  "attribute.too-many": { status: 422, message: "There are 200 attributes already. Remove one first." },
  "attribute.invalid": { status: 422, message: "Some attributes do not have the values they need." },
  "import.not-found": { status: 404, message: "This import does not exist." },
  "import.over": { status: 409, message: "This import has ended." },
  "import.file": { status: 422, message: "The file cannot be read as contacts." },
  "segment.not-found": { status: 404, message: "This segment does not exist." },
  "contact-merge.not-found": { status: 404, message: "This merge does not exist." },
  "contact-merge.undone": { status: 409, message: "This merge has been undone already." },
  "conversation.not-found": { status: 404, message: "This conversation does not exist." },
  "conversation.merge-refused": { status: 422, message: "These conversations cannot be merged." },
  "label.not-found": { status: 404, message: "This label does not exist." },
  "label.exists": { status: 409, message: "There is a label of this name already." },
  "label.unknown": { status: 422, message: "There is no such label. Create it first." },
  "team.not-found": { status: 404, message: "This team does not exist." },
  "view.not-found": { status: 404, message: "This view does not exist." },
  "job.not-found": { status: 404, message: "This job does not exist." },
  "job.over": { status: 409, message: "This job has ended." },
  "conversation.closed": { status: 409, message: "This conversation is closed." },
  "conversation.window-closed": {
    status: 409,
    message: "The customer wrote more than 24 hours ago: WhatsApp now accepts only templates.",
  },
  "delivery.not-open": { status: 409, message: "This message does not wait for a decision." },
  "dead-letter.not-found": { status: 404, message: "This event is not among those that could not be processed." },
  "message.not-found": { status: 404, message: "This message does not exist." },
  "message.too-long": { status: 422, message: "The text is longer than WhatsApp accepts." },
  "message.empty": { status: 422, message: "The message has no text." },
  "message.not-a-note": { status: 422, message: "Only the text of a note can be changed. What was sent stays as it is." },
  "message.not-yours": { status: 403, message: "Only whoever wrote a note may change it." },
  "message.in-flight": { status: 409, message: "This message is on its way. Wait until it has left.", retryable: true },
  "message.not-forwardable": { status: 422, message: "Messages of this kind cannot be forwarded." },
  "canned-reply.not-found": { status: 404, message: "This canned reply does not exist." },
  "canned-reply.exists": { status: 409, message: "There is a canned reply with this shortcut already." },
  "automation.too-many": { status: 409, message: "There are too many of them. Remove one first." },
  "business-hours.not-found": { status: 404, message: "These opening hours do not exist." },
  "business-hours.taken": { status: 409, message: "A number, a team and the company have one schedule each." },
  "automation-rule.not-found": { status: 404, message: "This rule does not exist." },
  "automation-run.not-found": { status: 404, message: "There is no record of this run." },
  "macro.not-found": { status: 404, message: "This macro does not exist." },
  "sla-policy.not-found": { status: 404, message: "This policy does not exist." },
  "scheduled-message.not-found": { status: 404, message: "This scheduled message does not exist." },
  "scheduled-message.over": { status: 409, message: "This message is no longer waiting to be sent." },
  "compose.limit": { status: 422, message: "WhatsApp would refuse this message." },
  "message.reply-target": { status: 422, message: "The message to answer or react to is not one of this conversation." },
  "channel.not-found": { status: 404, message: "This number does not exist." },
  "channel.exists": { status: 409, message: "This number is connected already." },
  "channel.not-connected": { status: 409, message: "This number has no usable credentials." },
  "channel.from-environment": {
    status: 409,
    message: "This number comes from the environment. Change the WHATSAPP_ variables and start again.",
  },
  "channel.no-app": {
    status: 409,
    message: "WhatsApp does not say which Meta app this number's token belongs to. Set the app's id (appId) of the number.",
  },
  "channel.not-in-account": { status: 422, message: "The business account does not have a number with this id." },
  "template.not-found": { status: 404, message: "This template does not exist." },
  "template.invalid": { status: 422, message: "WhatsApp would refuse this template." },
  "template.not-approved": { status: 409, message: "WhatsApp has not approved this template." },
  "template.parameters": { status: 422, message: "The values do not fit the template." },
  "contact.opted-out": { status: 409, message: "The customer does not want marketing messages." },
  "media.not-found": { status: 404, message: "This file does not exist." },
  "media.not-ready": { status: 409, message: "This file is not here yet.", retryable: true },
  "media.no-format": { status: 406, message: "This file does not exist in that format." },
  "media.bad-ticket": { status: 401, message: "The link to this file has ended. Open the page again." },
  "agent.not-found": { status: 404, message: "This agent does not exist." },
  "agent.last-admin": { status: 409, message: "Somebody has to stay administrator. Make another one first." },
  "agent.beyond": { status: 403, message: "They may do more than you: only somebody with their rights can change them." },
  "agent.not-invited": { status: 409, message: "They do not wait for an invitation." },
  "agent.email-taken": { status: 409, message: "An agent with this e-mail exists already." },
  "agent.password-short": { status: 422, message: "The password needs at least 12 characters." },
  "agent.password-easy": {
    status: 422,
    message:
      "Everybody who guesses tries this password first. Take a longer one, such as a few words that do not belong together.",
  },
  "search.unavailable": { status: 503, message: "The search index cannot be used at the moment.", retryable: true },
  "search.rebuilding": { status: 409, message: "The search index is being built already." },
  "sandbox.off": { status: 404, message: "The sandbox is off because WhatsApp is configured. Set SANDBOX=on to use it." },
  "sandbox.phone-not-found": { status: 404, message: "This sandbox phone does not exist." },
  "live.unknown-topic": { status: 422, message: "There is no such topic." },
  "live.topic-forbidden": { status: 403, message: "You may not listen to this." },
  "live.unknown-method": { status: 404, message: "There is no such method." },
  "live.too-many-calls": { status: 429, message: "Too many calls run at once. Wait for their replies.", retryable: true },
  "live.too-old": { status: 409, message: "The events since then are gone. Load the page again." },
  "config.invalid": { status: 500, message: "The configuration is not valid." },
  "data-dir.not-writable": { status: 500, message: "The data directory cannot be written." },
  "data-dir.in-use": { status: 500, message: "Another Chasqui process uses this data directory." },
  "encryption-key.from-environment": {
    status: 409,
    message:
      "The key comes from the environment. Put a new one into ENCRYPTION_KEY and the old one into ENCRYPTION_KEY_PREVIOUS, and start again: everything is then encrypted with the new one.",
  },
  "port.in-use": { status: 500, message: "The port is in use by another program." },
  "control.not-running": {
    status: 503,
    message: "No Chasqui server runs on this data directory. Start it with: npm start",
    retryable: true,
  },
  "store.unavailable": { status: 503, message: "The store cannot be written at the moment.", retryable: true },
  "store.standalone": {
    status: 500,
    message: "MONGODB_URI points to a standalone server. Start it as a replica set (mongod --replSet rs0, then rs.initiate()).",
  },
  "store.index-conflict": { status: 500, message: "An index of the database contradicts the one this version needs." },
  "store.not-embedded": {
    status: 409,
    message: "The data are in MongoDB (MONGODB_URI): use MongoDB's own tools for them.",
  },
  "store.no-database": { status: 404, message: "There is no database in this data directory." },
  "store.backup-failed": { status: 500, message: "The backup could not be written." },
  "store.copy-refused": { status: 500, message: "The copy was refused." },
  "store.newer": { status: 500, message: "The database was written by a newer version of Chasqui. Install that version again." },
  "store.migrating": {
    status: 503,
    message: "Another process is migrating the database. Try again in a minute.",
    retryable: true,
  },
  "assistant.unavailable": { status: 503, message: "The assistant cannot answer at the moment.", retryable: true },
  "graph.unavailable": { status: 502, message: "WhatsApp cannot be reached at the moment.", retryable: true },
  "graph.refused": { status: 422, message: "WhatsApp refused the request." },
  "media.refused": { status: 422, message: "WhatsApp would not take this file." },
  "media.quota": { status: 429, message: "You have uploaded as much as one may within a day. Try again later." },
  "media.unavailable": { status: 502, message: "The file cannot be loaded from WhatsApp at the moment.", retryable: true },
  "server.stopping": { status: 503, message: "The server is stopping.", retryable: true },
  "request.rate-limited": { status: 429, message: "Too many requests. Wait a little and try again.", retryable: true },
  "request.media-type": { status: 415, message: "The body has to be JSON (Content-Type: application/json)." },
  "request.too-complex": { status: 400, message: "The body is nested too deeply, or has lists that are too long." },
  "request.forbidden-key": { status: 400, message: "The body contains a field name that is never accepted." },
  "live.foreign-origin": { status: 403, message: "The live connection is not open to pages of this address." },
  "url.refused": { status: 422, message: "This address cannot be used." },
  "url.unreachable": { status: 502, message: "This address cannot be reached.", retryable: true },
  "url.too-large": { status: 502, message: "The answer of this address is too large." },
  internal: { status: 500, message: "Something broke on our side. The log has the details under this request id." },
} as const satisfies Record<string, ErrorRow>;

export type ErrorCode = keyof typeof rows;
/** The sentence of each code. */
export const ERROR_SENTENCES = Object.fromEntries(Object.entries(rows).map(([code, { message }]) => [code, message])) as Readonly<
  Record<ErrorCode, string>
>;

export interface ErrorDetail {
  /** Where: a field path such as `body.email`, or a variable name. */
  path: string;
  message: string;
  /** The code of `core/field-rule.ts` for it, and its values; put in when the answer is made. */
  rule?: string;
  params?: Record<string, string>;
}

export interface FailOptions {
  /** Replaces the table's sentence when the case can be named more exactly. */
  message?: string;
  details?: readonly ErrorDetail[];
  /** What is stored now, for a client whose change came too late. */
  current?: unknown;
  /** Kept for the log, never sent to a client. */
  cause?: unknown;
  /** Seconds after which trying again makes sense (becomes Retry-After). */
  retryAfter?: number;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly status: number;
  readonly retryable: boolean;
  readonly details: readonly ErrorDetail[] | undefined;
  readonly retryAfter: number | undefined;
  readonly current: unknown;
  /** The sentence is not the table's: it names the case more exactly than the code. */
  readonly isExact: boolean;

  constructor(code: ErrorCode, options: FailOptions = {}) {
    const row: ErrorRow = rows[code];
    super(options.message ?? row.message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "AppError";
    this.code = code;
    this.status = row.status;
    this.retryable = row.retryable ?? false;
    this.details = options.details;
    this.retryAfter = options.retryAfter;
    this.current = options.current;
    this.isExact = options.message !== undefined && options.message !== row.message;
  }
}

/** Builds the AppError of a code; `throw fail("contact.not-found")` reads as what happened. */
export const fail = (code: ErrorCode, options?: FailOptions): AppError => new AppError(code, options);

/** The text of anything that can be thrown, for log lines. */
export function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
