/** A Graph API that fails on command: refuses, hangs, or takes the message and keeps the answer to itself. */
export type Mode = "well" | "refuse" | "hang" | "keep-the-answer" | "slow-down";

export interface Taken {
  to: string;
  text: string;
  callbackData: string;
  wamid: string;
}

export interface FaultGraph extends AsyncDisposable {
  url: string;
  mode: Mode;
  /** What it took, in order. */
  taken: Taken[];
  /** Send calls so far, whatever became of them. */
  calls: number;
  /** Ends the calls that hang, without an answer. */
  release(): void;
}

interface SendBody {
  status?: string;
  to?: string;
  recipient?: string;
  text?: { body: string };
  biz_opaque_callback_data?: string;
}

const problem = (code: number, status: number, headers: Record<string, string> = {}) =>
  Response.json({ error: { message: "on command", type: "OAuthException", code, fbtrace_id: "A" } }, { status, headers });

export function startFaultGraph(): FaultGraph {
  const taken: Taken[] = [];
  const hanging: (() => void)[] = [];
  const graph = { mode: "well" as Mode, calls: 0 };
  const hang = () =>
    new Promise<Response>((resolve) => {
      hanging.push(() => resolve(new Response(null, { status: 504 })));
    });
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    idleTimeout: 0,
    async fetch(request) {
      // What the product asks about its number and templates is not what is tested here.
      if (!new URL(request.url).pathname.endsWith("/messages")) return Response.json({ data: [] });
      const body = (await request.json()) as SendBody;
      if (body.status === "read") return Response.json({ success: true });
      graph.calls++;
      if (graph.mode === "refuse") return problem(131_016, 503);
      if (graph.mode === "slow-down") return problem(4, 429, { "retry-after": "20" });
      if (graph.mode === "hang") return hang();
      const wamid = `wamid.OUT.${taken.length}.${crypto.randomUUID()}`;
      taken.push({
        to: String(body.to ?? body.recipient),
        text: body.text?.body ?? "",
        callbackData: body.biz_opaque_callback_data ?? "",
        wamid,
      });
      if (graph.mode === "keep-the-answer") return hang();
      return Response.json({ messaging_product: "whatsapp", contacts: [{ wa_id: body.to }], messages: [{ id: wamid }] });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    taken,
    get mode() {
      return graph.mode;
    },
    set mode(mode: Mode) {
      graph.mode = mode;
    },
    get calls() {
      return graph.calls;
    },
    release: () => {
      for (const end of hanging.splice(0)) end();
    },
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

/** A status as WhatsApp tells it. */
export const statusOf = (number: string, { wamid, callbackData, to }: Taken, status: string, at: number) => ({
  object: "whatsapp_business_account",
  entry: [
    {
      id: "330011223344556",
      changes: [
        {
          field: "messages",
          value: {
            messaging_product: "whatsapp",
            metadata: { display_phone_number: "5115550177", phone_number_id: number },
            statuses: [
              {
                id: wamid,
                status,
                timestamp: String(Math.floor(at / 1_000)),
                recipient_id: to.replace(/\D/g, ""),
                biz_opaque_callback_data: callbackData,
              },
            ],
          },
        },
      ],
    },
  ],
});
