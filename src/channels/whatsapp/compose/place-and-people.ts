/** Locations, contact cards and reactions. */
import type { SharedContact } from "../inbound-content";
import { compact } from "../json-value";
import { type ComposeOptions, envelope } from "./envelope";
import { atMost, count, refuse, required } from "./limit";

export interface Place {
  latitude: number;
  longitude: number;
  name?: string;
  address?: string;
}

export function composeLocation({ place, ...options }: ComposeOptions & { place: Place }): string {
  const { latitude, longitude, name, address } = place;
  if (!(Math.abs(latitude) <= 90)) throw refuse("location.latitude", "must be between -90 and 90");
  if (!(Math.abs(longitude) <= 180)) throw refuse("location.longitude", "must be between -180 and 180");
  if (name !== undefined) atMost("location.name", name, 1000);
  if (address !== undefined) atMost("location.address", address, 1000);
  return envelope("location", compact({ latitude, longitude, name, address }), options);
}

/** Meta takes up to 257 cards in one message. */
const MAX_CARDS = 257;

export type ContactCard = Partial<Omit<SharedContact, "origin" | "vcard">> & { formattedName: string };

export function composeContacts({ contacts, ...options }: ComposeOptions & { contacts: readonly ContactCard[] }): string {
  count("contacts", contacts, 1, MAX_CARDS);
  return envelope("contacts", contacts.map(card), options);
}

function card(contact: ContactCard, index: number) {
  const path = `contacts.${index}.name`;
  const { firstName, lastName, middleName, prefix, suffix } = contact;
  const formatted_name = required(`${path}.formatted_name`, contact.formattedName, 1000);
  // Meta wants one more part of the name besides the formatted one.
  const isBare = [firstName, lastName, middleName, prefix, suffix].every((part) => part === undefined);
  const name = compact({
    formatted_name,
    first_name: isBare ? formatted_name : firstName,
    last_name: lastName,
    middle_name: middleName,
    prefix,
    suffix,
  });
  return compact({
    name,
    phones: contact.phones?.map(({ phone, waId, type }) => compact({ phone, wa_id: waId, type })),
    emails: contact.emails,
    addresses: contact.addresses?.map(({ countryCode, ...address }) => compact({ ...address, country_code: countryCode })),
    urls: contact.urls,
    org: contact.org,
    birthday: contact.birthday,
  });
}

/** Our reaction to a message; "" takes it back. Reactions cannot quote. */
export function composeReaction({
  messageId,
  emoji,
  ...options
}: Omit<ComposeOptions, "replyTo"> & { messageId: string; emoji: string }): string {
  required("reaction.message_id", messageId, 300);
  if (emoji !== "" && [...new Intl.Segmenter().segment(emoji)].length !== 1) throw refuse("reaction.emoji", "must be one emoji");
  return envelope("reaction", { message_id: messageId, emoji }, options);
}
