/** The phone simulator behind sign-in; where the sandbox is off, every one of its addresses says so. */
import { Elysia } from "elysia";
import { sandboxController } from "../channels/whatsapp/sandbox/sandbox.controller";
import type { SandboxGraph } from "../channels/whatsapp/sandbox/sandbox-graph";
import { fail } from "../core/errors";
import type { AuthPlugin } from "../features/auth/auth.plugin";

type SandboxController = ReturnType<typeof sandboxController>;

const offController = () =>
  new Elysia({ name: "sandbox", prefix: "/sandbox" })
    .all("/", () => {
      throw fail("sandbox.off");
    })
    .all("/*", () => {
      throw fail("sandbox.off");
    }) as unknown as SandboxController;

export const sandboxRoutes = (auth: AuthPlugin, sandbox: SandboxGraph | null) =>
  new Elysia()
    .use(auth)
    .guard({ permission: "sandbox.use" }, (guarded) => guarded.use(sandbox ? sandboxController(sandbox) : offController()));
