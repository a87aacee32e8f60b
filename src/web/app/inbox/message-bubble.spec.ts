import { render, screen } from "@testing-library/angular";
import { deliveryOf, messageOf, replyOf } from "./message.testing";
import { MessageBubble } from "./message-bubble";

describe("MessageBubble", () => {
  it("shows what an assistant's answer took, and how many messages it answers", async () => {
    const aiRun = {
      provider: "sandbox",
      model: "chasqui-sandbox",
      ms: 412,
      fragments: 2,
      inputTokens: 1412,
      cachedTokens: 256,
      outputTokens: 38,
      costMicros: 1100,
      id: null,
      sources: 0,
    };
    const { container } = await render(MessageBubble, { inputs: { message: replyOf({ role: "assistant", aiRun }) } });
    expect(screen.getByText("Assistant · 2 messages answered as one")).toBeTruthy();
    const run = container.querySelector(".run")?.textContent ?? "";
    for (const part of ["chasqui-sandbox", "0.4 s", "38 tokens", "$0.0011"]) expect(run).toContain(part);
  });

  it("leaves the price out when it is not known", async () => {
    const aiRun = {
      provider: "x",
      model: "m",
      ms: 1,
      fragments: 1,
      inputTokens: 1,
      cachedTokens: 0,
      outputTokens: 1,
      costMicros: null,
      id: null,
      sources: 0,
    };
    const { container } = await render(MessageBubble, { inputs: { message: replyOf({ role: "assistant", aiRun }) } });
    expect(container.querySelector(".run")?.textContent).not.toContain("$");
  });

  it("says why a message did not arrive, in the provider's words with its code", async () => {
    const delivery = {
      ...deliveryOf("failed"),
      error: { code: 131047, message: "Re-engagement message", details: "More than 24 hours have passed." },
    };
    await render(MessageBubble, { inputs: { message: replyOf({ delivery }) } });
    expect(screen.getByText(/Re-engagement message More than 24 hours have passed\. \(131047\)/)).toBeTruthy();
  });

  it("gives ticks a word besides their look, and customers no ticks", async () => {
    const { rerender, container } = await render(MessageBubble, {
      inputs: { message: replyOf({ delivery: deliveryOf("read") }) },
    });
    expect(container.querySelector(".tick-read")?.textContent).toBe("read");
    await rerender({ inputs: { message: messageOf() } });
    expect(container.querySelector(".tick")).toBeNull();
  });

  it("shows reactions, and says when a message was changed or withdrawn", async () => {
    const at = "2026-11-20T12:00:00.000Z";
    const { container } = await render(MessageBubble, {
      inputs: { message: messageOf({ reactions: [{ by: "customer", emoji: "👍", at }], editedAt: at, revokedAt: at }) },
    });
    expect(container.querySelector(".reactions [aria-hidden]")?.textContent).toBe("👍");
    expect(container.querySelector(".stamp")?.textContent).toContain("edited");
    expect(screen.getByText("This message was withdrawn")).toBeTruthy();
  });

  it("names a kind that it cannot show", async () => {
    await render(MessageBubble, { inputs: { message: messageOf({ type: "poll", content: "" }) } });
    expect(screen.getByText(/not shown yet \(poll\)/)).toBeTruthy();
  });

  it.each([
    { role: "assistant" as const, canCorrect: true, isOffered: true },
    { role: "assistant" as const, canCorrect: false, isOffered: false },
    { role: "operator" as const, canCorrect: true, isOffered: false },
  ])("offers to correct an answer: $role, allowed $canCorrect -> $isOffered", async ({ role, canCorrect, isOffered }) => {
    const { container, fixture } = await render(MessageBubble, { inputs: { message: replyOf({ role }), canCorrect } });
    const menu = container.querySelector('[popover][aria-label="More for this message"]');
    menu?.dispatchEvent(Object.assign(new Event("toggle"), { newState: "open" }));
    fixture.detectChanges();
    const texts = [...(menu?.querySelectorAll(".menu-item") ?? [])].map((one) => one.textContent?.trim());
    expect(texts).toContain("Forward…");
    expect(texts.includes("Correct this answer")).toBe(isOffered);
  });

  it("shows what a rule has sent as a message with its author and its ticks, and what happened as a line", async () => {
    const rule = { id: "a".padEnd(24, "0"), name: "Bienvenida" };
    const sent = replyOf({ role: "system", content: "Gracias por escribir", rule, delivery: deliveryOf("read") });
    const { container, rerender } = await render(MessageBubble, { inputs: { message: sent } });
    expect(container.querySelector(".bubble")?.textContent).toContain("Gracias por escribir");
    expect(screen.getByText("Rule “Bienvenida”")).toBeTruthy();
    expect(container.querySelector("app-ticks")?.textContent).toContain("read");
    expect(container.querySelector(".event")).toBeNull();
    await rerender({ inputs: { message: { ...sent, rule: null } } });
    expect(screen.getByText("Automatic message")).toBeTruthy();
    const happened = messageOf({
      role: "system",
      direction: "outbound",
      type: "activity",
      content: "Ana took it",
      private: true,
    });
    await rerender({ inputs: { message: happened } });
    expect(container.querySelector(".event")?.textContent).toBe("Ana took it");
    expect(container.querySelector(".bubble")).toBeNull();
  });
});
