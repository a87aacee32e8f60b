/**
 * No dependency with a known weakness. npm itself asks the registry, the one question that leaves this machine. Where the registry has
 * no advisories or is out of reach the test says so and passes; with ADVISORIES=required (a CI that can ask) that fails as well. What
 * is found fails always: shown here against registries that answer it, refuse it and are away.
 */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { join } from "node:path";
import { freePort } from "../../src/tools/free-port";

setDefaultTimeout(120_000);
const ROOT = join(import.meta.dir, "../..");

interface Report {
  vulnerabilities?: Record<string, { severity: string; range: string }>;
  error?: { code?: string; summary?: string };
  statusCode?: number;
  message?: string;
}

/** What is known of the dependencies; `unasked`: nobody could be asked, and why. Anything else npm says throws. */
type Outcome = { found: string[] } | { unasked: string };

/** The registry does not know the question, or is not reached from here. */
const AWAY = /\b(ENOAUDIT|ECONNREFUSED|ECONNRESET|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH)\b|network|timeout/i;

async function audit(registry?: string): Promise<Outcome> {
  const npm = Bun.spawn(
    [
      ...["npm", "audit", "--json", "--package-lock-only", "--fetch-retries=0", "--fetch-timeout=20000"],
      ...(registry ? [`--registry=${registry}`] : []),
    ],
    {
      cwd: ROOT,
      // Without the dead proxy that keeps every other test at home.
      env: Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^https?_proxy$/i.test(name))),
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [text, complaints] = await Promise.all([new Response(npm.stdout).text(), new Response(npm.stderr).text(), npm.exited]);
  const report = JSON.parse(text) as Report;
  if (report.vulnerabilities)
    return {
      found: Object.entries(report.vulnerabilities).map(([name, { severity, range }]) => `${name} ${range}: ${severity}`),
    };
  const why = report.message ?? report.error?.summary ?? "";
  const isAway = (report.statusCode ?? 0) >= 400 || AWAY.test(`${report.error?.code} ${why} ${complaints}`);
  if (!isAway) throw new Error(`npm audit: ${text.slice(0, 500)}`);
  return { unasked: why.replace(/https?:\/\/\S+/g, "the registry") || "no reason given" };
}

/** What the test below makes of it: the findings; nothing to say is no finding unless it has to be asked. */
function judge(outcome: Outcome, isRequired: boolean): string[] {
  if ("found" in outcome) return outcome.found;
  console.log(`skipped: the registry's advisories cannot be asked from here (${outcome.unasked})`);
  return isRequired ? [`not asked: ${outcome.unasked}`] : [];
}

test("npm audit finds nothing", async () => {
  expect(judge(await audit(), process.env.ADVISORIES === "required")).toEqual([]);
});

describe("with a registry that", () => {
  const ADVISORY = {
    ...{ id: 1, url: "https://example.com/advisory", title: "of the test", severity: "high" },
    ...{ vulnerable_versions: "*", cwe: [], cvss: { score: 0, vectorString: null } },
  };

  async function against(advisories: object | number): Promise<{ outcome: Outcome; asked: Record<string, string[]> }> {
    let asked: Record<string, string[]> = {};
    const server = Bun.serve({
      hostname: "127.0.0.1",
      port: 0,
      async fetch(request) {
        if (request.method !== "POST" || !request.url.endsWith("/-/npm/v1/security/advisories/bulk"))
          return Response.json({ error: "not found" }, { status: 404 });
        const raw = await request.bytes();
        const isPacked = request.headers.get("content-encoding") === "gzip";
        asked = JSON.parse(new TextDecoder().decode(isPacked ? Bun.gunzipSync(new Uint8Array(raw)) : raw)) as typeof asked;
        return typeof advisories === "number" ? new Response(null, { status: advisories }) : Response.json(advisories);
      },
    });
    try {
      return { outcome: await audit(`http://127.0.0.1:${server.port}`), asked };
    } finally {
      await server.stop(true);
    }
  }

  test("knows of nothing: clean, and every package was asked about", async () => {
    const { outcome, asked } = await against({});
    expect(judge(outcome, true)).toEqual([]);
    expect(Object.keys(asked).length).toBeGreaterThan(100);
    for (const name of ["elysia", "mongoose", "openai", "nodemailer"]) expect(asked[name]?.length).toBeGreaterThan(0);
  });

  test("knows of a weakness: it fails, with the package and how grave it is", async () => {
    const { outcome } = await against({ nodemailer: [ADVISORY] });
    expect(judge(outcome, false).find((one) => one.startsWith("nodemailer "))).toEndWith(": high");
  });

  test("does not answer this: said, and a failure where it has to be asked", async () => {
    const { outcome } = await against(405);
    expect(judge(outcome, false)).toEqual([]);
    expect(judge(outcome, true)).toHaveLength(1);
  });

  test("is away: the same", async () => {
    const outcome = await audit(`http://127.0.0.1:${freePort()}`);
    expect(outcome).toHaveProperty("unasked");
    expect(judge(outcome, true)).toHaveLength(1);
  });
});
