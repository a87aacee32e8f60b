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
  /** Every message that was tried, accepted or not, in order. */
  tried: { to: string; text: string }[];
  /** Decides about each message: an answer instead of "accepted", also a promise that is never kept; null accepts it. */
  judge: ((message: { to: string; text: string }) => Response | Promise<Response> | null) | null;
  /** Nobody answers at this address until `comeBack`. */
  goDown(): Promise<void>;
  comeBack(): void;
}

/** An error as the Graph API answers it. */
export const graphFailure = (code: number, status = 400): Response =>
  Response.json({ error: { message: `(#${code}) of the test`, type: "OAuthException", code, fbtrace_id: "AbC" } }, { status });

export function startGraphRecorder(): GraphRecorder {
  const sent: SentMessage[] = [];
  const failures: Response[] = [];
  const tried: GraphRecorder["tried"] = [];
  const recorder: { delayMs: number; judge: GraphRecorder["judge"] } = { delayMs: 0, judge: null };
  const open = (port: number) => Bun.serve({ hostname: "127.0.0.1", port, idleTimeout: 0, fetch: answer });

  async function answer(request: Request): Promise<Response> {
    // It only takes messages: whoever asks it something gets Meta's word for an object that is not there.
    if (request.method !== "POST")
      return Response.json({ error: { message: "Unsupported get request.", code: 100, error_subcode: 33 } }, { status: 400 });
    if (request.url.endsWith("/media")) return Response.json({ id: "700000000000001" });
    const body = (await request.json()) as Record<string, never> & {
      text?: { body: string };
      to?: string;
      recipient?: string;
      status?: string;
      biz_opaque_callback_data?: string;
    };
    if (body.status === "read") return Response.json({ success: true });
    const message = { to: String(body.to ?? body.recipient), text: body.text?.body ?? "" };
    tried.push(message);
    if (recorder.delayMs > 0) await Bun.sleep(recorder.delayMs);
    const judged = recorder.judge?.(message);
    if (judged) return judged;
    const failure = failures.shift();
    if (failure) return failure;
    const wamid = `wamid.OUT${sent.length + 1}.${crypto.randomUUID()}`;
    sent.push({
      ...message,
      callbackData: body.biz_opaque_callback_data ?? "",
      wamid,
      at: performance.now(),
    });
    return Response.json({
      messaging_product: "whatsapp",
      contacts: [{ input: body.to, wa_id: body.to }],
      messages: [{ id: wamid }],
    });
  }
  let server = open(0);
  const { port = 0 } = server;
  return {
    url: `http://127.0.0.1:${port}`,
    sent,
    failures,
    tried,
    get judge() {
      return recorder.judge;
    },
    set judge(judge: GraphRecorder["judge"]) {
      recorder.judge = judge;
    },
    goDown: () => server.stop(true),
    comeBack() {
      server = open(port);
    },
    get delayMs() {
      return recorder.delayMs;
    },
    set delayMs(ms: number) {
      recorder.delayMs = ms;
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
