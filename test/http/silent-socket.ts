/** A live connection of a machine that has gone to sleep: signed in, then nothing is read any more and no ping is answered. */
import { until } from "../helpers/until";

export interface SilentSocket extends Disposable {
  /** Whether the server has given it up. */
  isClosed(): boolean;
}

export async function silentSocket(url: string, token: string): Promise<SilentSocket> {
  let isClosed = false;
  let isSignedIn = false;
  const socket = await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(new URL(url).port),
    socket: {
      open(one) {
        one.write(
          "GET /api/v2/live HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" +
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n",
        );
      },
      data(one, data) {
        if (data.includes("101 Switching")) one.write(maskedText(JSON.stringify({ type: "auth", token })));
        if (data.includes("connected")) isSignedIn = true;
        // From now on whatever comes is taken and never answered.
      },
      close: () => {
        isClosed = true;
      },
      error: () => {
        isClosed = true;
      },
    },
  });
  await until(() => isSignedIn, { what: "the sign-in" });
  return { isClosed: () => isClosed, [Symbol.dispose]: () => socket.end() };
}

/** A text frame as a client sends it: masked, here with zeros. */
export function maskedText(text: string): Uint8Array {
  const payload = Buffer.from(text);
  const length = payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 255];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload]);
}
