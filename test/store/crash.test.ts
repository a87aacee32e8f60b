/** kill -9 in the middle of mixed writes: what was acknowledged is there, transactions are whole, indexes equal documents. */
import { test } from "bun:test";
import { crashRounds } from "./crash";

test("6 rounds of kill -9", () => crashRounds(6), 85_000);
