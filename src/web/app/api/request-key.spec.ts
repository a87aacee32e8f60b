import { ApiFailure } from "./api-failure";
import { RequestKey } from "./request-key";

describe("the key of a form", () => {
  const failure = (status: number, code = "x") => new ApiFailure("No.", code, status, null);
  let keys: string[];
  let key: RequestKey;
  const send = (body: object, error?: ApiFailure) =>
    key
      .send(body, async (headers) => {
        keys.push(headers["idempotency-key"]);
        if (error) throw error;
        return "done";
      })
      .catch((thrown: unknown) => thrown);
  /** Which of the keys so far are the same, as numbers. */
  const shape = () => keys.map((one) => keys.indexOf(one));

  beforeEach(() => {
    keys = [];
    key = new RequestKey();
  });

  it("stays while nobody knows what became of the request", async () => {
    for (const error of [failure(0), failure(503), failure(409, "request.in-progress")]) await send({ name: "Rosa" }, error);
    expect(await send({ name: "Rosa" })).toBe("done");
    expect(shape()).toEqual([0, 0, 0, 0]);
  });

  it("is another one after an answer, and for another body", async () => {
    const refusal = failure(409, "contact.exists");
    expect(await send({ phone: "1" }, refusal)).toBe(refusal);
    await send({ phone: "1" }, failure(0));
    await send({ phone: "2" }, failure(0));
    await send({ phone: "2" });
    await send({ phone: "2" });
    expect(shape()).toEqual([0, 1, 2, 2, 4]);
  });
});
