import { test } from "bun:test";
import { expectIndexesChangeNothing } from "./wide";

test("indexes change no answer and no stored byte", () => expectIndexesChangeNothing(300), 120_000);
