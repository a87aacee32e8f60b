/** The rules of custom attributes: which there are, and whether what a contact is given fits them. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { type ErrorDetail, fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { AttributeDefinition, AttributeModel } from "./attribute.model";
import type { AttributePatch, AttributeValues, AttributeView, NewAttribute } from "./attribute.schema";
import { type AttributeValue, type Checked, checkValue } from "./attribute-value";

export { AttributeValues } from "./attribute.schema";
export type { AttributeValue };

export interface AttributeService {
  listAttributes(): Promise<AttributeView[]>;
  createAttribute(attribute: NewAttribute): Promise<AttributeView>;
  patchAttribute(id: string, patch: AttributePatch): Promise<AttributeView>;
  /** The definition goes. What contacts have of it stays with them and can only be taken away. */
  removeAttribute(id: string): Promise<void>;
  /** The definitions as they are now, by key. */
  load(session?: ClientSession): Promise<AttributeSet>;
}

/** The definitions of one moment: for one contact, or for all rows of a file. */
export interface AttributeSet {
  readonly definitions: ReadonlyMap<string, AttributeDefinition>;
  check(key: string, value: string | number | boolean): Checked;
  /** `before` with the values that were given; null takes one away. Throws `attribute.invalid`. */
  merge(before: Readonly<Record<string, AttributeValue>>, given: AttributeValues): Record<string, AttributeValue>;
}

const MOST_ATTRIBUTES = 200;

export function createAttributeService({
  attributes,
  log,
  clock,
}: {
  attributes: AttributeModel;
  log: EventLog;
  clock: Clock;
}): AttributeService {
  const now = () => new Date(clock.now());
  const tell = ({ emit }: Change, attribute: AttributeDefinition): AttributeView => {
    const view = toAttributeView(attribute);
    emit("attribute:updated", { attribute: view });
    return view;
  };

  return {
    async listAttributes() {
      const rows = (await attributes.find({}).sort({ key: 1 }).limit(MOST_ATTRIBUTES).lean()) as AttributeDefinition[];
      return rows.map(toAttributeView);
    },

    async createAttribute({ key, name, description = "", type, options = [] }) {
      assertOptions(type, options);
      return log.change(async (change) => {
        const { session } = change;
        if (await attributes.collection.findOne({ key }, { session })) throw fail("attribute.exists");
        if ((await attributes.collection.countDocuments({}, { session, limit: MOST_ATTRIBUTES })) >= MOST_ATTRIBUTES)
          throw fail("attribute.too-many");
        const at = now();
        const made = { _id: newId(clock.now()), key, name, description, type, options, createdAt: at, updatedAt: at };
        await attributes.collection.insertOne(made as never, { session });
        return tell(change, made);
      });
    },

    async patchAttribute(id, patch) {
      return log.change(async (change) => {
        const before = (await attributes.collection.findOne({ _id: id as never }, { session: change.session })) as unknown;
        if (!before) throw fail("attribute.not-found");
        const after = { ...(before as AttributeDefinition), ...patch, updatedAt: now() };
        assertOptions(after.type, after.options);
        const { _id, ...fields } = after;
        await attributes.collection.replaceOne({ _id: _id as never }, fields as never, { session: change.session });
        return tell(change, after);
      });
    },

    async removeAttribute(id) {
      await log.change(async ({ session, emit }) => {
        const { deletedCount } = await attributes.collection.deleteOne({ _id: id as never }, { session });
        if (deletedCount === 0) throw fail("attribute.not-found");
        emit("attribute:removed", { attribute: id });
      });
    },

    async load(session) {
      const rows = (await attributes
        .find({}, null, session ? { session } : {})
        .limit(MOST_ATTRIBUTES)
        .lean()) as AttributeDefinition[];
      return attributeSet(rows);
    },
  };
}

export function attributeSet(rows: readonly AttributeDefinition[]): AttributeSet {
  const definitions = new Map(rows.map((row) => [row.key, row]));
  const check = (key: string, value: string | number | boolean): Checked => {
    const definition = definitions.get(key);
    return definition ? checkValue(definition, value) : { problem: `There is no attribute "${key}".` };
  };
  return {
    definitions,
    check,
    merge(before, given) {
      const after = { ...before };
      const problems: ErrorDetail[] = [];
      for (const [key, value] of Object.entries(given)) {
        if (value === null) {
          delete after[key];
          continue;
        }
        const checked = check(key, value);
        if ("problem" in checked) problems.push({ path: `body.attributes.${key}`, message: checked.problem });
        else after[key] = checked.value;
      }
      if (problems.length > 0) throw fail("attribute.invalid", { details: problems });
      return after;
    },
  };
}

function assertOptions(type: AttributeDefinition["type"], options: readonly string[]): void {
  const problem =
    type === "list" && options.length === 0
      ? "a list needs options to choose from"
      : type !== "list" && options.length > 0
        ? "only a list has options"
        : null;
  if (problem) throw fail("request.invalid", { details: [{ path: "body.options", message: problem }] });
}

const toAttributeView = ({ _id, key, name, description, type, options, createdAt }: AttributeDefinition): AttributeView => ({
  id: _id,
  key,
  name,
  description,
  type,
  options,
  createdAt: createdAt.toISOString(),
});
