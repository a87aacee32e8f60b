/**
 * A lean HTTP/1.1 client for load: keep-alive connections, one request in flight on each, prepared bytes out, status code in.
 * It leaves out everything a benchmark does not need, so that the generator stays far cheaper than the server.
 */
import type { Socket } from "bun";

const HEADERS_END = Buffer.from("\r\n\r\n");

interface Exchange {
  done(status: number): void;
  broken(reason: Error): void;
}

export class LoadConnection {
  #socket: Socket<undefined> | null = null;
  #exchange: Exchange | null = null;
  #received: Buffer = Buffer.alloc(0);
  #isOpen = true;

  /** False once the server has closed it, as servers do with connections that idle. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  static async open(hostname: string, port: number): Promise<LoadConnection> {
    const connection = new LoadConnection();
    connection.#socket = await Bun.connect<undefined>({
      hostname,
      port,
      socket: {
        data: (_, chunk) => connection.#receive(chunk),
        close: () => connection.#break(new Error("the server closed the connection")),
        error: (_, error) => connection.#break(error),
      },
    });
    return connection;
  }

  /** Sends one prepared request; `done` is called with the status once the whole answer is here. One at a time. */
  send(request: Uint8Array, exchange: Exchange): void {
    this.#exchange = exchange;
    const written = this.#socket?.write(request) ?? 0;
    if (written !== request.byteLength) this.#break(new Error(`only ${written} of ${request.byteLength} bytes were sent`));
  }

  close(): void {
    this.#isOpen = false;
    this.#exchange = null;
    this.#socket?.end();
  }

  #receive(chunk: Buffer): void {
    // The chunk belongs to the socket and is written over after this call, so what is kept is copied.
    const all = this.#received.byteLength === 0 ? chunk : Buffer.concat([this.#received, chunk]);
    const headersEnd = all.indexOf(HEADERS_END);
    const headers = headersEnd < 0 ? "" : all.toString("latin1", 0, headersEnd);
    const length = /\r\ncontent-length: *(\d+)/i.exec(headers)?.[1];
    const complete =
      headersEnd >= 0 && length !== undefined && all.byteLength >= headersEnd + HEADERS_END.byteLength + Number(length);
    if (!complete) {
      this.#received = all === chunk ? Buffer.from(chunk) : all;
      return;
    }
    this.#received = Buffer.alloc(0);
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.done(Number(headers.slice(9, 12)));
  }

  #break(reason: Error): void {
    this.#isOpen = false;
    const exchange = this.#exchange;
    this.#exchange = null;
    exchange?.broken(reason);
  }
}
