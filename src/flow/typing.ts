/**
 * "typing..." on the customer's phone for as long as the assistant works. WhatsApp takes it away after 25 s or with the reply, so a
 * longer turn shows it again. It is the same call as the read receipt: where receipts are off, neither is sent.
 */
import type { Graph } from "../channels/whatsapp/graph";
import type { Clock, Timer } from "../core/clock";

/** Sooner than WhatsApp's 25 s, so that it does not flicker on a slow line. */
const AGAIN_MS = 20_000;

/** Shows it now and until the answer is called. */
export function showTyping(graph: Pick<Graph, "markRead">, wamid: string, clock: Clock): () => void {
  let timer: Timer | null = null;
  const show = () => {
    void graph.markRead(wamid, { typing: true });
    timer = clock.timer(AGAIN_MS, show);
  };
  show();
  return () => timer?.cancel();
}
