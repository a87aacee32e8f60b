import { test } from "bun:test";
import { expectSmallReports } from "./memory";

test("reports over 1,000,000 documents stay below 400 MB", () => expectSmallReports(1_000_000), 1_800_000);
