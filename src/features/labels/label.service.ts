/** The rules of labels. A removed one disappears from conversations in the background. */
import type { ClientSession } from "mongoose";
import type { Clock } from "../../core/clock";
import { fail } from "../../core/errors";
import { newId } from "../../core/id";
import type { Change, EventLog } from "../../events/log";
import type { LabelView } from "../../events/view";
import type { Label, LabelModel } from "./label.model";
import type { LabelPatch, NewLabel } from "./label.schema";

export interface LabelService {
  /** All of them, by name. */
  listLabels(): Promise<LabelView[]>;
  createLabel(label: NewLabel): Promise<LabelView>;
  patchLabel(id: string, patch: LabelPatch): Promise<LabelView>;
  /** `also`: takes it off whatever carries it, in the same transaction. */
  removeLabel(id: string, also: (name: string, change: Change) => Promise<unknown>): Promise<void>;
  /** Throws `label.unknown` unless there is a label of each of these names. */
  assertKnown(names: readonly string[], session?: ClientSession): Promise<void>;
}

const MOST_LABELS = 1_000;
const GREY = "#64748b";

export function createLabelService({ labels, log, clock }: { labels: LabelModel; log: EventLog; clock: Clock }): LabelService {
  return {
    async listLabels() {
      return ((await labels.find({}).sort({ name: 1 }).limit(MOST_LABELS).lean()) as Label[]).map(toLabelView);
    },

    async createLabel({ name, color = GREY, description = "" }) {
      const now = new Date(clock.now());
      const label: Label = {
        _id: newId(clock.now()),
        name: name.trim().toLowerCase(),
        color,
        description,
        createdAt: now,
        updatedAt: now,
      };
      return log.change(async ({ session, emit }) => {
        const known = await labels.collection.findOne({ name: label.name }, { session });
        if (known) throw fail("label.exists");
        await labels.collection.insertOne(label as never, { session });
        emit("label:updated", { label: toLabelView(label) });
        return toLabelView(label);
      });
    },

    async patchLabel(id, patch) {
      return log.change(async ({ session, emit }) => {
        const after = (await labels.collection.findOneAndUpdate(
          { _id: id as never },
          { $set: { ...patch, updatedAt: new Date(clock.now()) } },
          { session, returnDocument: "after" },
        )) as unknown as Label | null;
        if (!after) throw fail("label.not-found");
        emit("label:updated", { label: toLabelView(after) });
        return toLabelView(after);
      });
    },

    async removeLabel(id, also) {
      await log.change(async (change) => {
        const { session, emit } = change;
        const removed = (await labels.collection.findOneAndDelete({ _id: id as never }, { session })) as unknown as Label | null;
        if (!removed) throw fail("label.not-found");
        emit("label:removed", { label: id, name: removed.name });
        await also(removed.name, change);
      });
    },

    async assertKnown(names, session) {
      const wanted = [...new Set(names)];
      if (wanted.length === 0) return;
      const found = (await labels.collection
        .find({ name: { $in: wanted } }, session ? { session } : {})
        .toArray()) as unknown as Label[];
      const known = new Set(found.map(({ name }) => name));
      const unknown = wanted.filter((name) => !known.has(name));
      if (unknown.length > 0)
        throw fail("label.unknown", {
          details: unknown.map((name) => ({ path: "label", message: `There is no label "${name}".` })),
        });
    },
  };
}

const toLabelView = ({ _id, name, color, description, createdAt }: Label): LabelView => ({
  id: _id,
  name,
  color,
  description,
  createdAt: createdAt.toISOString(),
});
