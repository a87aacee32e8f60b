/**
 * Handles of files: what WhatsApp wants as the example of a template's header and as the profile picture. A file goes up by the
 * Resumable Upload API under the app of the token; when the line breaks, it goes on where WhatsApp says that it stopped.
 */
import { wait } from "../../core/clock";
import { AppError, fail } from "../../core/errors";
import { createGraphHttp, type GraphHttpOptions, graphJson } from "./graph-http";
import { numberOf, objectOf, textOf } from "./json-value";

export interface HandleClient {
  /** Throws channel.no-app, graph.refused or graph.unavailable. */
  upload(file: { bytes: Uint8Array<ArrayBuffer>; mimeType: string; filename: string }): Promise<string>;
}

export interface HandleClientOptions extends GraphHttpOptions {
  /** The app of the token; undefined when nobody knows it. */
  appId: () => Promise<string | undefined>;
}

const MOST_TRIES = 4;
const PAUSE_MS = 300;
const ANSWER_MS = 20_000;
/** Slower lines than this are taken for broken ones. */
const BYTES_PER_MS = 50;

export function createHandleClient({ appId, ...options }: HandleClientOptions): HandleClient {
  const http = createGraphHttp(options);
  const { clock, accessToken } = options;
  // These servers know the token by this word only.
  const authorization = () => `OAuth ${accessToken()}`;

  async function begin(file: { bytes: Uint8Array; mimeType: string; filename: string }): Promise<string> {
    const app = await appId();
    if (app === undefined) throw fail("channel.no-app");
    const query = { file_name: file.filename, file_length: String(file.bytes.length), file_type: file.mimeType };
    const { id } = await graphJson(http, { method: "POST", path: `${app}/uploads`, query }, clock.now());
    const session = textOf(id);
    // The name carries a query of its own and goes into the address as it is.
    if (session === undefined || !/^upload:[^\s/#]+$/.test(session)) throw fail("graph.unavailable", { cause: "no session" });
    return session;
  }

  /** Sends the rest; undefined when WhatsApp does not have the whole file after it. */
  async function send(session: string, rest: Uint8Array<ArrayBuffer>, offset: number): Promise<string | undefined> {
    const headers = { authorization: authorization(), file_offset: String(offset) };
    const timeoutMs = ANSWER_MS + Math.ceil(rest.length / BYTES_PER_MS);
    const answer = await graphJson(http, { method: "POST", path: session, headers, body: rest, timeoutMs }, clock.now());
    return textOf(answer.h);
  }

  async function offsetOf(session: string): Promise<number | undefined> {
    const headers = { authorization: authorization() };
    return numberOf((await graphJson(http, { method: "GET", path: session, headers }, clock.now())).file_offset);
  }

  return {
    async upload(file) {
      let session = await begin(file);
      let offset = 0;
      let last: unknown;
      for (let attempt = 1; attempt <= MOST_TRIES; attempt++) {
        try {
          if (attempt > 1) {
            await wait(clock, PAUSE_MS * attempt);
            const arrived = await offsetOf(session);
            offset = arrived !== undefined && Number.isInteger(arrived) && arrived >= 0 ? arrived : file.bytes.length;
            // All of it is there and only the answer was lost: a handle is told once, so another session has to.
            if (offset >= file.bytes.length) {
              session = await begin(file);
              offset = 0;
            }
          }
          const handle = await send(session, file.bytes.subarray(offset), offset);
          if (handle !== undefined) return handle;
          last = "WhatsApp has a part of the file";
        } catch (error) {
          // graph.unavailable: a broken line or a passing fault. What WhatsApp refuses, or asks to wait with, is final.
          if (!(error instanceof AppError) || !isPassing(error)) throw error;
          last = error.cause ?? error;
        }
      }
      throw fail("graph.unavailable", { cause: last });
    },
  };
}

const isPassing = ({ code, cause }: AppError): boolean => code === "graph.unavailable" && objectOf(cause)?.retry !== "minutes";
