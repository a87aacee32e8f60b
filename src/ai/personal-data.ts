/**
 * Takes personal secrets out of a text before it leaves for a provider: card numbers, bank accounts, Brazilian tax numbers, passwords, one-time codes.
 * Only what a checksum or its own words give away: names, phones, addresses and order numbers stay, because an answer needs them.
 */

const CARD = /(?<![\d.,-])\d(?:[ -]?\d){12,18}(?![\d-]|[.,]\d)/g;
const IBAN = /\b[A-Z]{2}\d{2}(?: ?[A-Z\d]{4}){2,7}(?: ?[A-Z\d]{1,3})?\b/gi;
const CPF = /(?<![\d.-])\d{3}\.?\d{3}\.?\d{3}-?\d{2}(?![\d-]|\.\d)/g;
const SECRET =
  /((?:contrase[ñn]a|clave(?: de acceso)?|password|passwort|passcode|senha|pin|cvv|cvc|c[óo]digo(?: de (?:verificaci[óo]n|seguridad|acceso))?|(?:verification|security|one[- ]time)? ?code|otp|token)\s*(?:es|is|é|:|=)\s*)("[^"\n]+"|'[^'\n]+'|\S+)/giu;
/** A code of a promotion or a product is no secret. */
const HARMLESS_CODE = /c[óo]digo\s|code\s|c[óo]digo:|code:/iu;

/** The text with secrets replaced by what they were, such as `[card number]`. Pure; applying it twice changes nothing more. */
export function redactPersonalData(text: string): string {
  // Every secret here has a digit or stands behind one of these words.
  if (!/\d|contrase|clave|pass|senha|\bpin\b|cv[vc]|c[óo]digo|code|otp|token/i.test(text)) return text;
  return text
    .replace(IBAN, (found) => (isIban(found) ? "[bank account]" : found))
    .replace(CARD, (found) => (isCard(digits(found)) ? "[card number]" : found))
    .replace(CPF, (found) => (isCpf(digits(found)) ? "[tax number]" : found))
    .replace(SECRET, (found, lead: string, value: string) => (isSecret(lead, value) ? `${lead}[secret]` : found));
}

const digits = (text: string): string => text.replace(/\D/g, "");

/** Codes must look like one-time codes: four to eight digits. Passwords may look like anything but a sentence's next word. */
function isSecret(lead: string, value: string): boolean {
  if (value.startsWith("[")) return false;
  const isCode = HARMLESS_CODE.test(lead) || /otp|token|pin|cv[vc]/i.test(lead);
  return isCode
    ? /^\D{0,2}\d{3,8}\D{0,2}$/.test(value)
    : /[\d"'\p{P}\p{S}]/u.test(value.replace(/[.,;!?]+$/, "")) || value.length >= 6;
}

/** Whether a number can be a payment card: its checksum, first digits and length. */
function isCard(number: string): boolean {
  let sum = 0;
  for (let place = 0; place < number.length; place++) {
    const digit = Number(number[number.length - 1 - place]);
    const doubled = place % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  // All equal digits pass the sum and are nobody's card.
  return sum % 10 === 0 && !/^(\d)\1*$/.test(number) && CARD_LENGTHS.test(number);
}

/** Issuers' first digits with their lengths; phone numbers, which have up to 15 digits, mostly stay outside. */
const CARD_LENGTHS = /^(?:4\d{12}|3[068]\d{12}|3[47]\d{13}|[2-6]\d{15,18})$/;

/** ISO 13616: the rearranged number is 1 modulo 97. */
function isIban(found: string): boolean {
  const compact = found.replace(/ /g, "").toUpperCase();
  if (compact.length < 15 || compact.length > 34) return false;
  let rest = 0;
  for (const mark of compact.slice(4) + compact.slice(0, 4)) {
    for (const digit of Number.parseInt(mark, 36).toString()) rest = (rest * 10 + Number(digit)) % 97;
  }
  return rest === 1;
}

/** The two check digits of a Brazilian CPF. */
function isCpf(number: string): boolean {
  if (number.length !== 11 || /^(\d)\1*$/.test(number)) return false;
  const check = (length: number) => {
    let sum = 0;
    for (let place = 0; place < length; place++) sum += Number(number[place]) * (length + 1 - place);
    return ((sum * 10) % 11) % 10;
  };
  return check(9) === Number(number[9]) && check(10) === Number(number[10]);
}
