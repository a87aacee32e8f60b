/** Replies as WhatsApp shows them. */
import { describe, expect, test } from "bun:test";
import { toWhatsAppText, trimToSentence } from "../../src/ai/whatsapp-text";

describe("markdown becomes WhatsApp's marks", () => {
  test.each([
    ["**bold** and __bold__", "*bold* and *bold*"],
    ["***both***", "*_both_*"],
    ["already *bold*, _italic_, ~gone~", "already *bold*, _italic_, ~gone~"],
    ["~~gone~~", "~gone~"],
    ["## Opening **hours** ##\ntext", "*Opening hours*\ntext"],
    ["[our shop](https://shop.example/a_b_c)", "our shop: https://shop.example/a_b_c"],
    ["[https://a.example](https://a.example)", "https://a.example"],
    ['[docs](https://a.example "title")', "docs: https://a.example"],
    ["![photo](https://a.example/p.jpg)", "https://a.example/p.jpg"],
    ["* one\n+ two\n  * three", "- one\n- two\n  - three"],
    ["1. one\n2. two", "1. one\n2. two"],
    ["a\n\n---\n\nb", "a\n\nb"],
    ["| A | B |\n|---|---|\n| 1 | 2 |", "A · B\n1 · 2"],
    ["a<br>b<br/>c", "a\nb\nc"],
    ["  text  \r\n\r\n\r\n\r\nmore ", "text\n\nmore"],
    ["`**not bold**` but **bold**", "`**not bold**` but *bold*"],
    ["```ts\nconst a = **b**;\n```", "```\nconst a = **b**;\n```"],
    ["see https://a.example/__init__.py", "see https://a.example/__init__.py"],
    ["2 * 3 * 4 = 24 ** no", "2 * 3 * 4 = 24 ** no"],
    ["snake__case__name", "snake__case__name"],
  ])("%j", (markdown, expected) => {
    expect(toWhatsAppText(markdown)).toBe(expected);
  });

  test("shaping twice changes nothing more", () => {
    const once = toWhatsAppText("# T\n**a** [b](https://c.example)\n* d\n\n\n\n| 1 | 2 |");
    expect(toWhatsAppText(once)).toBe(once);
  });
});

test.each([
  ["One. Two. Thr", "One. Two."],
  ["- one\n- two\n- thr", "- one\n- two"],
  ["It costs 3.50 and no", "It costs 3.50 and no…"],
  ["A. Then a very long sentence without an end", "A. Then a very long sentence without an end…"],
])("a cut text ends well: %j", (text, expected) => {
  expect(trimToSentence(text)).toBe(expected);
});
