/** File systems that can be filled or closed under a running server. Mounting needs root; where we are not, the tests say so. */
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "../helpers/temp-dir";

export interface SmallDisk extends Disposable {
  path: string;
  /** Takes all the room that is left. */
  fill(): void;
  /** Gives the room back. */
  free(): void;
  setReadOnly(isReadOnly: boolean): boolean;
}

const run = (...command: string[]): boolean => Bun.spawnSync(command, { stdout: "ignore", stderr: "ignore" }).success;

/** A disk of its own, a few megabytes in memory. */
export function mountSmallDisk(megabytes: number): SmallDisk {
  const dir = tempDir();
  const ballast = join(dir.path, "ballast");
  if (!run("mount", "-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", dir.path))
    throw new Error("the small disk was not mounted");
  return {
    path: dir.path,
    fill() {
      // Blocks until nothing fits any more; ENOSPC is the aim.
      for (let size = 1 << 20; size >= 4_096; size /= 2)
        for (let more = true; more; )
          more = run("dd", "if=/dev/zero", `of=${ballast}`, `bs=${size}`, "count=1", "oflag=append", "conv=notrunc");
    },
    free: () => rmSync(ballast, { force: true }),
    setReadOnly: (isReadOnly) => run("mount", "-o", `remount,${isReadOnly ? "ro" : "rw"}`, dir.path),
    [Symbol.dispose]() {
      run("umount", "-l", dir.path);
      dir[Symbol.dispose]();
    },
  };
}

/** Why file systems cannot be mounted here; null when they can. */
export function noMounting(): string | null {
  if (process.getuid?.() !== 0) return "mounting a small disk needs root";
  using dir = tempDir();
  const isMounted = run("mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", dir.path);
  if (isMounted) run("umount", dir.path);
  return isMounted ? null : "this machine does not allow mounting";
}

/** Why an open file cannot be closed to writing here; null when it can. */
export function noSealing(): string | null {
  if (process.getuid?.() !== 0) return "sealing a file needs root";
  using dir = tempDir();
  const probe = join(dir.path, "probe");
  writeFileSync(probe, "");
  const isSealed = run("chattr", "+i", probe);
  run("chattr", "-i", probe);
  return isSealed ? null : "this file system cannot seal files";
}

/** Nothing can be written into a sealed file, not even by those who have it open: as when the disk has become read-only. */
export const seal = (paths: readonly string[], isSealed: boolean): boolean => run("chattr", isSealed ? "+i" : "-i", ...paths);
