/** Asks one route as one caller, and says what is wrong with the answer. */
import type { Rule } from "../route-table";
import { type Caller, KINDS, type Kind, type Marker, mayKnow, type Place } from "./marker";
import type { Content } from "./row";
import type { ContentWorld, Target } from "./world";

/** What these open is about every conversation at once: they are nothing to somebody who reaches a part. */
const COMPANY_WIDE: readonly Rule[] = ["contacts.erase", "automation.manage", "audit.read", "dead-letters.manage"];

/** Whether the caller gets at what the target is. */
function reaches({ reaches: places, person }: Caller, { whose }: Target): boolean {
  if (whose === "company") return true;
  return places.has(whose as Place) || whose === person;
}

function isAllowed({ may, person, token }: Caller, rule: Rule): boolean {
  if (rule === "anybody" || rule === "meta") return true;
  if (rule === "person") return person !== null;
  return token !== null && may.has(rule);
}

/** Whether the caller gets an answer, and no refusal. */
export const gets = (caller: Caller, rule: Rule, content: Content, target: Target | null): boolean =>
  isAllowed(caller, rule) &&
  (caller.person !== null || !content.isForPeople) &&
  (caller.may.has("conversations.read") || !content.needsReading) &&
  (target === null || reaches(caller, target) || (content.isOpenToAll && caller.seesAll)) &&
  (caller.seesAll || !(content.isForAllOnly || COMPANY_WIDE.includes(rule)));

const pathTo = (path: string, target: Target | null): string =>
  path.replace(/:(\w+)/g, (_, name: string) => encodeURIComponent(target?.params?.[name] ?? target?.id ?? ""));

let count = 0;

export async function ask(
  world: ContentWorld,
  route: string,
  content: Content,
  caller: Caller,
  target: Target | null,
): Promise<{ status: number; text: string; sent: string }> {
  const [method = "", path = ""] = route.split(" ");
  const query = typeof content.query === "function" ? content.query(world, target) : content.query;
  const body = typeof content.body === "function" ? content.body(world, target, ++count) : content.body;
  const to = `/api/v2${pathTo(path, target)}${query ? `?${query}` : ""}`;
  const response = await fetch(world.app.url + to, {
    method,
    redirect: "manual",
    headers: {
      ...(caller.token ? { authorization: `Bearer ${caller.token}` } : {}),
      ...(body === undefined ? {} : { "content-type": content.type ?? "application/json" }),
    },
    ...(body === undefined ? {} : { body: content.type ? String(body) : JSON.stringify(body) }),
  });
  if (content.takes) await world.putBack();
  const text = `${[...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n")}\n${await response.text()}`;
  return { status: response.status, text, sent: decodeURIComponent(to) + JSON.stringify(body ?? "") };
}

/** What of a kind has to be there: of the thing that was asked about, or all that the caller may know. */
function wanted({ markers }: ContentWorld, kind: Kind, caller: Caller, target: Target | null): Marker[] {
  const { of } = KINDS[kind];
  return markers.filter((marker) => {
    if (marker.kind !== kind || !mayKnow(caller, marker)) return false;
    if (of === "person") return target ? marker.whose === target.whose : marker.whose === caller.person;
    return of === "place" && target && target.whose !== "company" ? marker.whose === target.whose : true;
  });
}

/** What is wrong; nothing, as a rule. */
export async function problemsOf(
  world: ContentWorld,
  route: string,
  rule: Rule,
  content: Content,
  caller: Caller,
  target: Target | null,
): Promise<string[]> {
  const { status, text, sent } = await ask(world, route, content, caller, target);
  const here = `${route} as ${caller.name}${target ? ` about ${target.whose}'s` : ""}: ${status}`;
  const told = world.markers.filter((marker) => text.includes(marker.text) && !sent.includes(marker.text));
  const name = ({ kind, whose }: Marker) => `${kind} of ${whose}`;
  if (!gets(caller, rule, content, target)) {
    const isRefused = status === 401 || status === 403 || status === 404;
    return [...(isRefused ? [] : [`${here}, wanted a refusal`]), ...told.map((marker) => `${here} tells ${name(marker)}`)];
  }
  const code = /"code":"([\w.-]+)"/.exec(text)?.[1] ?? "";
  if (status >= 300 && !content.mayFail.includes(code) && !(content.mayFail.includes("*") && status < 500 && status !== 403))
    return [`${here} ${text.slice(text.indexOf("\n{"), text.indexOf("\n{") + 400)}`];
  return [
    ...told.filter((marker) => !mayKnow(caller, marker)).map((marker) => `${here} tells ${name(marker)}`),
    ...told
      .filter((marker) => mayKnow(caller, marker) && !content.shows.includes(marker.kind))
      .map((marker) => `${here} tells ${name(marker)}, which its row does not name`),
    ...(status >= 300 ? [] : content.must)
      .flatMap((kind) => wanted(world, kind, caller, target))
      .filter((marker) => !text.includes(marker.text))
      .map((marker) => `${here} does not tell ${name(marker)}`),
  ];
}
