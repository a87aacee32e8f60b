/** A live connection as a client sees it: every frame kept in order, and waiting for one. */
import { until } from "../helpers/until";

export interface Frame {
  type: string;
  seq?: number | null;
  topic?: string;
  event?: string;
  data?: Record<string, unknown>;
  code?: string;
  [key: string]: unknown;
}

export interface LiveClient extends Disposable {
  frames: Frame[];
  send(frame: unknown): void;
  /** The durable events heard so far. */
  events(): Frame[];
  waitFor(what: string, found: (frame: Frame) => boolean): Promise<Frame>;
  /** Sends a ping and waits for its pong: everything sent to us before has arrived then. */
  settle(): Promise<void>;
  /** Null while it is open. */
  closed(): { code: number; reason: string } | null;
  waitClosed(): Promise<{ code: number; reason: string }>;
  drop(): void;
}

/** `headers` go with the upgrade. */
export async function connectLive(url: string, headers: Record<string, string> = {}): Promise<LiveClient> {
  const socket = new WebSocket(`${url.replace("http", "ws")}/api/v2/live`, { headers });
  const frames: Frame[] = [];
  let end: { code: number; reason: string } | null = null;
  socket.onmessage = ({ data }) => void frames.push(JSON.parse(String(data)) as Frame);
  socket.onclose = ({ code, reason }) => {
    end = { code, reason };
  };
  await until(() => socket.readyState === WebSocket.OPEN || end, { what: "the open socket", every: 2 });
  const waitFor = (what: string, found: (frame: Frame) => boolean) => until(() => frames.find(found), { what, every: 2 });
  return {
    frames,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    events: () => frames.filter(({ type, seq }) => type === "event" && seq !== null),
    waitFor,
    async settle() {
      const before = frames.filter(({ type }) => type === "pong").length;
      socket.send('{"type":"ping"}');
      await until(() => frames.filter(({ type }) => type === "pong").length > before, { what: "a pong", every: 2 });
    },
    closed: () => end,
    waitClosed: () => until(() => end, { what: "the closed socket", every: 2 }),
    drop: () => socket.terminate(),
    [Symbol.dispose]: () => socket.terminate(),
  };
}

/** Connects and signs in; `since` resumes. */
export async function signInLive(url: string, token: string, since?: number): Promise<LiveClient> {
  const client = await connectLive(url);
  client.send({ type: "auth", token, ...(since === undefined ? {} : { since }) });
  await client.waitFor("connected", ({ type }) => type === "connected");
  return client;
}
