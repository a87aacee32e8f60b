/** A push service and the browsers behind it, as RFC 8030 and 8291 have them. */

export interface Received {
  path: string;
  headers: Headers;
  body: Uint8Array<ArrayBuffer>;
}

export interface PushReceiver {
  port: number;
  received: Received[];
  /** Status of the next answers. */
  answer: number;
  stop(): void;
}

export function startPushReceiver(): PushReceiver {
  const received: Received[] = [];
  const receiver: PushReceiver = { port: 0, received, answer: 201, stop: () => {} };
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    async fetch(request) {
      const body = new Uint8Array(await request.arrayBuffer());
      if (receiver.answer < 300) received.push({ path: new URL(request.url).pathname, headers: request.headers, body });
      return new Response(null, { status: receiver.answer });
    },
  });
  receiver.port = server.port ?? 0;
  receiver.stop = () => void server.stop(true);
  return receiver;
}

export interface PushBrowser {
  endpoint: string;
  keys: { p256dh: string; auth: string };
  /** Opens what was sent to it; throws for what was not. */
  read(message: Received): Promise<unknown>;
}

const base64 = (bytes: ArrayBuffer | Uint8Array): string => Buffer.from(bytes as Uint8Array).toString("base64url");
const text = (value: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(value) as Uint8Array<ArrayBuffer>;

/** A browser profile with keys of its own. */
export async function pushBrowser({ port }: Pick<PushReceiver, "port">): Promise<PushBrowser> {
  const pair = (await crypto.subtle.generateKey({ name: "ECDH", namedCurve: "P-256" }, true, ["deriveBits"])) as CryptoKeyPair;
  const own = new Uint8Array(await crypto.subtle.exportKey("raw", pair.publicKey));
  const auth = crypto.getRandomValues(new Uint8Array(16));

  const derive = async (
    secret: Uint8Array<ArrayBuffer>,
    salt: Uint8Array<ArrayBuffer>,
    info: Uint8Array<ArrayBuffer>,
    bytes: number,
  ) => {
    const key = await crypto.subtle.importKey("raw", secret, "HKDF", false, ["deriveBits"]);
    return new Uint8Array(await crypto.subtle.deriveBits({ name: "HKDF", hash: "SHA-256", salt, info }, key, bytes * 8));
  };

  return {
    endpoint: `http://127.0.0.1:${port}/send/${base64(crypto.getRandomValues(new Uint8Array(12)))}`,
    keys: { p256dh: base64(own), auth: base64(auth) },
    async read({ headers, body }) {
      if (headers.get("content-encoding") !== "aes128gcm") throw new Error("not aes128gcm");
      if (!/^vapid t=[\w-]+\.[\w-]+\.[\w-]+, ?k=[\w-]+$/.test(headers.get("authorization") ?? "")) throw new Error("not signed");
      // Salt 16, record size 4, length of the key 1, the sender's public key 65 (RFC 8188).
      const salt = body.slice(0, 16);
      const sender = body.slice(21, 86);
      const theirs = await crypto.subtle.importKey("raw", sender, { name: "ECDH", namedCurve: "P-256" }, false, []);
      const shared = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, pair.privateKey, 256));
      const info = new Uint8Array([...text("WebPush: info\0"), ...own, ...sender]);
      const secret = await derive(shared, auth, info, 32);
      const contentKey = await derive(secret, salt, text("Content-Encoding: aes128gcm\0"), 16);
      const nonce = await derive(secret, salt, text("Content-Encoding: nonce\0"), 12);
      const key = await crypto.subtle.importKey("raw", contentKey, "AES-GCM", false, ["decrypt"]);
      const plain = new Uint8Array(await crypto.subtle.decrypt({ name: "AES-GCM", iv: nonce }, key, body.slice(86)));
      // The record ends with a delimiter of one byte.
      return JSON.parse(new TextDecoder().decode(plain.slice(0, plain.lastIndexOf(2))));
    },
  };
}
