/** POST /{phone_number_id}/messages: takes or refuses a message as Meta would, marks as read, shows "typing...". */
import { type Clock, wait } from "../../../core/clock";
import { type JsonObject, objectOf } from "../json-value";
import { isWindowOpen, windowExpiresAt } from "../window";
import type { Account } from "./account-endpoint";
import type { ChaosKnobs } from "./chaos";
import type { SandboxCredentials } from "./credentials";
import { chosenRefusal, titleOf } from "./error-codes";
import { GraphRefusal, invalidRequest, parameterInvalid } from "./graph-refusal";
import { checkMediaIds } from "./media-endpoint";
import type { MediaStore } from "./media-store";
import { type CheckedMessage, checkMessage } from "./message-check";
import { readableText, renderTemplate } from "./message-text";
import type { PhoneBook } from "./phone-book";
import type { SandboxPhone, StateStore, ThreadMessage } from "./state-store";
import type { StatusFlow } from "./status-flow";
import { checkTemplateFit, missingTemplate } from "./template-check";
import type { SandboxTemplate, TemplateStore } from "./template-store";
import { newWamid } from "./wamid";

export interface MessageEndpointDeps {
  credentials: SandboxCredentials;
  phones: PhoneBook;
  store: StateStore;
  media: MediaStore;
  templates: TemplateStore;
  account: Account;
  chaos: ChaosKnobs;
  statuses: StatusFlow;
  priceOf: (category: string) => JsonObject;
  limitRate: (phoneId: string) => void;
  random: () => number;
  clock: Clock;
}

/** A client that gave up does not wait for this answer; long enough to outlast any timeout that makes sense. */
const HANG_MS = 120_000;
/** How long a call waits for its own `sent` status (knob statusBeforeAnswer). */
const EARLY_STATUS_MS = 3_000;

export function createMessageEndpoint(deps: MessageEndpointDeps): (body: JsonObject) => Promise<Response> {
  const { chaos, random, clock } = deps;
  return async (body) => {
    if (body.status !== undefined) return Response.json(markRead(body, deps));
    const { fault, faultShare, errorCode } = chaos.get();
    const isHit = random() < faultShare;
    if (isHit && errorCode !== null) throw chosenRefusal(errorCode);
    if (isHit) {
      const broken = await breakBefore(fault, clock);
      if (broken) return broken;
    }
    const answer = await acceptMessage(checkMessage(body), deps);
    if (isHit && fault === "timeout-after-accept") await wait(clock, HANG_MS);
    if (isHit && fault === "reset-after-accept") return cutAnswer();
    return Response.json(answer);
  };
}

function markRead(body: JsonObject, { phones, store }: MessageEndpointDeps): JsonObject {
  if (body.messaging_product !== "whatsapp")
    throw invalidRequest("The parameter messaging_product is required and must be 'whatsapp'.");
  if (body.status !== "read") throw parameterInvalid("status must be 'read'.");
  const message = typeof body.message_id === "string" ? store.findMessage(body.message_id) : null;
  if (message?.from !== "customer") throw parameterInvalid("message_id does not name a message of a customer.");
  const typing = body.typing_indicator;
  if (typing !== undefined && objectOf(typing)?.type !== "text") throw parameterInvalid("typing_indicator.type must be 'text'.");
  for (const earlier of store.unreadUpTo(message.phoneId, message.id)) phones.setTicks(earlier.id, "read");
  if (typing !== undefined) phones.setTyping(message.phoneId, true);
  return { success: true };
}

async function acceptMessage(message: CheckedMessage, deps: MessageEndpointDeps): Promise<JsonObject> {
  const { phones, store, media, chaos, statuses, priceOf, limitRate, clock } = deps;
  const phone = phones.find(message);
  const digits = message.to?.replace(/\D/g, "");
  checkRecipient(message, phone, deps);
  checkMediaIds({ [message.type]: message.content }, media);
  const template = message.type === "template" ? templateOf(message.content as JsonObject, deps) : undefined;
  if (template?.category === "MARKETING" && phone && phones.hasStopped(phone.id)) {
    throw new GraphRefusal(400, 131050, "User has stopped marketing messages", {
      details: "The user chose not to receive marketing messages.",
    });
  }
  const policy = chaos.get().window;
  const lastInbound = phone ? phones.lastInboundAt(phone.id) : null;
  const isClosed =
    !template && policy !== "off" && !isWindowOpen(lastInbound === null ? null : windowExpiresAt(lastInbound), clock.now());
  if (isClosed && policy === "refuse")
    throw new GraphRefusal(400, 131047, "Re-engagement message", { details: windowFailure.details });
  limitRate(phone?.id ?? digits ?? "");

  const wamid = newWamid(phone?.waId ?? digits ?? phone?.userId ?? "");
  const sent = sentMessage(wamid, message, template, clock.now());
  const failure = isClosed ? windowFailure : (failureOf(chaos.get().failedStatusCode, phone) ?? reactionFailure(message, store));
  if (phone && message.type === "reaction" && !failure) {
    const { message_id, emoji } = message.content as JsonObject;
    phones.setReaction(String(message_id), "business", emoji === "" ? null : String(emoji));
  } else if (phone) phones.show(phone.id, failure ? { ...sent, ticks: "failed" } : sent);
  if (failure) statuses.fail(phone ? { phone } : { waId: digits ?? "" }, sent, failure);
  else if (phone) {
    const price = priceOf(template ? template.category.toLowerCase() : "service");
    await Promise.race([statuses.begin(phone, sent, price), wait(clock, EARLY_STATUS_MS)]);
  }
  return {
    messaging_product: "whatsapp",
    contacts: [recipientOf(message, phone)],
    messages: [{ id: wamid, ...(template ? { message_status: "accepted" } : {}) }],
  };
}

function checkRecipient(
  message: CheckedMessage,
  phone: SandboxPhone | undefined,
  { credentials, account }: MessageEndpointDeps,
): void {
  const digits = message.to?.replace(/\D/g, "");
  if (!account.isRegistered()) {
    throw new GraphRefusal(400, 133010, "Phone number not registered", {
      details: "The phone number is not registered on the Whatsapp Business Platform.",
    });
  }
  if (digits !== undefined && digits === credentials.displayNumber.replace(/\D/g, "")) {
    throw new GraphRefusal(400, 131021, "Recipient cannot be sender", { details: "Recipient cannot be the same as the sender." });
  }
  if (message.recipient !== undefined && !phone) {
    throw new GraphRefusal(400, 131026, "Message undeliverable", {
      details: "The user id does not belong to a WhatsApp user of this business.",
    });
  }
  if (account.isBlocked(phone?.waId ?? digits ?? "") || (phone && account.isBlocked(phone.userId))) {
    throw new GraphRefusal(400, 130403, "User is blocked", { details: "The business has blocked this user." });
  }
}

/** The template a send names, once its parameters fit. */
function templateOf(call: JsonObject, { templates }: MessageEndpointDeps): SandboxTemplate {
  const name = String(call.name);
  const language = String(objectOf(call.language)?.code);
  const template = templates.find(name, language);
  if (!template) throw missingTemplate(name, language);
  checkTemplateFit(call, template);
  return template;
}

function sentMessage(id: string, message: CheckedMessage, template: SandboxTemplate | undefined, at: number): ThreadMessage {
  const body = template
    ? { ...(message.content as JsonObject), rendered: renderTemplate(template, message.content as JsonObject) }
    : message.content;
  const text = template ? String(objectOf((body as JsonObject).rendered)?.body ?? "") : readableText(message);
  return {
    id,
    from: "business",
    content: { type: message.type, text, body: body as JsonObject },
    at,
    ticks: "waiting",
    ...(message.replyTo === undefined ? {} : { replyTo: message.replyTo }),
    ...(message.callbackData === undefined ? {} : { callbackData: message.callbackData }),
    reactions: {},
  };
}

const windowFailure = {
  code: 131047,
  title: "Re-engagement message",
  details: "Message failed to send because more than 24 hours have passed since the customer last replied to this number.",
};

function failureOf(chosen: number | null, phone: SandboxPhone | undefined) {
  if (chosen !== null) return { code: chosen, title: titleOf(chosen), details: "Failed because the sandbox was told to." };
  if (phone) return null;
  return { code: 131026, title: "Message undeliverable", details: "Message Undeliverable." };
}

/** A reaction to a message that is not there is taken and fails later (facts §3.1). */
function reactionFailure({ type, content }: CheckedMessage, store: StateStore) {
  if (type !== "reaction" || store.findMessage(String((content as JsonObject).message_id))) return null;
  return { code: 131009, title: "Parameter value is not valid", details: "The message to react to does not exist." };
}

/** Meta answers with the number as WhatsApp knows it, which may differ from what was given. */
function recipientOf({ to, recipient }: CheckedMessage, phone: SandboxPhone | undefined): JsonObject {
  if (to === undefined) return { input: recipient, user_id: recipient };
  return { input: to, wa_id: phone?.waId ?? to.replace(/\D/g, "") };
}

/** Faults that happen before the message is taken. */
async function breakBefore(fault: string, clock: Clock): Promise<Response | null> {
  switch (fault) {
    case "429":
      throw new GraphRefusal(429, 4, "Application request limit reached", { retryAfter: 2, isTransient: true });
    case "500":
      throw new GraphRefusal(500, 131000, "Something went wrong", {
        details: "Message failed to send due to an unknown error.",
        isTransient: true,
      });
    case "503":
      throw new GraphRefusal(503, 131016, "Service unavailable", {
        details: "A service is temporarily unavailable.",
        isTransient: true,
      });
    case "html":
      return new Response("<html><body><h1>502 Bad Gateway</h1></body></html>", {
        status: 502,
        headers: { "content-type": "text/html" },
      });
    case "timeout":
      await wait(clock, HANG_MS);
      return new Response(null, { status: 504 });
    default:
      return null;
  }
}

/** An answer that ends in the middle. */
const cutAnswer = (): Response =>
  new Response('{"messaging_product":"whats', { headers: { "content-type": "application/json" } });
