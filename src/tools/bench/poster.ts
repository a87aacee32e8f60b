/** Posts prepared requests over a few keep-alive connections; what finds all of them busy waits in line. */
import { LoadConnection } from "./http-client";

interface Waiting {
  request: Uint8Array;
  resolve: (status: number) => void;
  reject: (reason: unknown) => void;
}

/** The status of a request whose connection broke before the answer. */
export const NO_ANSWER = 0;

const MOST_KEPT = 1_000;

export class Poster {
  readonly #open: () => Promise<LoadConnection>;
  readonly #idle: LoadConnection[] = [];
  readonly #all = new Set<LoadConnection>();
  readonly #waiting: Waiting[] = [];
  #next = 0;
  /** Connections that may still be opened. */
  #free: number;

  constructor(hostname: string, port: number, connections: number) {
    this.#open = () => LoadConnection.open(hostname, port);
    this.#free = connections;
  }

  /** Resolves with the status once the answer is here. Rejects when no connection can be made. */
  post(request: Uint8Array): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ request, resolve, reject });
      this.#wake();
    });
  }

  close(): void {
    for (const connection of this.#all) connection.close();
  }

  #wake(): void {
    for (let connection = this.#idle.pop(); connection; connection = this.#idle.pop()) {
      // Servers close what idles: its place is free again.
      if (connection.isOpen) {
        this.#send(connection);
        return;
      }
      this.#drop(connection);
    }
    if (this.#free === 0) return;
    this.#free--;
    this.#open().then(
      (connection) => {
        this.#all.add(connection);
        this.#send(connection);
      },
      (error: unknown) => {
        this.#free++;
        this.#take()?.reject(error);
      },
    );
  }

  #send(connection: LoadConnection): void {
    const waiting = this.#take();
    if (!waiting) return void this.#idle.push(connection);
    connection.send(waiting.request, {
      done: (status) => {
        waiting.resolve(status);
        this.#send(connection);
      },
      broken: () => {
        this.#drop(connection);
        waiting.resolve(NO_ANSWER);
        if (this.#next < this.#waiting.length) this.#wake();
      },
    });
  }

  #take(): Waiting | undefined {
    const waiting = this.#waiting[this.#next];
    if (waiting) this.#next++;
    // What is sent is let go, also while the line never becomes empty.
    if (this.#next === this.#waiting.length || this.#next === MOST_KEPT) {
      this.#waiting.splice(0, this.#next);
      this.#next = 0;
    }
    return waiting;
  }

  #drop(connection: LoadConnection): void {
    this.#all.delete(connection);
    connection.close();
    this.#free++;
  }
}
