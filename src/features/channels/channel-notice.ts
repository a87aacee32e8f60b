/** What a webhook about a number or its business account changes: fields Meta tells, and alerts for people. Pure. */
import type { NoticeEvent } from "../../channels/whatsapp/inbound";
import type { ChannelAlert, StoredChannel } from "./channel.model";

export interface NoticeEffect {
  /** One number, or all of the business account. */
  scope: "number" | "account";
  /** The account it is about, when that is not the one the webhook came under. */
  wabaId?: string;
  fields: Partial<StoredChannel>;
  alert?: Omit<ChannelAlert, "at">;
}

const MOST_ALERTS = 20;

/** Events of `account_update` that stop or endanger sending. */
const GRAVE = new Set(["ACCOUNT_VIOLATION", "ACCOUNT_RESTRICTION", "DISABLED_UPDATE", "ACCOUNT_DELETED", "ACCOUNT_OFFBOARDED"]);

/** Null for news that change nothing about a number. */
export function effectOf(event: NoticeEvent): NoticeEffect | null {
  switch (event.name) {
    case "phone-number:quality": {
      const { event: what, currentLimit } = event.payload;
      const isFlagged = what === "FLAGGED" || what === "DOWNGRADE";
      return {
        scope: "number",
        fields: {
          ...(currentLimit ? { messagingLimit: currentLimit } : {}),
          ...(what === "THROUGHPUT_UPGRADE" ? { throughput: "HIGH" } : {}),
        },
        ...(isFlagged ? { alert: alert("number-quality", "warning", `Meta lowers its trust in this number: ${what}`) } : {}),
      };
    }
    case "phone-number:name": {
      const { decision, name, reason } = event.payload;
      const isApproved = decision === "APPROVED";
      return {
        scope: "number",
        fields: { ...(decision ? { nameStatus: decision } : {}), ...(isApproved && name ? { name } : {}) },
        ...(isApproved
          ? {}
          : { alert: alert("number-name", "warning", sentence("The display name was not approved", name, reason)) }),
      };
    }
    case "account:update": {
      const { event: what = "UNKNOWN", violation, reason, restrictions, banState, wabaId } = event.payload;
      const severity = GRAVE.has(what) && banState !== "REINSTATE" ? "critical" : "info";
      const kinds = restrictions.flatMap(({ type }) => type ?? []).join(", ");
      return {
        scope: "account",
        ...(wabaId ? { wabaId } : {}),
        fields: {},
        alert: alert("account-update", severity, sentence(`Business account: ${what}`, violation, reason, kinds, banState)),
      };
    }
    case "account:alert": {
      const { severity, type, description } = event.payload;
      const level = severity === "CRITICAL" ? "critical" : severity === "WARNING" ? "warning" : "info";
      return { scope: "account", fields: {}, alert: alert("account-alert", level, sentence(type ?? "Alert", description)) };
    }
    case "account:review":
      return {
        scope: "account",
        fields: {},
        alert: alert(
          "account-review",
          event.payload.decision === "REJECTED" ? "critical" : "info",
          `Business account review: ${event.payload.decision ?? "unknown"}`,
        ),
      };
    case "business:capability":
      return { scope: "account", fields: event.payload.dailyLimit ? { messagingLimit: event.payload.dailyLimit } : {} };
    case "security":
      return {
        scope: "number",
        fields: {},
        alert: alert("security", "warning", sentence(`Security: ${event.payload.event ?? "unknown"}`, event.payload.requester)),
      };
    case "history": {
      const [error] = event.payload.errors;
      if (!error) return null;
      const text = sentence("The history of the phone app is not shared", error.title ?? error.message, error.details);
      return { scope: "number", fields: {}, alert: alert("history", "info", text) };
    }
    case "error": {
      const { code, title, message, details } = event.payload;
      return {
        scope: "number",
        fields: {},
        alert: alert("webhook-error", "warning", sentence(`WhatsApp reports error ${code ?? "?"}`, title ?? message, details)),
      };
    }
    default:
      return null;
  }
}

/** The alerts with a new one in front; the oldest fall off. One that is `single` takes the place of its kind. */
export function withAlert(alerts: readonly ChannelAlert[], added: ChannelAlert, { single = false } = {}): ChannelAlert[] {
  const others = single ? alerts.filter(({ kind }) => kind !== added.kind) : alerts;
  return [added, ...others].slice(0, MOST_ALERTS);
}

const alert = (kind: string, severity: ChannelAlert["severity"], text: string) => ({ kind, severity, text: text.slice(0, 500) });

const sentence = (...parts: (string | undefined)[]): string => parts.filter(Boolean).join(" · ");

/** Which stored numbers a webhook is about; null when it names none. */
export function filterOf(
  { channel, wabaId, displayNumber }: NoticeEvent,
  scope: "number" | "account",
  otherWabaId: string | undefined,
): Record<string, unknown> | null {
  const account = otherWabaId ?? wabaId;
  if (scope === "account") return account ? { wabaId: account } : null;
  if (channel !== "unknown") return { phoneNumberId: channel };
  // A number Meta has not described yet is known by its account alone.
  if (displayNumber) return wabaId ? { wabaId, displayNumber: { $in: [displayNumber, ""] } } : { displayNumber };
  return account ? { wabaId: account } : null;
}
