/** A sync to disk happens before each acknowledgement, and one sync serves many writers. */
import { expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { tempDir } from "../helpers/temp-dir";
import { openTestStore } from "./embedded-store";

const STRACE = ["/usr/bin/strace", "/bin/strace"].find((path) => existsSync(path));

test("each acknowledged write follows a sync of the write-ahead log", async () => {
  if (!STRACE) {
    console.info("not run: strace is not installed");
    return;
  }
  using dir = tempDir();
  const trace = join(dir.path, "trace");
  const child = Bun.spawn(
    [
      STRACE,
      "-f",
      "-o",
      trace,
      "-e",
      "trace=write,fsync,fdatasync,pwrite64",
      "-s",
      "60",
      process.execPath,
      join(import.meta.dir, "durable.child.ts"),
      dir.path,
    ],
    { stdout: "pipe", stderr: "pipe" },
  );
  const [printed, problem] = await Promise.all([child.stdout.text(), child.stderr.text()]);
  if ((await child.exited) !== 0 && /ptrace|Operation not permitted/.test(problem)) {
    console.info(`not run: strace may not trace here (${problem.trim().split("\n")[0]})`);
    return;
  }
  expect(printed.split("\n").filter((line) => line.startsWith("ack"))).toHaveLength(10);
  const lines = readFileSync(trace, "utf8").split("\n");
  const events = lines.flatMap((line) =>
    /f(data)?sync\(\d+\)\s+= 0|f(data)?sync resumed.*= 0/.test(line)
      ? ["sync"]
      : (/write\(1, "(ack \d+)/.exec(line)?.slice(1, 2) ?? []),
  );
  const acks = events.filter((event) => event.startsWith("ack"));
  expect(acks).toHaveLength(10);
  for (const [i, event] of events.entries()) if (event.startsWith("ack")) expect([event, events[i - 1]]).toEqual([event, "sync"]);
}, 60_000);

test("writers of one turn share one commit, and each gets its own answer", async () => {
  await using test = await openTestStore();
  const things = test.db.collection<{ _id: string; n?: number }>("things");
  await things.createIndex({ n: 1 }, { unique: true, sparse: true });
  const before = test.engine.queue.commits;
  const answers = await Promise.allSettled(
    Array.from({ length: 50 }, (_, i) => things.insertOne({ _id: `x${i}`, n: i === 30 ? 3 : i })),
  );
  expect(answers.filter(({ status }) => status === "rejected")).toHaveLength(1);
  expect((answers[30] as PromiseRejectedResult).reason.code).toBe(11000);
  expect(await things.countDocuments({})).toBe(49);
  expect(test.engine.queue.commits - before).toBeLessThanOrEqual(3);
});
