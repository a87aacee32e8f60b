/** The documents that queries and changes are tried on. */
import { Schema } from "mongoose";
import type { Loose, LooseModel, World } from "./world";

/** Five documents, "a" to "e", with a number, tags, parts, a time and something nested. */
export async function letters(world: World): Promise<LooseModel> {
  const schema = new Schema<Loose>({
    name: String,
    n: Number,
    tags: [String],
    parts: [{ k: String, v: Number }],
    at: Date,
    deep: { x: Number },
  });
  schema.index({ n: 1 });
  const Thing = await world.model(schema, "Lettered");
  await Thing.insertMany(
    ["a", "b", "c", "d", "e"].map((name, i) => ({
      name,
      n: i,
      tags: i % 2 ? ["odd", name] : ["even"],
      parts: [
        { k: name, v: i },
        { k: "z", v: 10 - i },
      ],
      at: new Date(i * 1000),
      deep: { x: i },
    })),
  );
  return Thing;
}
