import { test } from "bun:test";
import { expectSmallReports } from "./memory";

test("reports over 100,000 documents stay below 400 MB", () => expectSmallReports(100_000), 180_000);
