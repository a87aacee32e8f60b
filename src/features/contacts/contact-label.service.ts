/** Takes a removed label off contacts, a few in each transaction. What is left to do is stored, so a restart goes on with it. */
import { type Alarm, createAlarm } from "../../core/alarm";
import type { Clock } from "../../core/clock";
import { newId } from "../../core/id";
import type { Log } from "../../core/log";
import type { Change, EventLog } from "../../events/log";
import type { Contact, ContactModel } from "./contact.model";
import type { ContactService } from "./contact.service";
import type { ContactLabelRemovalModel } from "./contact-label-removal.model";
import { labelMark } from "./contact-marks";

export interface ContactLabelService {
  /** Notes, in the transaction that removes the label, that it has to go. */
  takeOff(label: string, change: Change): Promise<void>;
  start(): void;
  stop(): Promise<void>;
}

export interface ContactLabelDeps {
  removals: ContactLabelRemovalModel;
  model: ContactModel;
  contacts: Pick<ContactService, "saveContact">;
  log: EventLog;
  logger: Log;
  clock: Clock;
}

/** A transaction is the time for which a webhook may have to wait. */
const PIECE = 25;

export function createContactLabelService({
  removals,
  model,
  contacts,
  log,
  logger,
  clock,
}: ContactLabelDeps): ContactLabelService {
  const next = () => removals.findOne({}).sort({ _id: 1 }).lean();

  const alarm: Alarm = createAlarm({
    name: "removed labels of contacts",
    soonest: async () => ((await next()) ? new Date(0) : null),
    async ring() {
      const removal = await next();
      if (!removal) return;
      await log.change(async (change) => {
        const { session } = change;
        const found = (await model.collection
          .find({ marks: labelMark(removal.label) }, { session })
          .limit(PIECE)
          .toArray()) as unknown as Contact[];
        for (const contact of found) {
          const labels = contact.labels.filter((label) => label !== removal.label);
          await contacts.saveContact({ ...contact, identityKeys: contact.identityKeys ?? [], labels }, change);
        }
        if (found.length < PIECE) await removals.collection.deleteOne({ _id: removal._id as never }, { session });
      });
    },
    clock,
    log: logger,
  });

  return {
    async takeOff(label, { session }) {
      const removal = { _id: newId(clock.now()), label, createdAt: new Date(clock.now()) };
      await removals.collection.insertOne(removal as never, { session });
      // The transaction is not committed yet; the alarm looks again a moment later.
      clock.timer(AFTER_COMMIT_MS, alarm.look);
    },
    start: () => alarm.look(),
    stop: () => alarm.stop(),
  };
}

const AFTER_COMMIT_MS = 100;
