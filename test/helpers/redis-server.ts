/** A real Redis of the test's own, on a free port, that keeps nothing. */
import { freePort } from "../../src/tools/free-port";
import { tempDir } from "./temp-dir";
import { until } from "./until";

export interface RedisServer extends AsyncDisposable {
  url: string;
  /** Takes it away at once, as a crash would. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
}

/** Null where Redis is not installed. */
export async function startRedis(): Promise<RedisServer | null> {
  const binary = Bun.which("redis-server");
  if (!binary) return null;
  const dir = tempDir();
  const port = freePort();
  const url = `redis://127.0.0.1:${port}`;
  let child: Bun.Subprocess | null = null;
  const server: RedisServer = {
    url,
    async start() {
      const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", dir.path];
      child = Bun.spawn([binary, ...args], { stdin: "ignore", stdout: "ignore", stderr: "ignore" });
      await until(() => answers(port), { what: "Redis" });
    },
    async kill() {
      child?.kill("SIGKILL");
      await child?.exited;
    },
    async [Symbol.asyncDispose]() {
      await server.kill();
      dir[Symbol.dispose]();
    },
  };
  await server.start();
  return server;
}

async function answers(port: number): Promise<boolean> {
  try {
    const socket = await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } });
    socket.end();
    return true;
  } catch {
    // Not yet.
    return false;
  }
}
