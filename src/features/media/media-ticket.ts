/** Links that open one file for a while without a bearer, because <audio>, <video> and <img> cannot send one. */
import { createHmac, timingSafeEqual } from "node:crypto";

const LIFE_MS = 3_600_000;

export interface Tickets {
  issue(media: string, now: number): { ticket: string; expiresAt: number };
  isValid(ticket: string, media: string, now: number): boolean;
}

/** `secret` signs; the same on every process of an installation. */
export function createTickets(secret: string): Tickets {
  const seal = (media: string, expiresAt: number) => createHmac("sha256", secret).update(`media:${media}:${expiresAt}`).digest();
  return {
    issue(media, now) {
      const expiresAt = now + LIFE_MS;
      return { ticket: `${expiresAt}.${seal(media, expiresAt).toString("base64url")}`, expiresAt };
    },
    isValid(ticket, media, now) {
      const [time = "", signature = ""] = ticket.split(".");
      const expiresAt = /^\d{1,16}$/.test(time) ? Number(time) : 0;
      const given = Buffer.from(signature, "base64url");
      const real = seal(media, expiresAt);
      return given.length === real.length && timingSafeEqual(given, real) && expiresAt > now;
    },
  };
}
