/** Which contacts have these attributes, for whoever lists something else by them. */
import type { ContactModel } from "./contact.model";
import { attributeMark } from "./contact-marks";

export interface WantedAttribute {
  key: string;
  value: string | number | boolean;
}

export interface ContactAttributeService {
  /** Ids of the contacts that have all of these, at most `limit`. */
  listIds(wanted: readonly WantedAttribute[], limit: number): Promise<string[]>;
  /** Those of these contacts that have all of them. */
  among(ids: readonly string[], wanted: readonly WantedAttribute[]): Promise<Set<string>>;
}

export function createContactAttributeService({ contacts }: { contacts: ContactModel }): ContactAttributeService {
  const condition = (wanted: readonly WantedAttribute[]) => ({
    $and: wanted.map(({ key, value }) => ({ marks: attributeMark(key, value) })),
  });
  const idsOf = (rows: readonly { _id: string }[]) => rows.map(({ _id }) => _id);
  return {
    listIds: async (wanted, limit) => idsOf(await contacts.find(condition(wanted), { _id: 1 }).limit(limit).lean()),
    among: async (ids, wanted) =>
      new Set(idsOf(await contacts.find({ _id: { $in: [...ids] }, ...condition(wanted) }, { _id: 1 }).lean())),
  };
}
