/**
 * Who a message or status is about. `contacts` of a value may describe several people in any order, so a contact is found by
 * user id or number, never by its place in the list (facts §2.6).
 */
import { digitsOf } from "../../core/phone";
import type { Identity } from "./inbound";
import { compact, idOf, type JsonObject, listOf, objectOf, textOf } from "./json-value";
import { numberVariants } from "./phone-variant";

/** The people a value describes, ready to be asked for. */
export interface ContactBook {
  /** The identity of these ids, completed with what the value says about the same person. */
  complete(ids: Identity): Identity;
}

const emptyBook: ContactBook = { complete: (ids) => ids };

export function readContactBook(value: unknown): ContactBook {
  const items = listOf(value);
  if (items.length === 0) return emptyBook;
  const contacts: Identity[] = [];
  const byUserId = new Map<string, Identity>();
  const byNumber = new Map<string, Identity>();
  for (const item of items) {
    const object = objectOf(item);
    if (!object) continue;
    const contact = readIdentity(object);
    contacts.push(contact);
    if (contact.userId !== undefined && !byUserId.has(contact.userId)) byUserId.set(contact.userId, contact);
    if (contact.waId !== undefined && !byNumber.has(contact.waId)) byNumber.set(contact.waId, contact);
  }
  const lone = contacts.length === 1 ? contacts[0] : undefined;

  const find = ({ userId, waId }: Identity): Identity | undefined => {
    // An item that names nobody is about the only person there is.
    if (userId === undefined && waId === undefined) return lone;
    const byId = userId === undefined ? undefined : byUserId.get(userId);
    if (byId) return byId;
    for (const form of waId === undefined ? [] : [waId, ...numberVariants(waId)]) {
      const contact = byNumber.get(form);
      // A contact of another user id is another person, even on the same (reassigned) number.
      if (contact && (contact.userId === undefined || userId === undefined)) return contact;
    }
    // A lone contact without any id contradicts nobody.
    return lone && lone.waId === undefined && lone.userId === undefined ? lone : undefined;
  };
  return { complete: (ids) => merge(ids, find(ids)) };
}

/** The identity in a `contacts[]` element. */
export function readIdentity(contact: JsonObject): Identity {
  const profile = objectOf(contact.profile);
  return compact<Identity>({
    waId: waIdOf(contact.wa_id),
    userId: idOf(contact.user_id),
    parentUserId: idOf(contact.parent_user_id),
    username: usernameOf(profile?.username ?? contact.username),
    profileName: textOf(profile?.name),
  });
}

const WRITTEN_NUMBER = /^\+?\d[\d\s().-]*$/;

/** A WhatsApp id: digits, however the number was written. Anything else is kept as it came. */
export function waIdOf(value: unknown): string | undefined {
  const id = idOf(value);
  return id !== undefined && WRITTEN_NUMBER.test(id) ? digitsOf(id) : id;
}

/** A username without its leading @. */
export const usernameOf = (value: unknown): string | undefined => idOf(value)?.replace(/^@+/, "") || undefined;

function merge(ids: Identity, contact: Identity | undefined): Identity {
  if (!contact) return ids;
  const waId = ids.waId ?? contact.waId;
  return compact<Identity>({
    waId,
    otherWaId: contact.waId !== waId ? contact.waId : undefined,
    userId: ids.userId ?? contact.userId,
    username: ids.username ?? contact.username,
    profileName: ids.profileName ?? contact.profileName,
    parentUserId: ids.parentUserId ?? contact.parentUserId,
  });
}
