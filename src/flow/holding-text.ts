/** What a customer reads when the assistant cannot answer and a person will: in their language as far as we know it. */
import type { Contact } from "../features/contacts/contact.model";

const TEXTS = {
  es: "Gracias por escribirnos. En un momento le responde una persona de nuestro equipo.",
  pt: "Obrigado por escrever. Em instantes uma pessoa da nossa equipe responde.",
  en: "Thank you for writing. Somebody from our team will answer you shortly.",
} as const;

const SPANISH_PREFIXES = [
  "34",
  "51",
  "52",
  "53",
  "54",
  "56",
  "57",
  "58",
  "502",
  "503",
  "504",
  "505",
  "506",
  "507",
  "591",
  "593",
  "595",
  "598",
];
const PORTUGUESE_PREFIXES = ["55", "351", "258", "244"];

/** `configured`: the company's own words, if it has given any. */
export function holdingText({ language, phone }: Pick<Contact, "language" | "phone">, configured?: string): string {
  return configured ?? TEXTS[known(language) ?? languageOfPhone(phone)];
}

const known = (language: string | null): keyof typeof TEXTS | null => {
  const short = language?.slice(0, 2).toLowerCase();
  return short === "es" || short === "pt" || short === "en" ? short : null;
};

function languageOfPhone(phone: string | null): keyof typeof TEXTS {
  const digits = phone?.slice(1) ?? "";
  if (PORTUGUESE_PREFIXES.some((prefix) => digits.startsWith(prefix))) return "pt";
  return SPANISH_PREFIXES.some((prefix) => digits.startsWith(prefix)) ? "es" : "en";
}
