/** What the typed content of a message holds, read with care: it is as old as the message, and the customer has a hand in it. */
import type { MessageView } from "@server/events/view";

type Json = Record<string, unknown>;

const objectOf = (value: unknown): Json =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Json) : {};
const listOf = (value: unknown): Json[] => (Array.isArray(value) ? value.map(objectOf) : []);
const textOf = (value: unknown): string => (typeof value === "string" ? value : "");
const numberOf = (value: unknown): number | null => (typeof value === "number" && Number.isFinite(value) ? value : null);

export interface Place {
  name: string;
  address: string;
  latitude: number;
  longitude: number;
}

export function placeOf({ payload }: MessageView): Place | null {
  const [latitude, longitude] = [numberOf(payload.latitude), numberOf(payload.longitude)];
  if (latitude === null || longitude === null) return null;
  return { name: textOf(payload.name), address: textOf(payload.address), latitude, longitude };
}

export interface Card {
  name: string;
  lines: readonly string[];
}

export const cardsOf = ({ payload }: MessageView): Card[] =>
  listOf(payload.contacts).map((card) => {
    const phones = listOf(card.phones).map(({ phone, waId }) => textOf(phone) || (waId ? `+${textOf(waId)}` : ""));
    const emails = listOf(card.emails).map(({ email }) => textOf(email));
    const lines = [...phones, ...emails].filter(Boolean);
    return { name: textOf(card.formattedName) || textOf(card.firstName) || (lines[0] ?? "?"), lines };
  });

export interface OrderLine {
  name: string;
  quantity: number;
  price: number | null;
  currency: string;
}

export function orderOf({ payload }: MessageView): { lines: OrderLine[]; total: number | null; currency: string; text: string } {
  const lines = listOf(payload.items).map((item) => ({
    name: textOf(item.productRetailerId) || "?",
    quantity: numberOf(item.quantity) ?? 1,
    price: numberOf(item.price),
    currency: textOf(item.currency),
  }));
  return { lines, total: numberOf(payload.total), currency: lines[0]?.currency ?? "", text: textOf(payload.text) };
}

export interface Choice {
  text: string;
  detail: string;
}

/** What a customer has tapped; null when this message offers choices itself. */
export function chosenOf({ payload, type, content, direction }: MessageView): Choice | null {
  if (direction === "outbound") return null;
  if (type === "button") return { text: content, detail: "" };
  const title = textOf(payload.title) || content;
  return { text: title, detail: textOf(payload.description) };
}

export interface Offer {
  header: string;
  footer: string;
  options: readonly Choice[];
}

/** The choices of a message of ours. */
export function offerOf({ payload }: MessageView): Offer {
  const header = objectOf(payload.header);
  const buttons = listOf(payload.buttons).map((button) => ({
    text: textOf(button.title) || textOf(button.text),
    detail: textOf(button.url),
  }));
  const rows = listOf(payload.sections).flatMap((section) =>
    listOf(section.rows).map((row) => ({ text: textOf(row.title), detail: textOf(row.description) })),
  );
  const link = textOf(payload.url) ? [{ text: textOf(payload.title), detail: textOf(payload.url) }] : [];
  return {
    header: textOf(header.text) || textOf(payload.header),
    footer: textOf(payload.footer),
    options: [...buttons, ...rows, ...link].filter(({ text }) => text !== ""),
  };
}
