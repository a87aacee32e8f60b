/**
 * Who a sender is, in keys: a BSUID or a WhatsApp id is an identity, names, phones and usernames change hands. What a contact learns
 * from a sender, without ever taking a key that somebody else holds. Pure.
 */
import { newId } from "../../core/id";
import { digitsOf, toE164 } from "../../core/phone";
import type { Contact, Identity } from "./contact.model";

/** Who wrote, as a channel knows them. At least one of waId and userId is there, or nothing certain is known. */
export interface Sender {
  waId?: string | undefined;
  /** Other forms in which the same number may have been written before. */
  otherWaIds?: readonly string[] | undefined;
  userId?: string | undefined;
  username?: string | undefined;
  profileName?: string | undefined;
}

/** Whoever wrote without any identity: such messages are kept together under one contact instead of being lost. */
const NOBODY = "nobody";
/** The place of somebody of whom only the username is known; given up as soon as they have an identity. */
const placeOf = (username: string): string => `${NOBODY}:@${username}`;

/** The identities of a sender, the stable one first: a BSUID survives a change of number, a WhatsApp id does not. */
export const strongKeysOf = ({ userId, waId }: Sender): string[] => [
  ...(userId ? [`bsuid:${userId}`] : []),
  ...(waId ? [`wa:${waId}`] : []),
];

/** Under which keys a sender is kept: their identities, or a place for those who have none. */
export function identityKeysOf(sender: Sender): string[] {
  const keys = strongKeysOf(sender);
  if (keys.length > 0) return keys;
  return [sender.username ? placeOf(sender.username) : NOBODY];
}

/** Where to look for a sender: their keys, the other ways in which their number may have been written, then the username. */
export const lookupKeysOf = (sender: Sender): string[] => [
  ...identityKeysOf(sender),
  ...(sender.otherWaIds ?? []).map((waId) => `wa:${waId}`),
  ...(sender.username ? [placeOf(sender.username)] : []),
];

/** The username of a sender of whom nothing else is known. */
export const onlyUsernameOf = (sender: Sender): string | undefined =>
  strongKeysOf(sender).length === 0 ? sender.username : undefined;

/** Files a contact under the username it has now, for senders who give nothing else. An identity comes first. */
export function keepUnderUsername(known: Map<string, Contact>, contact: Contact): void {
  if (contact.username && !known.has(placeOf(contact.username))) known.set(placeOf(contact.username), contact);
}

/** The contact a sender leads to, and the key that led there. */
export function findKnown(known: ReadonlyMap<string, Contact>, sender: Sender): { contact: Contact; by: string } | null {
  for (const by of lookupKeysOf(sender)) {
    const contact = known.get(by);
    if (contact) return { contact, by };
  }
  return null;
}

export const newContact = (sender: Sender, now: Date): Contact => ({
  _id: newId(now.getTime()),
  identities: identitiesOf(sender, now),
  identityKeys: identityKeysOf(sender),
  mergedInto: null,
  name: nameOf(sender),
  phone: phoneOf(sender.waId),
  username: sender.username ?? null,
  language: null,
  labels: [],
  optedOutAt: null,
  optOutSource: null,
  lastMessageAt: null,
  createdAt: now,
  updatedAt: now,
});

/**
 * Takes over what is new about a known contact, found by the key `by`. A key that another contact holds is left to them. Says whether
 * anything changed.
 */
export function learn(contact: Contact, sender: Sender, now: Date, known: ReadonlyMap<string, Contact>, by: string): boolean {
  const keys = strongKeysOf(sender).filter((key) => !known.has(key));
  const identities = identitiesOf(sender, now)
    .filter(({ kind, value }) => {
      const key = keyOf({ kind, value });
      const foreign = key !== null && known.get(key) !== undefined && known.get(key) !== contact;
      return !foreign && !contact.identities.some((one) => one.kind === kind && one.value === value);
    })
    .map((identity) => ({ ...identity, via: by }));
  const name = sender.profileName?.trim() && !contact.nameSource ? nameOf(sender) : contact.name;
  const phone = contact.phone ?? (sender.waId && keys.includes(`wa:${sender.waId}`) ? phoneOf(sender.waId) : null);
  const username = sender.username ?? contact.username;
  const changed =
    keys.length > 0 || identities.length > 0 || name !== contact.name || phone !== contact.phone || username !== contact.username;
  if (changed)
    Object.assign(contact, {
      // Whoever has an identity needs no place among the unknown.
      identityKeys: [...contact.identityKeys.filter((key) => keys.length === 0 || !key.startsWith(NOBODY)), ...keys],
      identities: [...contact.identities, ...identities],
      name,
      phone,
      username,
      updatedAt: now,
    });
  return changed;
}

/** The key of an identity, or null for one that proves nothing. */
export const keyOf = ({ kind, value }: Pick<Identity, "kind" | "value">): string | null =>
  kind === "wa_id" ? `wa:${value}` : kind === "bsuid" ? `bsuid:${value}` : null;

/** Longer or shorter digits are an id of something else. */
const PHONE = /^\d{5,20}$/;

/** Canonical E.164 of a WhatsApp id, when it is a number at all. */
export const phoneOf = (waId: string | undefined): string | null => (waId && PHONE.test(digitsOf(waId)) ? toE164(waId) : null);

const nameOf = ({ profileName, username, waId, userId }: Sender): string =>
  (profileName?.trim() || (username ? `@${username}` : "") || phoneOf(waId) || waId || userId || "Unknown sender").slice(0, 300);

const identitiesOf = ({ waId, userId, username }: Sender, since: Date): Identity[] => [
  ...(userId ? [{ kind: "bsuid" as const, value: userId, since }] : []),
  ...(waId ? [{ kind: "wa_id" as const, value: waId, since }] : []),
  ...(username ? [{ kind: "username" as const, value: username, since }] : []),
];
