/** What a customer reads when the assistant cannot answer and a person will: in their language as far as we know it. */
import { languageOf } from "../core/language";
import type { Contact } from "../features/contacts/contact.model";

const TEXTS = {
  es: "Gracias por escribirnos. En un momento le responde una persona de nuestro equipo.",
  pt: "Obrigado por escrever. Em instantes uma pessoa da nossa equipe responde.",
  en: "Thank you for writing. Somebody from our team will answer you shortly.",
} as const;

/** `configured`: the company's own words, if it has given any. */
export const holdingText = (contact: Pick<Contact, "language" | "phone">, configured?: string): string =>
  configured ?? TEXTS[languageOf(contact)];
