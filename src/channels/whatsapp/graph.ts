/**
 * The Graph API of one business number: sends a composed message and says honestly what is known about the outcome. `unknown`
 * means that bytes may have left and no readable answer came; such a send must never be repeated blindly (facts §3.6).
 */
import type { Log } from "../../core/log";
import { composeRead } from "./compose";
import { type GraphError, graphError } from "./graph-errors";
import { createGraphHttp, type GraphAnswer, type GraphHttpOptions } from "./graph-http";
import { compact, idOf, listOf, objectOf } from "./json-value";

export type SendOutcome =
  /** Meta took it; delivery is told later by statuses. `waId` is the number as Meta knows it and may differ from ours. */
  | { kind: "accepted"; wamid: string; waId?: string; userId?: string; heldForQuality?: boolean }
  | { kind: "rejected"; error: GraphError }
  | { kind: "unknown"; cause: string };

export interface Graph {
  /** Sends one composed message (a JSON string). Throws only what `accessToken` throws. */
  send(body: string): Promise<SendOutcome>;
  /** Blue ticks on this and all earlier messages, and `typing...` for up to 25 s when asked. Best effort: never throws. */
  markRead(wamid: string, options: { typing: boolean }): Promise<void>;
}

export interface GraphOptions extends GraphHttpOptions {
  phoneNumberId: string;
  log: Log;
}

export function createGraph(options: GraphOptions): Graph {
  const { phoneNumberId, log, clock } = options;
  const http = createGraphHttp(options);
  const path = `${phoneNumberId}/messages`;

  return {
    async send(body) {
      const result = await http({ method: "POST", path, body });
      if ("error" in result) return { kind: "rejected", error: result.error };
      if ("cause" in result) return { kind: "unknown", cause: result.cause };
      return outcomeOf(result.answer, clock.now());
    },
    async markRead(wamid, { typing }) {
      const result = await http({ method: "POST", path, body: composeRead(wamid, { typing }) });
      if ("answer" in result && result.answer.status === 200) return;
      const reason = "answer" in result ? graphError(result.answer.status, result.answer.body) : result;
      log.warn("read receipt was not taken", { wamid, reason });
    },
  };
}

function outcomeOf({ status, body, retryAfter }: GraphAnswer, now: number): SendOutcome {
  if (status >= 200 && status < 300) {
    const message = objectOf(listOf(body?.messages)[0]);
    const wamid = idOf(message?.id);
    if (wamid === undefined) return { kind: "unknown", cause: `HTTP ${status} without a message id` };
    const contact = objectOf(listOf(body?.contacts)[0]);
    const heldForQuality = message?.message_status === "held_for_quality_assessment" || undefined;
    return compact({
      kind: "accepted" as const,
      wamid,
      waId: idOf(contact?.wa_id),
      userId: idOf(contact?.user_id),
      heldForQuality,
    });
  }
  // Without a Graph error a 5xx is the word of some machine in between: the message may have passed it. A 4xx refuses.
  if (status >= 500 && !objectOf(body?.error)) return { kind: "unknown", cause: `HTTP ${status} without a Graph error` };
  return { kind: "rejected", error: graphError(status, body, retryAfter, now) };
}
