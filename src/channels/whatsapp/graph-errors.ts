/** What Meta's error codes mean for a send: may it be repeated, when, and could the message have gone out all the same (facts §3.6). */
import { booleanOf, compact, numberOf, objectOf, textOf } from "./json-value";

/**
 * `never`: not without a change. `backoff`: seconds, growing, at most 3 times. `minutes`: a call limit, after minutes with jitter.
 * `pair`: 4^attempt seconds, later messages to the same person wait behind it. `hours`: after a day or more, so only by a person.
 */
export type RetryClass = "never" | "backoff" | "minutes" | "pair" | "hours";

interface ErrorMeaning {
  retry: RetryClass;
  /** The message may have gone out although an error came: a repetition can be a duplicate. */
  duplicateRisk: boolean;
  /** One sentence for agents and operators. */
  meaning: string;
  /** The number itself is in trouble: an administrator has to know. */
  channelProblem?: boolean;
  /** No message of this number can leave until the token is replaced: what is queued waits. */
  lockedOut?: boolean;
  /** How long to wait at least, where Meta says it. */
  pauseMs?: number;
}

export interface GraphError extends ErrorMeaning {
  /** Meta's code; UNREACHABLE when nothing left this machine, 0 or the HTTP status class when no code came. */
  code: number;
  subcode?: number;
  /** 0 when there was no HTTP answer. */
  status: number;
  message: string;
  details?: string;
  fbtraceId?: string;
  /** Milliseconds Meta asked us to wait (Retry-After). */
  retryAfterMs?: number;
}

const HOUR_MS = 3_600_000;

/** Our own code for "the connection could not be opened". */
export const UNREACHABLE = -1;

const never = (meaning: string): ErrorMeaning => ({ retry: "never", duplicateRisk: false, meaning });
const channel = (meaning: string): ErrorMeaning => ({ retry: "never", duplicateRisk: false, meaning, channelProblem: true });
const transient = (meaning: string): ErrorMeaning => ({ retry: "backoff", duplicateRisk: true, meaning });

const token: ErrorMeaning = { ...channel("The access token has expired or is not valid."), lockedOut: true };
const permission = channel("The access token lacks a permission for this number.");
const meta = transient("A fault at Meta; it usually passes.");
const parameter = never("WhatsApp found a wrong or missing value in the message.");
const account = channel("The business account is locked or restricted by Meta.");
const registration = channel("The number is not registered, or its PIN is wrong.");
const payment = channel("The payment method or the payment terms of the business account need attention.");
const marketing = never("The Marketing Messages API refused this message.");
const template = (meaning: string) => never(`Template: ${meaning}`);

const table: ReadonlyMap<number, ErrorMeaning> = new Map<number, ErrorMeaning>([
  [UNREACHABLE, { retry: "backoff", duplicateRisk: false, meaning: "WhatsApp could not be reached; nothing was sent." }],
  [0, token],
  [190, token],
  [3, permission],
  [10, permission],
  [131005, permission],
  [1, meta],
  [2, meta],
  [131000, meta],
  [131016, meta],
  [133004, meta],
  [2494100, meta],
  [131057, transient("The number is being upgraded or maintained; this takes about a minute.")],
  [4, { retry: "minutes", duplicateRisk: false, meaning: "The app's call limit is reached." }],
  [80007, { retry: "minutes", duplicateRisk: false, meaning: "The business account's call limit is reached." }],
  [130429, { retry: "backoff", duplicateRisk: false, meaning: "The number sends faster than its throughput allows." }],
  [131056, { retry: "pair", duplicateRisk: false, meaning: "Too many messages to this person in a short time." }],
  [131048, channel("Meta limits this number because of reports of spam or low quality.")],
  [
    133016,
    {
      retry: "hours",
      duplicateRisk: false,
      meaning: "The number was registered too often; wait 72 hours.",
      pauseMs: 72 * HOUR_MS,
    },
  ],
  [131047, never("The customer wrote more than 24 hours ago: only a template can be sent.")],
  [131026, never("Undeliverable: the number is not on WhatsApp, or its app or terms are too old.")],
  [131049, { retry: "hours", duplicateRisk: false, meaning: "Meta limits marketing messages to this person for now." }],
  [131050, never("The customer stopped marketing messages from this business.")],
  [130472, never("The customer is part of an experiment of Meta and does not receive this message.")],
  [130497, never("The business may not send to this country.")],
  [130403, never("This customer is blocked by the business.")],
  [131021, never("Sender and recipient are the same number.")],
  [131030, never("A test number may only write to the numbers on its list.")],
  [131008, parameter],
  [131009, parameter],
  [100, parameter],
  [33, parameter],
  [135000, parameter],
  [131051, never("This kind of message is not supported.")],
  [131052, never("The media of the customer's message could not be loaded.")],
  [131053, never("The media could not be uploaded: its type or its content is wrong.")],
  [131035, never("A webhook could not be delivered within the data retention time.")],
  [131036, never("The message was gone before it could be delivered (data retention).")],
  [131060, never("The customer's message is unavailable; WhatsApp may deliver it again.")],
  [131062, never("This message cannot be sent to a user id; it needs the phone number.")],
  [131055, marketing],
  [131063, marketing],
  [134100, marketing],
  [
    134101,
    {
      retry: "minutes",
      duplicateRisk: false,
      meaning: "The template is still being synchronised; this takes about ten minutes.",
      pauseMs: 600_000,
    },
  ],
  [134102, marketing],
  [134103, marketing],
  [131031, account],
  [368, account],
  [131037, channel("The display name of the number is not approved yet.")],
  [131042, payment],
  [134011, payment],
  [131045, registration],
  [133000, registration],
  [133005, registration],
  [133006, registration],
  [133008, registration],
  [133009, registration],
  [133010, registration],
  [
    133015,
    {
      retry: "minutes",
      duplicateRisk: false,
      meaning: "The number was deleted a moment ago; wait five minutes.",
      pauseMs: 300_000,
      channelProblem: true,
    },
  ],
  [131059, never("The page cursor is no longer valid; start again from the first page.")],
  [131064, never("The limit of template classifications is reached.")],
  [132000, template("the number of parameters is wrong.")],
  [132001, template("it does not exist in this language or is not approved.")],
  [132005, template("the text is too long once filled in.")],
  [132007, template("its content breaks a policy.")],
  [132012, template("a parameter has the wrong format.")],
  [132015, template("it is paused because of low quality.")],
  [132016, template("it is disabled for good because of low quality.")],
  [132018, template("its parameters are not valid.")],
  [132068, never("The flow is blocked.")],
  [132069, never("The flow is throttled: ten messages an hour.")],
  [137000, never("The customer's identity has changed; verify it again.")],
]);

const groups = never("The group does not accept this.");
const usernames = never("The business username was refused.");
const creation = never("The template was refused.");

/** Codes that come in families. */
function familyOf(code: number): ErrorMeaning | undefined {
  if (code >= 200 && code <= 299) return permission;
  if (code === 131020 || code === 131041 || (code >= 131201 && code <= 131215)) return groups;
  if (code >= 147001 && code <= 147005) return usernames;
  if (code === 2388019 || (code >= 2388039 && code <= 2388299)) return creation;
  return undefined;
}

/** What an HTTP status alone says, for codes that are not in the table and for answers that are no Graph error. */
function byStatus(status: number): ErrorMeaning {
  if (status === 401) return token;
  if (status === 403) return permission;
  if (status === 429) return { retry: "minutes", duplicateRisk: false, meaning: "WhatsApp asks to slow down." };
  if (status >= 500) return meta;
  return never("WhatsApp refused the message.");
}

/** The meaning of a code, also of one in a failed status. `status` and `isTransient` decide when the code is not known. */
export function meaningOf(code: number, { status = 400, isTransient = false } = {}): ErrorMeaning {
  const known = table.get(code) ?? familyOf(code);
  if (known) return known;
  const fallback = byStatus(status);
  return isTransient && fallback.retry === "never" ? transient(fallback.meaning) : fallback;
}

/** The error of a Graph answer, whatever its body is: a Graph error, another JSON, text or nothing. */
export function graphError(status: number, body: unknown, retryAfter?: string | null, now = 0): GraphError {
  const error = objectOf(objectOf(body)?.error);
  // Upload servers complain in a shape of their own.
  const upload = objectOf(objectOf(body)?.debug_info);
  const code = numberOf(error?.code);
  const meaning =
    code === undefined
      ? meaningOf(status, { status, isTransient: booleanOf(upload?.retriable) })
      : meaningOf(code, { status, isTransient: booleanOf(error?.is_transient) });
  return compact<GraphError>({
    ...meaning,
    code: code ?? status,
    subcode: numberOf(error?.error_subcode),
    status,
    message: textOf(error?.message) ?? textOf(upload?.message) ?? `HTTP ${status}`,
    details: textOf(objectOf(error?.error_data)?.details) ?? textOf(error?.error_user_msg),
    fbtraceId: textOf(error?.fbtrace_id),
    retryAfterMs: retryAfterMs(retryAfter, now),
  });
}

/** The error of a connection that could not be opened. */
export const unreachable = (cause: string): GraphError => ({
  ...meaningOf(UNREACHABLE),
  code: UNREACHABLE,
  status: 0,
  message: cause,
});

/** Retry-After in seconds or as an HTTP date, as milliseconds from `now`. */
function retryAfterMs(header: string | null | undefined, now: number): number | undefined {
  if (!header) return undefined;
  const seconds = numberOf(header);
  if (seconds !== undefined) return seconds >= 0 ? Math.round(seconds * 1000) : undefined;
  const date = Date.parse(header);
  return Number.isNaN(date) ? undefined : Math.max(0, date - now);
}

const PAIR_LONGEST_EXPONENT = 4;

/**
 * Milliseconds to wait before the next try after `attempt` failed ones (1 = the first has failed); null when it must not be
 * repeated. Retry-After wins when it asks for more. Spread by up to 50 % so that many senders do not return at once.
 */
export function retryDelayMs(
  error: Pick<GraphError, "retry" | "retryAfterMs" | "pauseMs">,
  attempt: number,
  random: () => number = Math.random,
): number | null {
  const spread = (ms: number) => Math.round(ms * (1 + random() / 2));
  const asked = error.retryAfterMs ?? 0;
  switch (error.retry) {
    case "never":
      return null;
    case "backoff":
      return Math.max(asked, spread(1_000 * 2 ** (attempt - 1)));
    case "minutes":
      return Math.max(asked, spread(error.pauseMs ?? 60_000 * 2 ** (attempt - 1)));
    case "pair":
      return Math.max(asked, 1_000 * 4 ** Math.min(attempt - 1, PAIR_LONGEST_EXPONENT));
    case "hours":
      return Math.max(asked, spread(error.pauseMs ?? 24 * HOUR_MS));
  }
}
