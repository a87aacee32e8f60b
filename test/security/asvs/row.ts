/** One requirement of OWASP ASVS 4.0.3, level 2: what it asks, in our words, and how it is met here. */

export interface Row {
  id: string;
  asks: string;
  /** `test`: a test does it. `check`: done beside the table. `words`: nothing to execute. `gap`: not met, and why. */
  kind: "test" | "check" | "words" | "gap";
  /** File and title of tests. */
  tests?: readonly (readonly [file: string, title: string])[];
  /** Name of a function in checks.ts. */
  check?: string;
  words?: string;
}

const HOMES: Readonly<Record<string, string>> = {
  auth: "test/features/auth.api.test.ts",
  people: "test/features/auth-people.api.test.ts",
  strength: "test/features/agents/password-strength.test.ts",
  told: "test/features/auth/mail-outbox.test.ts",
  sso: "test/features/auth/single-sign-on.test.ts",
  agents: "test/features/agents/agents.api.test.ts",
  roles: "test/features/roles/roles.api.test.ts",
  keys: "test/features/api-keys/api-keys.api.test.ts",
  audit: "test/features/audit/audit.api.test.ts",
  settings: "test/features/settings/settings.api.test.ts",
  retention: "test/features/retention/retention.api.test.ts",
  erase: "test/features/data-protection/erase.api.test.ts",
  rotation: "test/features/data-protection/key-rotation.test.ts",
  box: "test/features/channels/credential-box.test.ts",
  routes: "test/security/routes.test.ts",
  reach: "test/security/reach.test.ts",
  fuzz: "test/security/fuzz.test.ts",
  bodies: "test/security/hostile-bodies.test.ts",
  files: "test/security/hostile-files.test.ts",
  headers: "test/security/headers.test.ts",
  canary: "test/security/canary.test.ts",
  personal: "test/security/personal-data.test.ts",
  dependencies: "test/security/dependencies.test.ts",
  edge: "test/http/edge.test.ts",
  errors: "test/http/errors.test.ts",
  live: "test/http/live.test.ts",
  once: "test/http/idempotency.test.ts",
  static: "test/http/static.test.ts",
  webhook: "test/http/webhook.test.ts",
  url: "test/core/url-guard.test.ts",
  log: "test/core/log.test.ts",
  id: "test/core/id.test.ts",
  secrets: "test/config/secrets.test.ts",
  env: "test/config/env.test.ts",
  lock: "test/store/data-dir-lock.test.ts",
  upload: "test/features/media/media-upload.test.ts",
  inbound: "test/features/media/media-inbound.test.ts",
  faults: "test/features/media/media-faults.test.ts",
  policy: "test/e2e/content-policy.e2e.ts",
  injection: "test/ai/injection.test.ts",
  house: "test/architecture.test.ts",
  lockfile: "test/tools/lockfile.test.ts",
  docker: "test/tools/dockerfile.test.ts",
  smoke: "test/binary/smoke.test.ts",
  inbox: "test/e2e/inbox.e2e.ts",
};

/** Met by these tests, each as `home: title`. */
export const tested = (id: string, asks: string, ...names: string[]): Row => ({
  id,
  asks,
  kind: "test",
  tests: names.map((name) => {
    const at = name.indexOf(": ");
    return [HOMES[name.slice(0, at)] ?? name.slice(0, at), name.slice(at + 2)] as const;
  }),
});
export const checked = (id: string, asks: string, check: string): Row => ({ id, asks, kind: "check", check });
export const words = (id: string, asks: string, how: string): Row => ({ id, asks, kind: "words", words: how });
export const gap = (id: string, asks: string, why: string): Row => ({ id, asks, kind: "gap", words: why });
