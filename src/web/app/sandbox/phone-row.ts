/** Which phones lie on the table, in which order, and which one is in the hand. Pure. */

export interface PhoneRow {
  /** From left to right. The one in the hand is always among them. */
  open: readonly string[];
  inHand: string | null;
}

/** More than these are not looked at side by side. */
export const MOST_PHONES = 3;
/** Width of the window, in pixels, from which so many phones and the inbox fit beside each other. */
const ROOM_FROM = [0, 1_200, 1_400] as const;
/** From here on what is set about the phones fits beside so many of them as well. */
const PANEL_FROM = [1_200, 1_560, 1_900] as const;

export const NO_PHONES: PhoneRow = { open: [], inHand: null };

/** The row an address or the memory of the browser names, as far as these phones exist. Without one: the first that exists. */
export function rowFrom(
  { phone, open = [] }: { phone?: string | undefined; open?: readonly string[] },
  known: readonly string[],
): PhoneRow {
  const exists = (id: string | undefined): id is string => id !== undefined && known.includes(id);
  const kept = [...new Set(open)].filter(exists);
  const inHand = exists(phone) ? phone : (kept[0] ?? known[0] ?? null);
  if (inHand === null) return NO_PHONES;
  const all = kept.includes(inHand) ? kept : [inHand, ...kept];
  const row = all.slice(0, MOST_PHONES);
  return { open: row.includes(inHand) ? row : [...row.slice(0, -1), inHand], inHand };
}

/** Takes a phone into the hand: one that lies there already, else in the place of the one that was in it. */
export function taken({ open, inHand }: PhoneRow, id: string): PhoneRow {
  if (open.includes(id)) return { open, inHand: id };
  return { open: inHand === null ? [id] : open.map((one) => (one === inHand ? id : one)), inHand: id };
}

/** Puts one more beside the others and takes it into the hand. */
export function putBeside(row: PhoneRow, id: string): PhoneRow {
  if (row.open.includes(id) || row.open.length >= MOST_PHONES) return taken(row, id);
  return { open: [...row.open, id], inHand: id };
}

/** Puts one away; the last one stays. */
export function putAway({ open, inHand }: PhoneRow, id: string): PhoneRow {
  const left = open.filter((one) => one !== id);
  if (left.length === 0) return { open, inHand };
  return { open: left, inHand: inHand === id ? (left[Math.max(0, open.indexOf(id) - 1)] ?? null) : inHand };
}

/** How many phones a window of this width shows. */
export const roomFor = (width: number): number => ROOM_FROM.filter((from) => width >= from).length;

/** Whether what is set about the phones must be folded away beside so many. */
export const isFolded = (width: number, phones: number): boolean =>
  width < (PANEL_FROM[Math.min(phones, MOST_PHONES) - 1] ?? PANEL_FROM[0]);

/** Those that are seen when there is room for so many: the one in the hand, and its neighbours. */
export function seen({ open, inHand }: PhoneRow, room: number): readonly string[] {
  if (open.length <= room) return open;
  const at = inHand === null ? 0 : open.indexOf(inHand);
  const from = Math.min(Math.max(0, at - room + 1), open.length - room);
  return open.slice(from, from + room);
}
