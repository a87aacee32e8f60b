/** The long form of crash.test.ts. */
import { test } from "bun:test";
import { crashRounds } from "./crash";

test("100 rounds of kill -9", () => crashRounds(100), 1_200_000);
