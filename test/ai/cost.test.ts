/** Money to the micro-dollar. */
import { describe, expect, test } from "bun:test";
import type { Usage } from "../../src/ai/ai-port";
import { CostMeter, costMicros, findPrice } from "../../src/ai/cost";
import { PRICE_TABLE, type PriceRow } from "../../src/ai/price-table";

const NOW = Date.UTC(2026, 10, 20);
const usage = (more: Partial<Usage>): Usage => ({
  input: 0,
  cached: 0,
  cacheWrite: 0,
  cacheWrite12h: 0,
  output: 0,
  reasoning: 0,
  ...more,
});
const priceOf = (model: string): PriceRow => findPrice(model, NOW)!;

describe("one call", () => {
  test.each<[string, Partial<Usage>, number]>([
    ["gpt-6-luna", { input: 200_000 }, 20_000],
    ["gpt-6-luna", { output: 1_000_000 }, 500_000],
    ["gpt-6-luna", { input: 200_000, cached: 200_000 }, 2_000],
    // 2,400 plain at 0.1, 1,500 cached at 0.01, 100 written at 0.125, 200 out at 0.5: 240 + 15 + 12.5 + 100.
    ["gpt-6-luna", { input: 4_000, cached: 1_500, cacheWrite: 100, output: 200, reasoning: 150 }, 368],
    // 12-hour writes cost two and a half times the input price.
    ["gpt-6.1-terra", { input: 1_000, cacheWrite: 1_000, cacheWrite12h: 400 }, 600 * 1.25 + 400 * 2.5],
    ["gpt-6.1-terra", { input: 272_000, output: 1_000 }, 277_000],
    // Above 272,000 tokens input counts twice and output one and a half times.
    ["gpt-6.1-terra", { input: 272_001, output: 1_000 }, 544_002 + 7_500],
    ["gpt-6-luna-2026-09-22", { input: 200_000 }, 20_000],
    ["chasqui-sandbox", { input: 1_000_000, output: 1_000_000 }, 0],
    ["gpt-6-luna", { input: 5 }, 1],
    ["gpt-6-luna", { input: 4 }, 0],
  ])("%s %j costs %d", (model, tokens, micros) => {
    expect(costMicros(usage(tokens), priceOf(model))).toBe(micros);
  });

  test("reasoning is part of the output and never counted twice", () => {
    const price = priceOf("gpt-6-luna");
    expect(costMicros(usage({ output: 100, reasoning: 90 }), price)).toBe(costMicros(usage({ output: 100 }), price));
  });
});

describe("the table", () => {
  test("an unknown model has no price, nor has one before its time", () => {
    expect(findPrice("llama-4", NOW)).toBeNull();
    expect(findPrice("gpt-6-luna-turbo", NOW)).toBeNull();
    expect(findPrice("gpt-6-luna", Date.UTC(2026, 8, 21))).toBeNull();
  });

  test("a later row replaces an earlier one from its day on", () => {
    const old = priceOf("gpt-6-luna");
    const table = [{ ...old, effectiveFrom: "2027-01-01", input: 0.2 }, old];
    expect(findPrice("gpt-6-luna", Date.UTC(2026, 11, 31, 23, 59), table)?.input).toBe(0.1);
    expect(findPrice("gpt-6-luna", Date.UTC(2027, 0, 1), table)?.input).toBe(0.2);
  });

  test("every row is dated and has at most three decimals, so that nano-dollars are exact", () => {
    for (const row of PRICE_TABLE) {
      expect(Date.parse(row.effectiveFrom)).not.toBeNaN();
      for (const price of [row.input, row.cached, row.cacheWrite, row.cacheWrite12h, row.output]) {
        expect(Math.abs(price * 1000 - Math.round(price * 1000))).toBeLessThan(1e-9);
      }
    }
  });
});

describe("several calls", () => {
  test("are added before they are rounded", () => {
    const meter = new CostMeter();
    for (let call = 0; call < 10; call++) meter.add(usage({ input: 4 }), "gpt-6-luna", NOW);
    expect(meter.micros).toBe(4);
  });

  test("one unknown part makes the whole unknown", () => {
    for (const spoil of [
      (meter: CostMeter) => meter.addUnknown(),
      (meter: CostMeter) => meter.add(null, "gpt-6-luna", NOW),
      (meter: CostMeter) => meter.add(usage({ input: 4 }), "llama-4", NOW),
    ]) {
      const meter = new CostMeter();
      meter.add(usage({ input: 4 }), "gpt-6-luna", NOW);
      spoil(meter);
      meter.add(usage({ input: 4 }), "gpt-6-luna", NOW);
      expect(meter.micros).toBeNull();
    }
  });
});
