/** What models cost beyond the built-in table: prices of own contracts, new models, other providers. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

const usd = (description: string) =>
  t.Number({ minimum: 0, maximum: 10_000, description: `${description}, USD per million tokens` });

const Row = t.Object(
  {
    model: t.String({ minLength: 1, maxLength: 120 }),
    effectiveFrom: t.String({ pattern: "^20[0-9]{2}-(0[1-9]|1[0-2])-([0-2][0-9]|3[01])$", description: "First day, in UTC" }),
    source: t.Union([t.Literal("official"), t.Literal("secondary"), t.Literal("assumed")]),
    input: usd("Tokens read"),
    cached: usd("Tokens read from the provider's cache"),
    cacheWrite: usd("Tokens written to its cache for 30 minutes"),
    cacheWrite12h: usd("Tokens written to its cache for 12 hours"),
    output: usd("Tokens written"),
    perMinute: t.Optional(
      t.Number({ minimum: 0, maximum: 100, description: "Sound, USD per minute; absent where tokens are sold" }),
    ),
  },
  { additionalProperties: false },
);

export const assistantPrices = settingGroup({
  name: "assistant-prices",
  title: "Prices of models",
  description:
    "Dated prices of models that speak, read, listen or make vectors; they hold besides and before the built-in ones. What has been counted keeps the price it was counted with.",
  manage: "assistant.manage",
  schema: t.Object({ rows: t.Array(Row, { maxItems: 300, description: "One row for each model and day of a change" }) }),
  defaults: { rows: [] },
  check: ({ rows }) =>
    rows.flatMap(({ input, cached, cacheWrite, cacheWrite12h, output, perMinute = 0 }, index) => {
      const path = `rows.${index}`;
      // Money is counted in whole nano-dollars a token, and a minute.
      if (![input, cached, cacheWrite, cacheWrite12h, output].every((price) => isWhole(price * 1_000)))
        return [{ path, message: "has a price with more than three decimals" }];
      return isWhole(perMinute * 1e6) ? [] : [{ path, message: "has a price a minute with more than six decimals" }];
    }),
});

const isWhole = (number: number): boolean => Math.abs(number - Math.round(number)) < 1e-6;
