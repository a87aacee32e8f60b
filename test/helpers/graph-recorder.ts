/** A Graph API that only listens: it takes every message, remembers it, and sends no statuses unless told to. */
export interface SentMessage {
  to: string;
  text: string;
  callbackData: string;
  wamid: string;
  at: number;
}

export interface GraphRecorder extends AsyncDisposable {
  url: string;
  sent: SentMessage[];
  /** Answers instead of "accepted", one after the other. */
  failures: Response[];
  /** Milliseconds before each answer. */
  delayMs: number;
}

export function startGraphRecorder(): GraphRecorder {
  const sent: SentMessage[] = [];
  const failures: Response[] = [];
  const recorder = { delayMs: 0 };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = (await request.json()) as Record<string, never> & {
        text?: { body: string };
        to?: string;
        recipient?: string;
        status?: string;
        biz_opaque_callback_data?: string;
      };
      if (body.status === "read") return Response.json({ success: true });
      if (recorder.delayMs > 0) await Bun.sleep(recorder.delayMs);
      const failure = failures.shift();
      if (failure) return failure;
      const wamid = `wamid.OUT${sent.length + 1}.${crypto.randomUUID()}`;
      sent.push({
        to: String(body.to ?? body.recipient),
        text: body.text?.body ?? "",
        callbackData: body.biz_opaque_callback_data ?? "",
        wamid,
        at: performance.now(),
      });
      return Response.json({
        messaging_product: "whatsapp",
        contacts: [{ input: body.to, wa_id: body.to }],
        messages: [{ id: wamid }],
      });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    sent,
    failures,
    get delayMs() {
      return recorder.delayMs;
    },
    set delayMs(ms: number) {
      recorder.delayMs = ms;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
