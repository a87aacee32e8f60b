/** Identifiers: 24 lower-case hex characters that sort by time of creation, plus hashes for keys. */
import { systemClock } from "./clock";

const TIME_HEX = 12;
let lastTime = 0;
let counter = 0;

const hex = (value: number, width: number) => value.toString(16).padStart(width, "0").slice(-width);
const randomHex = (bytes: number) => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("hex");

/**
 * A new id: 48 bits of time in milliseconds, a 16-bit counter, 32 random bits.
 * Ids made in one process sort in the order in which they were made, also within one millisecond and when the wall clock goes back.
 */
export function newId(now: number = systemClock.now()): string {
  if (now > lastTime) {
    lastTime = now;
    counter = 0;
  } else if (++counter > 0xffff) {
    lastTime++;
    counter = 0;
  }
  return hex(lastTime, TIME_HEX) + hex(counter, 4) + randomHex(4);
}

let imported = 0;

/**
 * An id that sorts at a time in the past, for what is imported. Ids of the same time, which WhatsApp tells in whole seconds, sort in
 * the order in which they were made.
 */
export const idAt = (time: number): string =>
  hex(Math.max(0, Math.floor(time)), TIME_HEX) + hex(imported++ & 0xffff, 4) + randomHex(4);

/** An id that is always the same for the same parent and purpose, and sorts beside its parent. */
export function derivedId(parentId: string, purpose: string): string {
  return parentId.slice(0, TIME_HEX) + sha256Hex(`${purpose}:${parentId}`).slice(0, TIME_HEX);
}

/** Where a time begins among ids: smaller than every id made then or later. */
export const boundaryId = (time: number): string => hex(Math.max(0, Math.floor(time)), TIME_HEX).padEnd(24, "0");

/** The time in milliseconds that is written in an id. */
export const timeOfId = (id: string): number => Number.parseInt(id.slice(0, TIME_HEX), 16);

export const ID_PATTERN = "^[0-9a-f]{24}$";

export const sha256Hex = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("hex");

/** 128 bits of SHA-256 as 22 URL-safe characters: the stored form of long natural keys. */
export const shortHash = (text: string): string => new Bun.CryptoHasher("sha256").update(text).digest("base64url").slice(0, 22);

/** A secret that cannot be guessed, as URL-safe text of `bytes` random bytes. */
export const newSecret = (bytes = 32): string => Buffer.from(crypto.getRandomValues(new Uint8Array(bytes))).toString("base64url");

/** A request id: short, unique enough to find one request in the log. */
export const newRequestId = (): string => `req_${newId()}`;
