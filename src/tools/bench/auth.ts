/** What it costs to know who asks: the same route with and without a permission, by session and by API key, side by side. */
import { Elysia } from "elysia";
import { systemClock } from "../../core/clock";
import { BUILT_IN_ROLES } from "../../core/permissions";
import type { Agent } from "../../features/agents/agent.model";
import { createAccessService } from "../../features/auth/access.service";
import { authPlugin } from "../../features/auth/auth.plugin";
import { timed } from "./store-timing";
import type { Suite } from "./suite";

const AGENT = {
  _id: "a".repeat(24),
  name: "Ana",
  email: "ana@example.com",
  role: "agent",
  isActive: true,
  teams: [],
} as unknown as Agent;
const KEY = `ck_${"k".repeat(43)}`;
const DAY_S = 86_400;

function openServer() {
  const { permissions, reach } = BUILT_IN_ROLES.agent;
  const rights = { permissions: new Set(permissions), reach };
  const actor = { kind: "key" as const, id: "b".repeat(24), name: "Key", role: "agent", teams: [], ...rights };
  const access = createAccessService({
    agents: { findActive: async () => AGENT },
    roles: { rightsOf: () => rights, learn: async () => {} },
    sessions: { isAlive: async () => true },
    keys: { resolve: async () => ({ actor, endsAt: Number.POSITIVE_INFINITY }), find: async () => actor, touch: () => {} },
    news: { listen: () => () => {} },
    clock: systemClock,
    isAlone: true,
  });
  const plugin = authPlugin({ access, accessSecret: "a secret of the benchmark of some length", proxies: 0 });
  return new Elysia()
    .use(plugin)
    .get("/open", () => "ok")
    .get("/guarded", ({ actor: { id } }) => id, { permission: "contacts.read" });
}

export const auth: Suite = {
  summary: "what authentication adds to a request, in microseconds of processor time",
  flags: { requests: 20_000, rounds: 7 },
  quick: { requests: 200, rounds: 1 },
  async run({ flags: { requests = 0, rounds = 0 }, tell }) {
    const server = openServer();
    const exp = Math.floor(systemClock.now() / 1000) + DAY_S;
    const token = await server.decorator.accessJwt.sign({ sub: AGENT._id, sid: "c".repeat(24), exp });
    const cases = { open: ["/open", token], session: ["/guarded", token], key: ["/guarded", KEY] } as const;
    const samples: Record<string, number[]> = { open: [], session: [], key: [] };
    for (let round = 0; round <= rounds; round++)
      for (const [name, [path, bearer]] of Object.entries(cases)) {
        const { cpuMicroseconds } = await timed(requests, async () => {
          for (let index = 0; index < requests; index++) {
            const request = new Request(`http://localhost${path}`, { headers: { authorization: `Bearer ${bearer}` } });
            const { status } = await server.handle(request);
            if (status !== 200) throw new Error(`${path} answered ${status}`);
          }
        });
        // The first round warms up.
        if (round > 0 || rounds === 0) samples[name]?.push(cpuMicroseconds);
      }
    const median = (name: string) =>
      (samples[name] ?? []).sort((a, b) => a - b)[Math.floor((samples[name]?.length ?? 0) / 2)] ?? 0;
    const open = median("open");
    tell(`a route without sign-in      ${open.toFixed(1)} µs`);
    for (const name of ["session", "key"] as const)
      tell(`authentication by ${name.padEnd(10)} +${(median(name) - open).toFixed(1)} µs`);
  },
};
