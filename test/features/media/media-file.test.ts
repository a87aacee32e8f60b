import { describe, expect, test } from "bun:test";
import { disposition, fileResponse, rangeOf } from "../../../src/features/media/media-file";
import { createTickets } from "../../../src/features/media/media-ticket";

describe("ranges", () => {
  test.each([
    [null, "whole"],
    ["bytes=0-", { start: 0, end: 9 }],
    ["bytes=3-5", { start: 3, end: 5 }],
    ["bytes=3-500", { start: 3, end: 9 }],
    ["bytes=-4", { start: 6, end: 9 }],
    ["bytes=-400", { start: 0, end: 9 }],
    ["bytes=10-", "unsatisfiable"],
    ["bytes=5-3", "unsatisfiable"],
    ["bytes=-", "whole"],
    ["bytes=0-1,4-5", "whole"],
    ["items=0-1", "whole"],
    ["bytes=a-b", "whole"],
  ])("%s", (header, expected) => expect(rangeOf(header, 10)).toEqual(expected as never));
});

describe("names of files", () => {
  test.each([
    [false, "informe.pdf", `attachment; filename="informe.pdf"; filename*=UTF-8''informe.pdf`],
    [true, null, "inline"],
    [false, "   ", "attachment"],
    [false, 'a"; evil="x.html', `attachment; filename="a__ evil=_x.html"; filename*=UTF-8''a%22%3B%20evil%3D%22x.html`],
    [false, "../../etc/passwd", `attachment; filename=".._.._etc_passwd"; filename*=UTF-8''.._.._etc_passwd`],
    [false, "x\r\nset-cookie: a=b", `attachment; filename="x__set-cookie: a=b"; filename*=UTF-8''x__set-cookie%3A%20a%3Db`],
    [false, "gpj.\u202Eexe", `attachment; filename="gpj._exe"; filename*=UTF-8''gpj._exe`],
    [false, "Menú ñ.pdf", `attachment; filename="Men_ _.pdf"; filename*=UTF-8''Men%C3%BA%20%C3%B1.pdf`],
    [false, "\ud800x", `attachment; filename="_x"; filename*=UTF-8''%EF%BF%BDx`],
  ])("%p %j", (isInline, name, expected) => expect(disposition(isInline, name)).toBe(expected));
});

test("If-Range of another file gives the whole, HEAD gives no body, and every header of a page is off", async () => {
  const file = {
    file: new Blob(["0123456789"]),
    size: 10,
    mimeType: "image/png",
    isInline: true,
    filename: null,
    key: "k".repeat(64),
  };
  const ask = (headers: Record<string, string>, method = "GET") =>
    fileResponse(file, new Request("http://localhost/x", { headers, method }));
  expect(ask({ range: "bytes=1-2", "if-range": '"other"' }).status).toBe(200);
  const etag = ask({}).headers.get("etag") ?? "";
  expect(await ask({ range: "bytes=1-2", "if-range": etag }).text()).toBe("12");
  expect(ask({ "if-none-match": `W/"a", ${etag}` }).status).toBe(304);
  const head = ask({}, "HEAD");
  expect([await head.text(), head.headers.get("content-length")]).toEqual(["", "10"]);
});

test("a ticket opens its own file until its hour is over", () => {
  const tickets = createTickets("s".repeat(32));
  const { ticket, expiresAt } = tickets.issue("media-1", 1_000);
  expect(tickets.isValid(ticket, "media-1", expiresAt - 1)).toBe(true);
  expect(tickets.isValid(ticket, "media-1", expiresAt)).toBe(false);
  expect(tickets.isValid(ticket, "media-2", 2_000)).toBe(false);
  expect(tickets.isValid(`9${ticket}`, "media-1", 2_000)).toBe(false);
  expect(createTickets("t".repeat(32)).isValid(ticket, "media-1", 2_000)).toBe(false);
  for (const bad of ["", ".", "x.y", `${expiresAt}.`]) expect(tickets.isValid(bad, "media-1", 2_000)).toBe(false);
});
