import { ApiFailure } from "../api/api-failure";
import type { Words } from "../i18n/words";
import { withPlaces } from "./failure-places";

describe("where the server found a mistake", () => {
  it("is said as the page counts its lines", () => {
    const words = { t: (key: string, params: Record<string, string | number> = {}) => [key, ...Object.values(params)].join(" ") };
    const paths = [
      "body.actions.1.add",
      "actions.0.agent",
      "body.conditions.all.2",
      "conditions.any.0.all.1.value",
      "body.limit",
    ];
    const failure = new ApiFailure(
      "No.",
      "request.invalid",
      422,
      null,
      paths.map((path) => ({ path, message: "?" })),
    );
    expect(withPlaces(failure, words as Words).details.map(({ path }) => path)).toEqual([
      "rule.place.step 2",
      "rule.place.step 1",
      "rule.place.condition 3",
      "rule.place.condition 1.2",
      "body.limit",
    ]);
  });
});
