/**
 * The forms in which WhatsApp may write one and the same number: Mexico with and without the old mobile 1, Argentina with and
 * without the mobile 9, Brazil with and without the ninth digit (facts §4). Pure.
 */
import { digitsOf } from "../../core/phone";

/** How a country's two forms are told apart and turned into each other. */
const rules: readonly { pattern: RegExp; other: string }[] = [
  { pattern: /^521(\d{10})$/, other: "52$1" },
  { pattern: /^52(\d{10})$/, other: "521$1" },
  { pattern: /^549(\d{10})$/, other: "54$1" },
  { pattern: /^54(\d{10})$/, other: "549$1" },
  { pattern: /^55(\d{2})9(\d{8})$/, other: "55$1$2" },
  // Eight digits that begin with 6-9 are a mobile number from before the ninth digit; 2-5 are landlines, which never had one.
  { pattern: /^55(\d{2})([6-9]\d{7})$/, other: "55$19$2" },
];

/** Every form of this number, the given one first. Most numbers have one form. */
export function numberVariants(number: string): readonly string[] {
  const digits = digitsOf(number);
  for (const { pattern, other } of rules) if (pattern.test(digits)) return [digits, digits.replace(pattern, other)];
  return digits === "" ? [] : [digits];
}
