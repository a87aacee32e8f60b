/** Stands in for the browser's WebSocket: the test plays the server. */
import type { ClientFrame, ServerFrame } from "./live-frame";

export class FakeSocket {
  static all: FakeSocket[] = [];
  static get last(): FakeSocket {
    const socket = FakeSocket.all.at(-1);
    if (!socket) throw new Error("no socket was opened");
    return socket;
  }

  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  isClosed = false;
  readonly sent: ClientFrame[] = [];

  constructor(readonly url: string) {
    FakeSocket.all.push(this);
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text) as ClientFrame);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server accepts the connection. */
  open(): void {
    this.onopen?.();
  }

  /** The server says something. */
  say(frame: ServerFrame): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }

  /** The server greets: its newest sequence is `seq`. */
  greet(seq: number): void {
    this.open();
    this.say({ type: "connected", clientId: "c1", serverTime: "2026-11-20T12:00:00.000Z", seq });
  }

  /** The line breaks. */
  break(): void {
    this.onclose?.();
  }
}
