/** Phone numbers in the three forms that must be kept apart: raw inbound id, canonical E.164, and the form used for sending. */

const MEXICO_OLD_MOBILE = /^521(\d{10})$/;
const ARGENTINA_MOBILE = /^549(\d{10})$/;

/** Only the digits of a number, without `+`, spaces and brackets. */
export const digitsOf = (value: string): string => value.replace(/\D/g, "");

/**
 * The form WhatsApp accepts for sending: 13-digit Mexican (`521` + 10) and Argentine (`549` + 10) mobile ids become
 * 12 digits (`52`/`54` + 10). Every other number is returned as its digits. Identity must use the raw id, not this form.
 */
export function formatNumber(value: string): string {
  const digits = digitsOf(value);
  return digits.replace(MEXICO_OLD_MOBILE, "52$1").replace(ARGENTINA_MOBILE, "54$1");
}

/** Canonical E.164 for people to read: Mexico loses its obsolete `1`, Argentina keeps its mobile `9`. */
export function toE164(value: string): string {
  return `+${digitsOf(value).replace(MEXICO_OLD_MOBILE, "52$1")}`;
}
