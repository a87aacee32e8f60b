/** What somebody may listen to, asked when they subscribe and again when their rights change. */
import { type Actor, type Belonging, can, reaches } from "../core/actor";
import { fail } from "../core/errors";
import { COUNTS, INBOX, namedTopic, SANDBOX } from "../events/topics";

export interface Places {
  /** Where a conversation belongs; null when there is none. */
  find(id: string): Promise<Belonging | null>;
}

/** Throws why not. `moves` counts changes of place, so that an answer which was overtaken is asked for again. */
export async function assertMayListen(topic: string, actor: Actor, places: Places, moves: () => number): Promise<void> {
  if (topic === INBOX) return;
  if (topic === COUNTS) {
    if (!can(actor, "conversations.read")) throw fail("live.topic-forbidden");
    return;
  }
  if (topic === SANDBOX) {
    if (!can(actor, "sandbox.use")) throw fail("live.topic-forbidden");
    return;
  }
  const named = namedTopic(topic);
  if (!named) throw fail("live.unknown-topic", { details: [{ path: "topics", message: topic }] });
  const { kind, id } = named;
  if (kind === "agent" && id !== actor.id) throw fail("live.topic-forbidden");
  if (kind === "team" && actor.reach !== "all" && !actor.teams.includes(id)) throw fail("live.topic-forbidden");
  if (kind === "conversation") await assertReaches(id, actor, places, moves);
}

/** Throws `conversation.not-found` unless it exists for them. */
export async function assertReaches(id: string, actor: Actor, places: Places, moves: () => number): Promise<void> {
  if (!can(actor, "conversations.read")) throw fail("live.topic-forbidden");
  if (actor.reach === "all") return;
  for (let before = -1; before !== moves(); ) {
    before = moves();
    const place = await places.find(id);
    if (!place || !reaches(actor, place)) throw fail("conversation.not-found");
  }
}

/** What decides about rooms, to see whether a new actor hears other things than the old one. */
export const hearingOf = ({ permissions, reach, teams }: Actor): string =>
  JSON.stringify([reach, [...teams].sort(), [...permissions].sort()]);
