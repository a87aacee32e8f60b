/** The lockfile check: what makes `npm ci` refuse a file is found, and put back as npm would have written it. */
import { describe, expect, test } from "bun:test";
import { checkLockfile, completed, type LockEntry, missingOptional } from "../../src/tools/house/lockfile";

const lock = (packages: Record<string, LockEntry>) => ({ name: "x", lockfileVersion: 3, packages });
const parent: LockEntry = {
  version: "2.0.0",
  dev: true,
  optionalDependencies: {
    "@p/cli-darwin-arm64": "2.0.0",
    "@p/cli-linux-x64-musl": "2.0.0",
    "@p/cli-linux-arm-gnueabihf": "2.0.0",
    "@p/cli-wasm32-wasi": "2.0.0",
  },
};

describe("missing platform packages", () => {
  test("are named with their platform, as their parent pins them", () => {
    expect(Object.fromEntries(missingOptional(lock({ "": {}, "node_modules/p": parent })))).toEqual({
      "node_modules/@p/cli-darwin-arm64": { version: "2.0.0", dev: true, optional: true, cpu: ["arm64"], os: ["darwin"] },
      "node_modules/@p/cli-linux-x64-musl": {
        version: "2.0.0",
        dev: true,
        optional: true,
        cpu: ["x64"],
        libc: ["musl"],
        os: ["linux"],
      },
      "node_modules/@p/cli-linux-arm-gnueabihf": {
        version: "2.0.0",
        dev: true,
        optional: true,
        cpu: ["arm"],
        libc: ["glibc"],
        os: ["linux"],
      },
      "node_modules/@p/cli-wasm32-wasi": { version: "2.0.0", dev: true, optional: true, cpu: ["wasm32"] },
    });
  });

  test("are not missing when they lie beside their parent or above it", () => {
    const child = { version: "1.0.0", optionalDependencies: { q: "1.0.0" } };
    expect(missingOptional(lock({ "node_modules/a/node_modules/b": child, "node_modules/q": {} })).size).toBe(0);
    expect(missingOptional(lock({ "node_modules/a/node_modules/b": child, "node_modules/a/node_modules/q": {} })).size).toBe(0);
    expect(
      missingOptional(lock({ "node_modules/a/node_modules/b": child, "node_modules/a/node_modules/b/node_modules/q": {} })).size,
    ).toBe(0);
    expect(missingOptional(lock({ "node_modules/a/node_modules/b": child, "node_modules/c/node_modules/q": {} })).size).toBe(1);
  });

  test("are put back in order, the rest stays as it was, a second time changes nothing", () => {
    const before = lock({ "": { version: "0.1.0" }, "node_modules/p": parent, "node_modules/z": { version: "1.0.0" } });
    const after = completed(before);
    expect(Object.keys(after.packages)).toEqual([
      "",
      "node_modules/@p/cli-darwin-arm64",
      "node_modules/@p/cli-linux-arm-gnueabihf",
      "node_modules/@p/cli-linux-x64-musl",
      "node_modules/@p/cli-wasm32-wasi",
      "node_modules/p",
      "node_modules/z",
    ]);
    expect(after.packages["node_modules/p"]).toEqual(parent);
    expect(missingOptional(after).size).toBe(0);
    expect(completed(after)).toEqual(after);
  });

  test("without an exact version nothing is invented", () => {
    expect(() => completed(lock({ "node_modules/a": { optionalDependencies: { b: "^1.0.0" } } }))).toThrow(
      /without an exact version/,
    );
  });
});

test("a lockfile with addresses or gaps is refused with what to do", () => {
  expect(checkLockfile(JSON.stringify(lock({ "node_modules/p": parent })))).toHaveLength(4);
  expect(checkLockfile('{"packages":{"node_modules/a":{"resolved": "https://example.com/a.tgz"}}}')).toEqual([
    expect.stringContaining("addresses"),
  ]);
  expect(checkLockfile('{"packages":{"node_modules/a":{"version":"1.0.0"}}}')).toEqual([]);
});
