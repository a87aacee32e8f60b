/** `/health`: the process is alive. `/ready`: it can do its work; what cannot is named. */
import { Elysia } from "elysia";
import { describeError } from "../core/errors";

export interface Readiness {
  /** Rejects when the store cannot be used. */
  ping: () => Promise<void>;
  isStopping: () => boolean;
}

export const healthController = ({ ping, isStopping }: Readiness) =>
  new Elysia({ name: "health", tags: ["Operation"] })
    .get("/health", () => ({ status: "ok" as const }), { detail: { summary: "Is the process alive" } })
    .get(
      "/ready",
      async ({ set }) => {
        const store = await ping().then(
          () => "ok",
          (error: unknown) => describeError(error),
        );
        const workers = isStopping() ? "stopping" : "ok";
        const isReady = store === "ok" && workers === "ok";
        set.status = isReady ? 200 : 503;
        return { status: isReady ? ("ready" as const) : ("not-ready" as const), store, workers };
      },
      { detail: { summary: "Can it take messages: the store and the workers" } },
    );
