/** Two processes on one store without Redis, and with one that goes away: nothing stored is missed. */
import { describe, setDefaultTimeout, test } from "bun:test";
import { type RedisServer, startRedis } from "../helpers/redis-server";
import { until } from "../helpers/until";
import { connect, conversationOf, openTwo, twoProcessCases, wamids } from "./live-processes";

setDefaultTimeout(120_000);

describe("without Redis", () => twoProcessCases(null));

const isInstalled = Bun.which("redis-server") !== null;
if (!isInstalled) console.log("Redis is not installed: losing it is not tested.");

test.skipIf(!isInstalled)(
  "Redis may go and come back: nothing stored is missed, and the passing things go on afterwards",
  async () => {
    const own = (await startRedis()) as RedisServer;
    await using _ = own;
    await using two = await openTwo(own);
    using there = await connect(two.other, two.other.api);
    const write = (count: number) => two.one.receive({ from: "51987730000", id: `wamid.gone.${count}`, text: "hola" });
    await write(1);
    await until(() => wamids(there).length === 1);
    await own.kill();
    await write(2);
    await until(() => wamids(there).length === 2, { what: "a message while Redis is away" });
    await own.start();
    const { id } = await conversationOf(two.one, "51987730000");
    using here = await connect(two.one, two.one.api);
    await until(
      async () => {
        here.send({ type: "typing", conversationId: id, on: true });
        await Bun.sleep(100);
        here.send({ type: "typing", conversationId: id, on: false });
        await here.settle();
        return there.told("typing:indicator").length > 0;
      },
      { within: 30_000, every: 200, what: "typing once Redis is back" },
    );
  },
);
