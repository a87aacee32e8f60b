/** Which published prompt answers a conversation. Pure. */
import { wallOf } from "../../core/time-zone";
import type { AiPrompt, PublishedPrompt } from "./ai-prompt.model";

export interface PromptPlace {
  channel: string;
  team: string | null;
  isOpen: boolean;
  /** Milliseconds since 1970. */
  at: number;
}

export interface ChosenPrompt extends PublishedPrompt {
  prompt: string;
  name: string;
}

const DAY_MS = 86_400_000;
const minutesOf = (time: string): number => Number(time.slice(0, 2)) * 60 + Number(time.slice(3));

function isBetween({ from, to, zone }: NonNullable<AiPrompt["between"]>, at: number): boolean {
  const now = (((wallOf(zone, at) % DAY_MS) + DAY_MS) % DAY_MS) / 60_000;
  const [start, end] = [minutesOf(from), minutesOf(to)];
  return start < end ? start <= now && now < end : start <= now || now < end;
}

function fits(
  { channels, teams, when, between, isPaused, published }: AiPrompt,
  { channel, team, isOpen, at }: PromptPlace,
): boolean {
  if (isPaused || !published) return false;
  if (channels.length > 0 && !channels.includes(channel)) return false;
  if (teams.length > 0 && (team === null || !teams.includes(team))) return false;
  if (when !== "always" && (when === "open") !== isOpen) return false;
  return between === null || isBetween(between, at);
}

/** Team before number before hour, as with opening hours: the one that is meant most exactly. */
const exactness = ({ channels, teams, when, between }: AiPrompt): number =>
  Number(teams.length > 0) * 8 + Number(channels.length > 0) * 4 + Number(between !== null) * 2 + Number(when !== "always");

/** The one that fits most exactly; the older one of two alike. Null: the text of the settings counts. */
export function choosePrompt(prompts: readonly AiPrompt[], place: PromptPlace): ChosenPrompt | null {
  const [best] = prompts
    .filter((one) => fits(one, place))
    .sort((a, b) => exactness(b) - exactness(a) || (a._id < b._id ? -1 : 1));
  return best?.published ? { ...best.published, prompt: best._id, name: best.name } : null;
}
