/** Migrates a file and dies: in the middle of the last step (`inside`), or right after the whole of it (`after`). */
import { Connection } from "../../src/store/embedded/storage/connection";
import { FORMAT_STEPS, migrate } from "../../src/store/embedded/storage/format";

const [file, moment] = process.argv.slice(2);
const die = () => process.kill(process.pid, "SIGKILL");
const writer = new Connection({ file: file!, readonly: false, cacheKib: 256 });
if (moment === "after") migrate(writer);
else {
  migrate(writer, [
    ...FORMAT_STEPS.slice(0, -1),
    (connection) => {
      FORMAT_STEPS.at(-1)!(connection);
      // More than the cache holds: part of it reaches the disk before the commit.
      for (let i = 0; i < 500; i++)
        connection.run("INSERT INTO _view(ns, options) VALUES(?, ?)", `t.v${i}`, new Uint8Array(4_096));
      die();
    },
  ]);
}
die();
