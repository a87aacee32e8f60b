/** A network that fails on command: stands in front of a server that is well, on the level of TCP. */
import type { Socket, TCPSocketListener } from "bun";

export type Network =
  /** Everything passes. */
  | "well"
  /** Connections are taken, and nothing is ever said: the other side of a half-open connection. */
  | "silent"
  /** Connections are taken and reset. */
  | "reset"
  /** Nobody listens. */
  | "refused"
  /** The request passes; its answer is cut off after some bytes. */
  | "cut";

interface Data {
  upstream: Socket<unknown> | null;
  early: Uint8Array[];
}

const FEW_BYTES = 40;

export interface FaultProxy extends AsyncDisposable {
  url: string;
  mode: Network;
  /** Connections so far. */
  connections: number;
}

/** `target`: a URL such as http://127.0.0.1:1234/v1, whose path is kept. */
export function startFaultProxy(target: string): FaultProxy {
  const { hostname, port, pathname } = new URL(target);
  const state = { mode: "well" as Network, connections: 0 };
  const open = new Set<Socket<Data>>();
  let server: TCPSocketListener<Data>;

  async function connectOn(socket: Socket<Data>): Promise<void> {
    const upstream = await Bun.connect({
      hostname,
      port: Number(port),
      socket: {
        data(_, chunk) {
          if (state.mode === "cut") {
            socket.write(chunk.subarray(0, FEW_BYTES));
            socket.terminate();
          } else if (state.mode === "well") socket.write(chunk);
        },
        close: () => void socket.end(),
        error: () => void socket.end(),
      },
    });
    for (const chunk of socket.data.early.splice(0)) upstream.write(chunk);
    socket.data.upstream = upstream;
  }

  const listen = (at: number) =>
    Bun.listen<Data>({
      hostname: "127.0.0.1",
      port: at,
      data: { upstream: null, early: [] },
      socket: {
        open(socket) {
          socket.data = { upstream: null, early: [] };
          open.add(socket);
          state.connections++;
          if (state.mode === "reset") socket.terminate();
          else if (state.mode !== "silent") void connectOn(socket).catch(() => socket.terminate());
        },
        data(socket, chunk) {
          if (state.mode === "silent") return;
          if (state.mode === "reset") socket.terminate();
          else if (socket.data.upstream) socket.data.upstream.write(chunk);
          else socket.data.early.push(new Uint8Array(chunk));
        },
        close(socket) {
          open.delete(socket);
          socket.data.upstream?.end();
        },
        error: () => {},
      },
    });

  server = listen(0);
  const own = server.port;
  return {
    url: `http://127.0.0.1:${own}${pathname === "/" ? "" : pathname}`,
    get mode() {
      return state.mode;
    },
    set mode(mode: Network) {
      // Idle connections of before would lead past the fault, and hanging ones past the recovery.
      for (const socket of open) socket.terminate();
      if (mode === "refused") server.stop(true);
      else if (state.mode === "refused") server = listen(own);
      state.mode = mode;
    },
    get connections() {
      return state.connections;
    },
    [Symbol.asyncDispose]() {
      for (const socket of open) socket.terminate();
      server.stop(true);
      return Promise.resolve();
    },
  };
}
