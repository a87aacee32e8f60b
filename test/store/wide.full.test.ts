import { test } from "bun:test";
import { expectIndexesChangeNothing } from "./wide";

test("indexes change no answer and no stored byte, in 20,000 cases", () => expectIndexesChangeNothing(20_000), 1_800_000);
