/** What WhatsApp delivered and nobody could make a message of: it lies aside, and its text may name the person. */
import type { PersonalDataModels } from "./erase-messages.service";
import type { PersonalData } from "./personal-data";

const AT_ONCE = 200;

export function undeliveredData({
  inboundEvents,
  contacts,
}: Pick<PersonalDataModels, "inboundEvents" | "contacts">): PersonalData {
  return {
    kind: "undelivered",
    collections: ["inboundEvents"],
    async erase({ contacts: ids }, session) {
      const people = await contacts.find({ _id: { $in: [...ids] } }, { identities: 1 }, { session }).lean();
      // As JSON texts, so that no number is found inside a longer one.
      const names = people.flatMap(({ identities }) => identities.map(({ value }) => JSON.stringify(value)));
      if (names.length === 0) return { count: 0 };
      for (let last: { _id: string; deadAt?: Date } | undefined; ; ) {
        const rows = await inboundEvents
          .find(behind(last) as never, { body: 1, deadAt: 1 }, { session })
          .sort({ deadAt: -1, _id: -1 })
          .limit(AT_ONCE)
          .lean();
        const about = rows.filter(({ body }) => body !== null && names.some((name) => body.includes(name)));
        if (about.length > 0) {
          await inboundEvents.collection.updateMany(
            { _id: { $in: about.map(({ _id }) => _id) as never[] } },
            { $set: { body: null, reason: "erased" }, $unset: { deadAt: "" } } as never,
            { session },
          );
          return { count: about.length };
        }
        if (rows.length < AT_ONCE) return { count: 0 };
        last = rows.at(-1);
      }
    },
  };
}

const behind = (last: { _id: string; deadAt?: Date } | undefined) =>
  last?.deadAt
    ? { $or: [{ deadAt: { $exists: true, $lt: last.deadAt } }, { deadAt: last.deadAt, _id: { $lt: last._id } }] }
    : { deadAt: { $exists: true } };
