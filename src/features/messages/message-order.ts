/** How messages are named by WhatsApp's ids, and in which order they were written. */
import type { Message } from "./message.model";

export const wamidKey = (channel: string, wamid: string): string => `${channel}:${wamid}`;

/** By the customer's own clock, then by arrival. */
export const inOrderWritten = (a: Message, b: Message): number =>
  a.sentAt.getTime() - b.sentAt.getTime() || (a._id < b._id ? -1 : 1);
