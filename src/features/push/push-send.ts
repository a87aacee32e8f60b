/** Hands one notification to the push service of a browser, encrypted for it and signed by us (RFC 8030, 8188, 8291, 8292). */
import { AppError } from "../../core/errors";
import type { UrlGuard } from "../../core/url-guard";
import type { PushDevice } from "./push-device.model";
import type { Notice } from "./push-text";

export interface VapidKeys {
  publicKey: string;
  privateKey: string;
}

/** `gone`: the browser has ended its subscription, nothing will ever arrive there. */
export type PushOutcome = "sent" | "failed" | "gone";
export type SendPush = (device: Pick<PushDevice, "endpoint" | "keys">, notice: Notice, keys: VapidKeys) => Promise<PushOutcome>;

/** What has not reached a device by then is no news any more. */
const TTL_SECONDS = 4 * 3_600;
const TIMEOUT_MS = 10_000;
/** 404 and 410: RFC 8030, section 7.3. */
const GONE = new Set([404, 410]);

/** Loaded by the first who needs it: most installations never notify anybody. */
const library = async () => (await import("web-push")).default;

/** A pair of keys by which push services know us. */
export const makeVapidKeys = async (): Promise<VapidKeys> => (await library()).generateVAPIDKeys();

/** `subject`: whom push services can write to about us, a mailto or https address. */
export function createSendPush({ guard, subject }: { guard: UrlGuard; subject: string }): SendPush {
  return async ({ endpoint, keys }, notice, vapid) => {
    const request = (await library()).generateRequestDetails({ endpoint, keys }, JSON.stringify(notice), {
      vapidDetails: { subject, publicKey: vapid.publicKey, privateKey: vapid.privateKey },
      TTL: TTL_SECONDS,
      urgency: "high",
      contentEncoding: "aes128gcm",
    });
    const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
    try {
      const { status } = await guard.fetch(endpoint, {
        method: "POST",
        headers,
        body: new Uint8Array(request.body ?? []),
        maxRedirects: 0,
        maxBytes: 1_024,
        larger: "cut",
        timeoutMs: TIMEOUT_MS,
      });
      if (GONE.has(status)) return "gone";
      return status >= 200 && status < 300 ? "sent" : "failed";
    } catch (error) {
      // Awaited: refused by the guard, unreachable, too slow.
      if (error instanceof AppError) return "failed";
      throw error;
    }
  };
}
