/** What has to hold so that a number receives and sends: each with what was found, and what to do when it does not. Pure. */
import type { ChannelView } from "@server/events/view";
import type { WebhookDoor } from "@server/features/channels/channel.schema";
import type { WordKey } from "../i18n/words";

export type CheckId = "token" | "permissions" | "number" | "subscribed" | "verified" | "message";

export interface Check {
  id: CheckId;
  state: "ok" | "bad" | "wait";
  /** What was found, and for `bad` what to do. */
  word: WordKey;
  params?: Record<string, string>;
}

export interface CheckSources {
  channel: ChannelView;
  door: WebhookDoor | null;
  /** When a customer last wrote to it; null: never. */
  lastMessageAt: string | null;
  /** Times as the reader reads them. */
  timeOf: (at: string) => string;
}

const NEEDED = "whatsapp_business_messaging, whatsapp_business_management";

export function checksOf(sources: CheckSources): Check[] {
  return [
    tokenCheck(sources),
    permissionCheck(sources),
    numberCheck(sources),
    subscriptionCheck(sources),
    ...doorChecks(sources),
  ];
}

function tokenCheck({ channel: { token, isConnected }, timeOf }: CheckSources): Check {
  const id = "token";
  if (!isConnected) return { id, state: "bad", word: "connect.tokenUnreadable" };
  if (token.isValid === null) return { id, state: "wait", word: "connect.notAsked" };
  if (!token.isValid) return { id, state: "bad", word: "connect.tokenBad" };
  return token.expiresAt
    ? { id, state: "ok", word: "connect.tokenUntil", params: { time: timeOf(token.expiresAt) } }
    : { id, state: "ok", word: "connect.tokenForEver" };
}

function permissionCheck({ channel: { token } }: CheckSources): Check {
  const id = "permissions";
  if (!token.isValid) return { id, state: "wait", word: "connect.afterToken" };
  if (token.missing.length === 0) return { id, state: "ok", word: "connect.permissionsFine", params: { names: NEEDED } };
  return { id, state: "bad", word: "connect.permissionsMissing", params: { names: token.missing.join(", ") } };
}

function numberCheck({ channel: { status, displayNumber, name } }: CheckSources): Check {
  const id = "number";
  if (status === null) return { id, state: "wait", word: "connect.notAsked" };
  const params = { number: displayNumber ? `+${displayNumber}` : "", name, status };
  return status === "CONNECTED"
    ? { id, state: "ok", word: "connect.numberFine", params }
    : { id, state: "bad", word: "connect.numberBad", params };
}

function subscriptionCheck({ channel: { isSubscribed } }: CheckSources): Check {
  const id = "subscribed";
  if (isSubscribed === null) return { id, state: "wait", word: "connect.notAsked" };
  return isSubscribed ? { id, state: "ok", word: "connect.subscribedFine" } : { id, state: "bad", word: "connect.subscribedBad" };
}

function doorChecks({ channel, door, lastMessageAt, timeOf }: CheckSources): Check[] {
  const { verifiedAt = null, wrongVerifyTokenAt = null, receivedAt = null, wrongSignatureAt = null } = door ?? {};
  const hasCome = receivedAt !== null || lastMessageAt !== null;
  const verified = ((): Omit<Check, "id"> => {
    if (isLater(wrongVerifyTokenAt, verifiedAt))
      return { state: "bad", word: "connect.wrongWord", params: { time: timeOf(wrongVerifyTokenAt ?? "") } };
    if (verifiedAt) return { state: "ok", word: "connect.verifiedAt", params: { time: timeOf(verifiedAt) } };
    return hasCome ? { state: "ok", word: "connect.verifiedBefore" } : { state: "wait", word: "connect.verifiedWait" };
  })();
  const message = ((): Omit<Check, "id"> => {
    if (isLater(wrongSignatureAt, receivedAt))
      return { state: "bad", word: "connect.wrongSecret", params: { time: timeOf(wrongSignatureAt ?? "") } };
    if (lastMessageAt) return { state: "ok", word: "connect.messageAt", params: { time: timeOf(lastMessageAt) } };
    const number = channel.displayNumber ? `+${channel.displayNumber}` : channel.name;
    return channel.isSubscribed === false
      ? { state: "wait", word: "connect.messageAfter" }
      : { state: "wait", word: "connect.messageWait", params: { number } };
  })();
  return [
    { id: "verified", ...verified },
    { id: "message", ...message },
  ];
}

const isLater = (one: string | null, other: string | null): boolean => one !== null && (other === null || one > other);

/** A word for Meta's form that nobody guesses and that can be read out: `killa-7h2m-q9xt-4dnw`. */
export function newVerifyToken(random: (most: number) => number): string {
  const letters = "abcdefghjkmnpqrstuvwxyz23456789";
  const part = () => Array.from({ length: 4 }, () => letters[random(letters.length)] ?? "a").join("");
  return `chasqui-${part()}-${part()}-${part()}-${part()}`;
}
