/** The server's side of SCRAM-SHA-256 (RFC 5802, RFC 7677): passwords never cross the wire, and are not kept. */
import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from "node:crypto";
import { CommandError } from "../command-error";

const ITERATIONS = 15_000;
const KEY_BYTES = 32;

export interface ScramCredentials {
  user: string;
  salt: Buffer;
  storedKey: Buffer;
  serverKey: Buffer;
}

const hmac = (key: Uint8Array, text: string): Buffer => createHmac("sha256", key).update(text).digest();
const sha256 = (data: Uint8Array): Buffer => createHash("sha256").update(data).digest();

/** Derives what the server needs to check a password; the password can be forgotten afterwards. */
export function scramCredentials(user: string, password: string): ScramCredentials {
  const salt = randomBytes(28);
  const salted = pbkdf2Sync(password.normalize("NFKC"), salt, ITERATIONS, KEY_BYTES, "sha256");
  return { user, salt, storedKey: sha256(hmac(salted, "Client Key")), serverKey: hmac(salted, "Server Key") };
}

const refused = (): CommandError => new CommandError(18, "AuthenticationFailed", "Authentication failed.");

const attribute = (message: string, name: string): string => {
  const part = message.split(",").find((item) => item.startsWith(`${name}=`));
  if (part === undefined) throw refused();
  return part.slice(2);
};

/** One authentication of one connection. */
export class ScramConversation {
  readonly #credentials: ScramCredentials;
  #firstBare = "";
  #serverFirst = "";
  #nonce = "";
  #proven = false;

  constructor(credentials: ScramCredentials) {
    this.#credentials = credentials;
  }

  /** True after the client has proven that it knows the password. */
  get proven(): boolean {
    return this.#proven;
  }

  /** Answers the client's first message. */
  start(message: string): string {
    if (!message.startsWith("n,") && !message.startsWith("y,")) throw refused();
    this.#firstBare = message.slice(message.indexOf(",", 2) + 1);
    // An unknown user gets a challenge too, so that names cannot be probed; the proof then fails.
    this.#nonce = attribute(this.#firstBare, "r") + randomBytes(24).toString("base64");
    this.#serverFirst = `r=${this.#nonce},s=${this.#credentials.salt.toString("base64")},i=${ITERATIONS}`;
    return this.#serverFirst;
  }

  /** Checks the client's proof and answers with the server's. Throws AuthenticationFailed. */
  finish(message: string): string {
    const { storedKey, serverKey, user } = this.#credentials;
    const proof = Buffer.from(attribute(message, "p"), "base64");
    const withoutProof = message.slice(0, message.lastIndexOf(",p="));
    const authMessage = `${this.#firstBare},${this.#serverFirst},${withoutProof}`;
    const signature = hmac(storedKey, authMessage);
    if (this.#nonce === "" || attribute(message, "r") !== this.#nonce || proof.length !== signature.length) throw refused();
    const clientKey = Buffer.from(proof.map((byte, i) => byte ^ signature[i]!));
    const rightUser = attribute(this.#firstBare, "n").replaceAll("=2C", ",").replaceAll("=3D", "=") === user;
    if (!timingSafeEqual(sha256(clientKey), storedKey) || !rightUser) throw refused();
    this.#proven = true;
    return `v=${hmac(serverKey, authMessage).toString("base64")}`;
  }
}
