/** Templates, numbers, profile, subscription and tokens: our clients against the sandbox's Graph API. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createAccountClient } from "../../../src/channels/whatsapp/account";
import { composeTemplate } from "../../../src/channels/whatsapp/compose";
import type { NoticeEvent } from "../../../src/channels/whatsapp/inbound";
import { fillVariables, variablesIn, viewTemplate } from "../../../src/channels/whatsapp/template-view";
import { createTemplateClient, type NewTemplate } from "../../../src/channels/whatsapp/templates";
import { systemClock } from "../../../src/core/clock";
import { AppError } from "../../../src/core/errors";
import { credentials, openWorld, until, type World } from "./sandbox-world";

let world: World;
const options = () => ({
  baseUrl: world.sandbox.url,
  version: "v26.0",
  accessToken: () => credentials.accessToken,
  clock: systemClock,
  wabaId: credentials.wabaId,
});
beforeAll(async () => {
  world = await openWorld();
});
afterAll(async () => {
  await world[Symbol.asyncDispose]();
});

const refusal = async (work: Promise<unknown>): Promise<string> => {
  try {
    await work;
    return "accepted";
  } catch (error) {
    return error instanceof AppError ? `${error.code}: ${error.message}` : String(error);
  }
};
const body = (text: string, example?: object) => ({ type: "BODY", text, ...(example ? { example } : {}) });
const draft = (name: string, ...components: NewTemplate["components"]): NewTemplate => ({
  name,
  language: "es",
  category: "UTILITY",
  components,
});

describe("templates", () => {
  test("made, reviewed by webhook, sent outside the window, edited, deleted", async () => {
    const templates = createTemplateClient(options());
    const made = await templates.create(draft("cita_lista", body("Hola {{1}}, tu cita está lista.", { body_text: [["Rosa"]] })));
    expect(made).toMatchObject({ status: "PENDING", category: "UTILITY" });
    const review = () =>
      world.door.events.find((event): event is NoticeEvent => event.kind === "notice" && event.name === "template:status");
    expect((await until(review)).payload).toMatchObject({
      event: "APPROVED",
      templateId: made.id,
      templateName: "cita_lista",
      language: "es",
    });

    const rosa = world.sandbox.phones.list()[0]!;
    const send = (values: string[]) =>
      world.graph.send(
        composeTemplate({ to: { waId: rosa.waId! }, template: { name: "cita_lista", language: "es", body: values } }),
      );
    expect(await send(["Rosa"])).toMatchObject({ kind: "accepted" });
    expect(world.sandbox.phones.thread(rosa.id).at(-1)?.content.text).toBe("Hola Rosa, tu cita está lista.");
    expect(await send([])).toMatchObject({ kind: "rejected", error: { code: 132000 } });

    await templates.edit(made.id, { components: [body("Tu cita está lista.")] });
    expect((await templates.list()).find((template) => template.id === made.id)).toMatchObject({
      components: [{ text: "Tu cita está lista." }],
    });
    await templates.remove("cita_lista");
    expect((await templates.list()).map((template) => template.name)).not.toContain("cita_lista");
    expect(await send(["Rosa"])).toMatchObject({ kind: "rejected", error: { code: 132001 } });
  });

  test("a rejected one says so", async () => {
    const templates = createTemplateClient(options());
    const made = await templates.create(draft("please_reject_me", body("Hola")));
    const isOver = () =>
      world.door.events.some(
        (event) => event.kind === "notice" && event.name === "template:status" && event.payload.event === "REJECTED",
      );
    await until(isOver);
    const kept = (await templates.list()).find((template) => template.id === made.id);
    expect(kept).toMatchObject({ status: "REJECTED", rejectedReason: "INVALID_FORMAT" });
  });

  test("all pages are read", async () => {
    const templates = createTemplateClient(options());
    const before = (await templates.list()).length;
    for (let index = 0; index < 105; index++) await templates.create(draft(`serie_${index}`, body("Hola")));
    expect(await templates.list()).toHaveLength(before + 105);
  });

  test("a stopped customer gets no marketing", async () => {
    const templates = createTemplateClient(options());
    await templates.create({ ...draft("oferta", body("Oferta")), category: "MARKETING" });
    await until(() =>
      world.door.events.some(
        (event) => event.kind === "notice" && event.name === "template:status" && event.payload.templateName === "oferta",
      ),
    );
    const rosa = world.sandbox.phones.list()[0]!;
    const send = () =>
      world.graph.send(composeTemplate({ to: { waId: rosa.waId! }, template: { name: "oferta", language: "es" } }));
    await world.sandbox.phones.send(rosa.id, { type: "preference", value: "stop" });
    expect(await send()).toMatchObject({ kind: "rejected", error: { code: 131050, retry: "never" } });
    await world.sandbox.phones.send(rosa.id, { type: "preference", value: "resume" });
    expect(await send()).toMatchObject({ kind: "accepted" });
  });

  const example = { body_text: [["a"]] };
  const refused: [string, NewTemplate][] = [
    ["a name with capitals", draft("Oferta", body("Hola"))],
    ["no body", draft("a", { type: "FOOTER", text: "pie" })],
    ["body of 1025", draft("a", body("x".repeat(1025)))],
    ["a variable without example", draft("a", body("Hola {{1}}, bien"))],
    ["a variable at the end", draft("a", body("Hola {{1}}", example))],
    ["variables out of order", draft("a", body("Hola {{2}}, bien", example))],
    ["header of 61", draft("a", { type: "HEADER", format: "TEXT", text: "x".repeat(61) }, body("Hola"))],
    ["footer of 61", draft("a", body("Hola"), { type: "FOOTER", text: "x".repeat(61) })],
    ["button of 26", draft("a", body("Hola"), { type: "BUTTONS", buttons: [{ type: "QUICK_REPLY", text: "x".repeat(26) }] })],
    [
      "three links",
      draft("a", body("Hola"), {
        type: "BUTTONS",
        buttons: [1, 2, 3].map((n) => ({ type: "URL", text: `${n}`, url: "https://a.example" })),
      }),
    ],
    ["a name that exists", draft("saludo_inicial", body("Hola"))],
  ];
  test.each(refused)("refused: %s", async (_, template) => {
    expect(await refusal(createTemplateClient(options()).create(template))).toStartWith("graph.refused: WhatsApp refused:");
  });

  test("what a template asks for and how it reads", () => {
    const components = [
      { type: "HEADER", format: "TEXT", text: "Para {{1}}", example: { header_text: ["Rosa"] } },
      body("Hola {{nombre}}, pedido {{pedido}}.", {
        body_text_named_params: [
          { param_name: "nombre", example: "Ana" },
          { param_name: "pedido", example: "7" },
        ],
      }),
      { type: "FOOTER", text: "pie" },
      {
        type: "BUTTONS",
        buttons: [
          { type: "QUICK_REPLY", text: "Sí" },
          { type: "URL", text: "Ver", url: "https://a.example/{{1}}", example: ["7"] },
        ],
      },
    ];
    expect(viewTemplate(components)).toEqual({
      headerFormat: "TEXT",
      header: "Para {{1}}",
      body: "Hola {{nombre}}, pedido {{pedido}}.",
      footer: "pie",
      buttons: [
        { type: "QUICK_REPLY", text: "Sí" },
        { type: "URL", text: "Ver", url: "https://a.example/{{1}}" },
      ],
      variables: [
        { part: "header", name: "1", example: "Rosa" },
        { part: "body", name: "nombre", example: "Ana" },
        { part: "body", name: "pedido", example: "7" },
        { part: "button", name: "1", index: 1, example: "7" },
      ],
    });
    expect(variablesIn("{{1}} {{ 2 }} {{1}}")).toEqual(["1", "2"]);
    expect(fillVariables("Hola {{1}}, {{2}}", { 1: "Rosa" })).toBe("Hola Rosa, {{2}}");
  });
});

describe("account", () => {
  test("numbers, profile, registration", async () => {
    const account = createAccountClient(options());
    expect(await account.listNumbers()).toEqual([await account.getNumber(credentials.phoneNumberId)]);
    expect(await account.getNumber(credentials.phoneNumberId)).toMatchObject({
      phoneNumberId: credentials.phoneNumberId,
      displayNumber: credentials.displayNumber,
      quality: "GREEN",
      status: "CONNECTED",
      throughput: "HIGH",
      messagingLimit: "TIER_2K",
    });
    await account.setProfile(credentials.phoneNumberId, { about: "Zapatillas", websites: ["https://a.example"] });
    expect(await account.getProfile(credentials.phoneNumberId)).toMatchObject({
      about: "Zapatillas",
      websites: ["https://a.example"],
    });
    expect(await refusal(account.setProfile(credentials.phoneNumberId, { about: "x".repeat(140) }))).toContain("about");
    await account.register(credentials.phoneNumberId, "123456");
    expect(await refusal(account.register(credentials.phoneNumberId, "12"))).toContain("6 digits");
    expect(await refusal(account.getNumber("999"))).toContain("graph.refused");
  });

  test("the subscription can be looked at, lost and made again", async () => {
    const account = createAccountClient(options());
    expect(await account.isSubscribed()).toBe(true);
    await account.unsubscribe();
    expect(await account.isSubscribed()).toBe(false);
    await account.subscribe({ callbackUrl: "https://a.example/hook", verifyToken: "t" });
    expect(await account.isSubscribed()).toBe(true);
  });

  test("tokens: state, missing permissions, renewal", async () => {
    const account = createAccountClient(options());
    expect(await account.checkToken()).toMatchObject({ valid: true, expiresAt: null, missing: [] });
    const renewed = await account.renewToken({ id: "1", secret: credentials.appSecret });
    expect(renewed.accessToken).toBe(credentials.accessToken);
    expect(renewed.expiresAt).toBeGreaterThan(systemClock.now() + 59 * 86_400_000);
    expect(await refusal(account.renewToken({ id: "1", secret: "wrong" }))).toContain("graph.");
    const wrong = createAccountClient({ ...options(), accessToken: () => "wrong" });
    expect(await refusal(wrong.listNumbers())).toContain("graph.refused");
  });

  test("an API that cannot be reached is a fault that may pass", async () => {
    const account = createAccountClient({ ...options(), baseUrl: "http://127.0.0.1:1" });
    expect(await refusal(account.listNumbers())).toStartWith("graph.unavailable");
  });
});
