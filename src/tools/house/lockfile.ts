/**
 * Keeps package-lock.json complete. npm leaves out the packages of other platforms when it cannot read them from its registry,
 * and `npm ci` then refuses the file on every machine. What their parents say about them is enough to put them back.
 */

export interface LockEntry {
  version?: string;
  dev?: boolean;
  optional?: boolean;
  os?: string[];
  cpu?: string[];
  libc?: string[];
  dependencies?: Record<string, string>;
  optionalDependencies?: Record<string, string>;
}
export interface Lockfile {
  packages: Record<string, LockEntry>;
}

/** Optional packages that some entry names and that have no entry themselves: where they belong, and what is known of them. */
export function missingOptional({ packages }: Lockfile): Map<string, LockEntry> {
  const missing = new Map<string, LockEntry>();
  for (const [path, entry] of Object.entries(packages))
    for (const [name, version] of Object.entries(entry.optionalDependencies ?? {})) {
      if (isResolved(packages, path, name)) continue;
      missing.set(`node_modules/${name}`, { version, ...(entry.dev ? { dev: true } : {}), optional: true, ...platformOf(name) });
    }
  return missing;
}

/** What is wrong with a lockfile, each as one sentence that says what to do. */
export function checkLockfile(text: string): string[] {
  // Where a package came from is the business of each installation; the checksum says that it is the right one.
  const addresses = /"resolved":\s*"https?:/.test(text)
    ? ['package-lock.json has "resolved" addresses: run npm install with --omit-lockfile-registry-resolved']
    : [];
  const missing = [...missingOptional(JSON.parse(text) as Lockfile).keys()].map(
    (path) => `package-lock.json lacks ${path}, so npm ci refuses it: run bun src/tools/lockfile.ts`,
  );
  return [...addresses, ...missing];
}

/** The lockfile with those entries, in npm's order. Versions must be exact, as platform packages' are. */
export function completed<T extends Lockfile>(lockfile: T): T {
  const missing = missingOptional(lockfile);
  for (const [path, { version }] of missing)
    if (!/^\d+\.\d+\.\d+[\w.+-]*$/.test(version ?? ""))
      throw new Error(`${path} is named without an exact version (${version}).`);
  const packages = Object.fromEntries(
    [...Object.entries(lockfile.packages), ...missing].sort(([a], [b]) => a.localeCompare(b, "en")),
  );
  return { ...lockfile, packages };
}

/** As Node resolves: beside the package that names it, or in any node_modules above. */
function isResolved(packages: Lockfile["packages"], path: string, name: string): boolean {
  for (let at = path; ; at = at.slice(0, Math.max(0, at.lastIndexOf("/node_modules/")))) {
    if (packages[`${at === "" ? "" : `${at}/`}node_modules/${name}`]) return true;
    if (at === "") return false;
  }
}

const OS = ["linux", "darwin", "win32", "freebsd", "openharmony", "android"];
const CPU = ["arm64", "x64", "ia32", "riscv64", "ppc64", "s390x", "wasm32", "arm"];

/** What the name of a platform package says: `cli-linux-x64-musl`, `binding-linux-arm-gnueabihf`. */
function platformOf(name: string): Pick<LockEntry, "os" | "cpu" | "libc"> {
  const words = name.slice(name.lastIndexOf("/") + 1).split("-");
  const os = OS.find((word) => words.includes(word));
  const cpu = CPU.find((word) => words.includes(word));
  const libc = words.some((word) => word.startsWith("musl"))
    ? "musl"
    : words.some((word) => word.startsWith("gnu"))
      ? "glibc"
      : null;
  return { ...(cpu ? { cpu: [cpu] } : {}), ...(libc ? { libc: [libc] } : {}), ...(os ? { os: [os] } : {}) };
}
