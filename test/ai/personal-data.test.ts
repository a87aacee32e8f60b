/** What is taken out before a text leaves, and what must stay. */
import { describe, expect, test } from "bun:test";
import { redactPersonalData } from "../../src/ai/personal-data";
import { never, openWorld, turnOf } from "./sandbox-world";

describe("taken out", () => {
  test.each([
    ["mi tarjeta es 4111 1111 1111 1111, vence 12/28", "mi tarjeta es [card number], vence 12/28"],
    ["5500-0000-0000-0004", "[card number]"],
    ["378282246310005", "[card number]"],
    ["IBAN DE89 3704 0044 0532 0130 00 gracias", "IBAN [bank account] gracias"],
    ["GB82WEST12345698765432", "[bank account]"],
    ["CPF 529.982.247-25", "CPF [tax number]"],
    ["meu cpf 52998224725", "meu cpf [tax number]"],
    ["mi contraseña es tulipan99", "mi contraseña es [secret]"],
    ["password: hunter2!", "password: [secret]"],
    ['senha é "minha casa"', "senha é [secret]"],
    ["el código es 482913", "el código es [secret]"],
    ["your verification code is 48291", "your verification code is [secret]"],
    ["PIN: 1234", "PIN: [secret]"],
    ["cvv=123", "cvv=[secret]"],
  ])("%j", (text, expected) => {
    expect(redactPersonalData(text)).toBe(expected);
    expect(redactPersonalData(expected)).toBe(expected);
  });
});

describe("left alone", () => {
  test.each([
    "¿Abren hoy?",
    "mi número es +52 1 55 1234 5678",
    "5491123456789",
    "5215512345678 es mi WhatsApp",
    "pedido 1234567890123456",
    "son 4.111.111,50 pesos",
    "el código es PROMO2026",
    "código postal: 15001",
    "la clave es la paciencia",
    "the code is wrong",
    "111.111.111-11",
    "DE00 3704 0044 0532 0130 00",
    "4111 1111 1111 1112",
    "del 20/11/2026 a las 15:30",
    "507f1f77bcf86cd799439011",
  ])("%j", (text) => {
    expect(redactPersonalData(text)).toBe(text);
  });
});

test("as an option of the assistant, nothing of it reaches the provider", async () => {
  await using world = await openWorld();
  await world
    .assistantOn("responses", {}, redactPersonalData)
    .reply(turnOf(["mi tarjeta es 4111 1111 1111 1111", "mi contraseña es tulipan99"]), never());
  const sent = JSON.stringify(world.sandbox.requests);
  expect(sent).toContain("[card number]");
  for (const secret of ["4111", "tulipan99"]) expect(sent).not.toContain(secret);
});
