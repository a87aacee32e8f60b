/** The language somebody is written to in, as far as we know it: their own, else the one of most people with such a number. Pure. */

export const LANGUAGES = ["es", "pt", "en"] as const;
export type Language = (typeof LANGUAGES)[number];

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

export function languageOf({ language, phone }: { language: string | null; phone: string | null }): Language {
  const short = language?.slice(0, 2).toLowerCase();
  return LANGUAGES.find((one) => one === short) ?? languageOfPhone(phone);
}

function languageOfPhone(phone: string | null): Language {
  const digits = phone?.slice(1) ?? "";
  if (PORTUGUESE_PREFIXES.some((prefix) => digits.startsWith(prefix))) return "pt";
  return SPANISH_PREFIXES.some((prefix) => digits.startsWith(prefix)) ? "es" : "en";
}
