/** Where the server found a mistake, as the page counts its lines: `actions.1.add` is step 2. Pure but for the words. */
import { ApiFailure } from "../api/api-failure";
import type { Words } from "../i18n/words";

/** The same failure with its places in words. */
export function withPlaces(failure: ApiFailure, words: Pick<Words, "t">): ApiFailure {
  const details = failure.details.map(({ path, message }) => ({ path: placeOf(path, words), message }));
  return new ApiFailure(failure.message, failure.code, failure.status, failure.requestId, details, failure.isExact);
}

function placeOf(path: string, { t }: Pick<Words, "t">): string {
  const action = /(?:^|\.)actions\.(\d+)/.exec(path);
  if (action) return t("rule.place.step", { number: Number(action[1]) + 1 });
  const condition = /(?:^|\.)conditions\.(?:all|any)\.(\d+)(?:\.(?:all|any)\.(\d+))?/.exec(path);
  if (condition) {
    const inner = condition[2] === undefined ? "" : `.${Number(condition[2]) + 1}`;
    return t("rule.place.condition", { number: `${Number(condition[1]) + 1}${inner}` });
  }
  if (/(?:^|\.)trigger/.test(path)) return t("rule.when");
  if (/(?:^|\.)name$/.test(path)) return t("contact.name");
  return /(?:^|\.)match/.test(path) ? t("sla.match") : path;
}
