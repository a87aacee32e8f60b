/** An order from the catalogue. Quantities and prices sometimes arrive as text (facts §2.8). */
import type { MessageContent, OrderItem } from "./inbound-content";
import { compact, idOf, type JsonObject, listOf, numberOf, objectOf, textOf } from "./json-value";

export function readOrder(data: JsonObject): MessageContent {
  const items = listOf(data.product_items).flatMap((value): OrderItem[] => {
    const item = objectOf(value);
    if (!item) return [];
    return [
      compact<OrderItem>({
        productRetailerId: idOf(item.product_retailer_id),
        quantity: numberOf(item.quantity),
        price: numberOf(item.item_price),
        currency: textOf(item.currency),
      }),
    ];
  });
  const text = textOf(data.text);
  const payload = compact({ catalogId: idOf(data.catalog_id), text, items, total: totalOf(items) });
  return { type: "order", text: [text, ...items.map(describe)].filter(Boolean).join("\n"), payload, attachments: [] };
}

/** The sum of the items when each has a price and all share one currency. Rounded to four decimals: prices are floats. */
function totalOf(items: readonly OrderItem[]): number | undefined {
  if (items.length === 0 || items.some((item) => item.price === undefined || item.currency !== items[0]?.currency))
    return undefined;
  const sum = items.reduce((total, item) => total + (item.price ?? 0) * (item.quantity ?? 1), 0);
  return numberOf(Math.round(sum * 10_000) / 10_000);
}

function describe({ productRetailerId, quantity = 1, price, currency }: OrderItem): string {
  const cost = price === undefined ? "" : ` (${[price, currency].filter((part) => part !== undefined).join(" ")})`;
  return `${quantity} x ${productRetailerId ?? "?"}${cost}`;
}
