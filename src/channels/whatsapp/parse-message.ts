/** One element of `messages[]`, or of the lists that hold messages nobody may answer (echoes, history, standby). */
import type { EchoEvent, Identity, MessageContext, MessageEvent, Referral, WebhookError } from "./inbound";
import type { MessageContent } from "./inbound-content";
import type { HistoryMessage } from "./inbound-notice";
import { booleanOf, compact, idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json-value";
import { readContent } from "./parse-content";
import { contentKey, type Envelope, keyPart, timeOf } from "./parse-envelope";
import { type ContactBook, waIdOf } from "./parse-identity";

export function readMessage(item: JsonObject, envelope: Envelope, book: ContactBook): MessageEvent {
  const content = readContent(item);
  const groupId = idOf(item.group_id);
  const wamid = idOf(item.id);
  const hash = wamid === undefined ? contentKey(envelope, item) : "";
  return compact<MessageEvent>({
    kind: "message",
    key: wamid === undefined ? hash : `m:${keyPart(envelope.channel)}:${keyPart(wamid)}`,
    ...envelope.base,
    at: timeOf(item.timestamp, envelope.receivedAt),
    raw: item,
    wamid: wamid ?? `none:${hash.slice(2)}`,
    sender: senderOf(item, content, book),
    content,
    context: readContext(item.context),
    referral: readReferral(item.referral),
    groupId,
    errors: readErrors(item.errors),
    answerable: groupId === undefined && isAnswerable(content),
  });
}

export function readEcho(item: JsonObject, envelope: Envelope, book: ContactBook): EchoEvent {
  const wamid = idOf(item.id);
  const hash = wamid === undefined ? contentKey(envelope, item) : "";
  return compact<EchoEvent>({
    kind: "echo",
    key: wamid === undefined ? hash : `e:${keyPart(envelope.channel)}:${keyPart(wamid)}`,
    ...envelope.base,
    at: timeOf(item.timestamp, envelope.receivedAt),
    raw: item,
    wamid: wamid ?? `none:${hash.slice(2)}`,
    recipient: book.complete(compact<Identity>({ waId: waIdOf(item.to), userId: idOf(item.to_user_id) })),
    content: readContent(item),
    context: readContext(item.context),
    errors: readErrors(item.errors),
  });
}

/**
 * A message of another time or of another owner's thread. It is ours when `from` is the business number; `threadId` names the
 * customer of a history thread.
 */
export function readHistoryMessage(item: JsonObject, envelope: Envelope, book: ContactBook, threadId?: string): HistoryMessage {
  const from = waIdOf(item.from);
  const to = waIdOf(item.to);
  const toUserId = idOf(item.to_user_id);
  const isOurs =
    from !== undefined && from === threadId
      ? false
      : to !== undefined || toUserId !== undefined || (from !== undefined && from === envelope.displayNumber);
  const ids = isOurs ? { waId: to ?? threadId, userId: toUserId } : { waId: from ?? threadId, userId: idOf(item.from_user_id) };
  const content = readContent(item);
  return compact<HistoryMessage>({
    wamid: idOf(item.id) ?? `none:${contentKey(envelope, item).slice(2)}`,
    at: timeOf(item.timestamp, envelope.receivedAt),
    direction: isOurs ? "outbound" : "inbound",
    customer: book.complete(compact<Identity>(ids)),
    content,
    context: readContext(item.context),
    referral: readReferral(item.referral),
    groupId: idOf(item.group_id),
    errors: readErrors(item.errors),
    status: textOf(objectOf(item.history_context)?.status),
    raw: content.type === "unknown" ? item : undefined,
  });
}

function senderOf(item: JsonObject, content: MessageContent, book: ContactBook): Identity {
  if (content.type === "system") {
    const { previous, current } = content.payload;
    const known = previous.waId !== undefined || previous.userId !== undefined;
    return book.complete({ ...(known ? previous : current) });
  }
  return book.complete(
    compact<Identity>({
      waId: waIdOf(item.from),
      userId: idOf(item.from_user_id),
      parentUserId: idOf(item.from_parent_user_id),
    }),
  );
}

/** Whether the customer said something a turn can answer. */
function isAnswerable(content: MessageContent): boolean {
  switch (content.type) {
    case "text":
      return content.text.trim() !== "";
    case "interactive":
      return content.payload.kind !== "call_permission_reply" && content.payload.kind !== "other";
    case "reaction":
    case "system":
    case "unsupported":
    case "edit":
    case "revoke":
    case "request_welcome":
    case "unknown":
      return false;
    default:
      return true;
  }
}

function readContext(value: unknown): MessageContext | undefined {
  const context = objectOf(value);
  if (!context) return undefined;
  const product = objectOf(context.referred_product);
  const read = compact<MessageContext>({
    messageId: idOf(context.id) ?? idOf(context.message_id),
    from: idOf(context.from),
    forwarded: booleanOf(context.forwarded) || undefined,
    frequentlyForwarded: booleanOf(context.frequently_forwarded) || undefined,
    referredProduct:
      product && compact({ catalogId: idOf(product.catalog_id), productRetailerId: idOf(product.product_retailer_id) }),
  });
  return Object.keys(read).length > 0 ? read : undefined;
}

function readReferral(value: unknown): Referral | undefined {
  const referral = objectOf(value);
  if (!referral) return undefined;
  const read = compact<Referral>({
    sourceUrl: textOf(referral.source_url),
    sourceId: idOf(referral.source_id),
    sourceType: textOf(referral.source_type),
    headline: textOf(referral.headline),
    body: textOf(referral.body),
    mediaType: textOf(referral.media_type),
    imageUrl: textOf(referral.image_url),
    videoUrl: textOf(referral.video_url),
    thumbnailUrl: textOf(referral.thumbnail_url),
    ctwaClid: textOf(referral.ctwa_clid),
    welcomeText: textOf(objectOf(referral.welcome_message)?.text),
    ref: textOf(referral.ref),
  });
  return Object.keys(read).length > 0 ? read : undefined;
}

/** `errors[]` of a message, status or value; undefined when there is none. */
export function readErrors(value: unknown): WebhookError[] | undefined {
  const errors = listOf(value).flatMap((item) => {
    const error = objectOf(item);
    return error ? [readError(error)] : [];
  });
  return errors.length > 0 ? errors : undefined;
}

export function readError(error: JsonObject): WebhookError {
  return compact<WebhookError>({
    code: numberOf(error.code),
    title: textOf(error.title),
    message: textOf(error.message),
    details: textOf(objectOf(error.error_data)?.details) ?? textOf(error.details),
    href: textOf(error.href),
  });
}
