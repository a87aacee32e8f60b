import { deliveryOf, replyOf } from "./message.testing";
import { furtherDelivery, mergeMessage } from "./message-order";

describe("merging two views of one message", () => {
  it("never takes ticks back", () => {
    const read = deliveryOf("read");
    expect(furtherDelivery(read, deliveryOf("sent"))).toBe(read);
    expect(furtherDelivery(deliveryOf("sent"), read)).toBe(read);
    expect(furtherDelivery(read, null)).toBe(read);
    expect(furtherDelivery(null, read)).toBe(read);
  });

  it("lets a later attempt win over a failed earlier one", () => {
    const again = deliveryOf("sending", 2);
    expect(furtherDelivery(deliveryOf("unknown", 1), again)).toBe(again);
    expect(furtherDelivery(again, deliveryOf("failed", 1))).toBe(again);
  });

  it("takes everything else from the newer view", () => {
    const known = replyOf({ delivery: deliveryOf("delivered"), content: "old" });
    const merged = mergeMessage(known, { ...known, content: "new", delivery: deliveryOf("sent") });
    expect(merged.content).toBe("new");
    expect(merged.delivery?.state).toBe("delivered");
  });
});
