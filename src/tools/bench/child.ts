/** A helper process of a benchmark that obeys one order at a time. */
import { join } from "node:path";

type Reply = { result: unknown } | { error: string };

export class Child<Order> {
  readonly #process: Bun.Subprocess<"ignore", "inherit", "inherit">;
  #reply: PromiseWithResolvers<unknown> | null = null;

  /** `script`: a file of this folder. */
  constructor(script: string) {
    this.#process = Bun.spawn([process.execPath, join(import.meta.dir, script)], {
      stdin: "ignore",
      stdout: "inherit",
      stderr: "inherit",
      serialization: "json",
      ipc: (reply: Reply) => {
        const waiting = this.#reply;
        this.#reply = null;
        if ("error" in reply) waiting?.reject(new Error(`${script}: ${reply.error}`));
        else waiting?.resolve(reply.result);
      },
      onExit: (_, code) => this.#reply?.reject(new Error(`${script} ended with exit code ${code}.`)),
    });
  }

  get pid(): number {
    return this.#process.pid;
  }

  /** Resolves with the child's answer. */
  ask<T>(order: Order): Promise<T> {
    if (this.#reply) throw new Error("The child is still busy with the order before.");
    this.#reply = Promise.withResolvers();
    this.#process.send(order);
    return this.#reply.promise as Promise<T>;
  }

  async stop(): Promise<void> {
    this.#process.kill();
    await this.#process.exited;
  }
}
