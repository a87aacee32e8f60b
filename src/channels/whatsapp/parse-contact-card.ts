/** Contact cards a customer shares (and the answer to our request for the phone number). Every key of a card is optional. */
import type { MessageContent, SharedContact } from "./inbound-content";
import { compact, idOf, type JsonObject, listOf, objectOf, textOf } from "./json-value";

/** `origin` is of the message: some shapes say there, and not on each card, why it was shared. */
export function readContacts(value: unknown, origin?: string): MessageContent {
  const contacts = objectsIn(value).map((card) => readCard(card, origin));
  const text = contacts.map(describe).filter(Boolean).join("\n");
  return { type: "contacts", text, payload: { contacts }, attachments: [] };
}

const objectsIn = (value: unknown): JsonObject[] =>
  listOf(value)
    .map(objectOf)
    .filter((item) => item !== undefined);

function readCard(card: JsonObject, origin: string | undefined): SharedContact {
  const name = objectOf(card.name) ?? {};
  const org = objectOf(card.org);
  return compact<SharedContact>({
    formattedName: textOf(name.formatted_name) ?? textOf(card.name),
    firstName: textOf(name.first_name),
    lastName: textOf(name.last_name),
    middleName: textOf(name.middle_name),
    prefix: textOf(name.prefix),
    suffix: textOf(name.suffix),
    phones: objectsIn(card.phones).map((phone) =>
      compact({ phone: textOf(phone.phone), waId: idOf(phone.wa_id), type: textOf(phone.type) }),
    ),
    emails: objectsIn(card.emails).map((email) => compact({ email: textOf(email.email), type: textOf(email.type) })),
    addresses: objectsIn(card.addresses).map((address) =>
      compact({
        street: textOf(address.street),
        city: textOf(address.city),
        state: textOf(address.state),
        zip: textOf(address.zip),
        country: textOf(address.country),
        countryCode: textOf(address.country_code),
        type: textOf(address.type),
      }),
    ),
    urls: objectsIn(card.urls).map((url) => compact({ url: textOf(url.url), type: textOf(url.type) })),
    org: org && compact({ company: textOf(org.company), department: textOf(org.department), title: textOf(org.title) }),
    birthday: textOf(card.birthday),
    origin: textOf(card.origin) ?? origin,
    vcard: textOf(card.vcard),
  });
}

/** One line a person can read and search: name, then numbers, then addresses. */
function describe(card: SharedContact): string {
  const name = card.formattedName ?? [card.firstName, card.lastName].filter(Boolean).join(" ");
  const reach = [...card.phones.map((phone) => phone.phone ?? phone.waId), ...card.emails.map((email) => email.email)];
  return [name || card.org?.company, ...reach].filter(Boolean).join(", ");
}
