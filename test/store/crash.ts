/** Rounds of kill -9 in the middle of mixed writes, and what has to hold after each. */
import { expect } from "bun:test";
import { join } from "node:path";
import { systemClock } from "../../src/core/clock";
import { silentLog } from "../../src/core/log";
import { decode } from "../../src/store/embedded/bson/decode";
import { keyOf } from "../../src/store/embedded/bson/key";
import { Engine } from "../../src/store/embedded/engine";
import { checkIntegrity } from "../../src/store/embedded/storage/integrity";
import { tempDir } from "../helpers/temp-dir";

async function writeAndKill(dir: string, round: number): Promise<string[]> {
  const child = Bun.spawn([process.execPath, join(import.meta.dir, "writer.child.ts"), dir, String(round)], {
    stdout: "pipe",
    stderr: "inherit",
  });
  let printed = "";
  const decoder = new TextDecoder();
  // Killed at another moment each time, once enough was written.
  const enough = 200 + round * 37;
  for await (const chunk of child.stdout) {
    printed += decoder.decode(chunk, { stream: true });
    if (printed.split("\n").length > enough) child.kill("SIGKILL");
  }
  await child.exited;
  expect(child.signalCode).toBe("SIGKILL");
  // The last line may be torn.
  return printed.split("\n").slice(1, -1);
}

/** Every acknowledged write is there, transactions are whole, and index tables equal the documents. */
export async function crashRounds(rounds: number): Promise<void> {
  using dir = tempDir();
  for (let round = 0; round < rounds; round++) {
    const acknowledged = await writeAndKill(dir.path, round);
    expect(acknowledged.length).toBeGreaterThan(100);
    const engine = new Engine({ file: join(dir.path, "chasqui.db"), log: silentLog, clock: systemClock });
    const collection = engine.storage.catalog.find("chasqui.things")!;
    const find = (id: string) => {
      const [row] = engine.storage.writer.rows(`SELECT rid, k, d FROM ${collection.table} WHERE k = ?`, keyOf(id));
      return row ? decode(row.d) : null;
    };
    const deleted = new Set(acknowledged.filter((line) => line.startsWith("delete")).map((line) => line.split(" ")[1]!));
    // The last operation of a lane may have been done without having been acknowledged.
    const pending = new Set<string>();
    const lanes = new Map<string, string>();
    for (const line of acknowledged) {
      const [, id = ""] = line.split(" ");
      lanes.set(id.split("-")[1]!.replace(/^([ab])\d+$/, "$1"), id);
    }
    for (const id of lanes.values()) pending.add(id);
    for (const line of acknowledged) {
      const [verb, id = "", other = ""] = line.split(" ");
      if (verb === "insert" && !deleted.has(id) && !pending.has(id)) expect([line, find(id) !== null]).toEqual([line, true]);
      if (verb === "update" && !deleted.has(id) && !pending.has(id)) expect([line, find(id)?.get("n")]).toEqual([line, -1]);
      if (verb === "delete") expect([line, find(id)]).toEqual([line, null]);
      if (verb === "pair") expect([line, find(id) !== null, find(other) !== null]).toEqual([line, true, true]);
    }
    for (const row of engine.storage.writer.rows(`SELECT rid, k, d FROM ${collection.table}`)) {
      const pair = decode(row.d).get("pair");
      if (typeof pair === "string") expect(find(pair.slice(pair.length / 2))).not.toBeNull();
    }
    expect(checkIntegrity(engine.storage)).toEqual([]);
    await engine.close();
  }
}
