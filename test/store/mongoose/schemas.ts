/** Mongoose cases: what schemas demand, add and hide. */
import { describe, expect, test } from "bun:test";
import { Schema } from "mongoose";
import { type Loose, refused, type World } from "./world";

export function schemasCases(world: World): void {
  describe("schemas", () => {
    test("defaults, also functions, and getters and setters", async () => {
      const schema = new Schema({
        a: { type: String, default: "x" },
        b: { type: Number, default: () => 4 },
        mail: { type: String, lowercase: true, trim: true, get: (v: string) => `<${v}>` },
      });
      const Thing = await world.model(schema);
      const { _id } = await Thing.create({ mail: "  A@B.C " });
      expect((await Thing.findById(_id))!.mail).toBe("<a@b.c>");
      expect(await Thing.collection.findOne({ _id })).toMatchObject({ a: "x", b: 4, mail: "a@b.c" });
    });
    test("validators: required, enum, min, max, match, own and asynchronous ones", async () => {
      const schema = new Schema({
        r: { type: String, required: [true, "r is needed"] },
        e: { type: String, enum: ["a", "b"] },
        n: { type: Number, min: 1, max: 3 },
        m: { type: String, match: /^x/ },
        o: { type: Number, validate: { validator: (v: number) => v % 2 === 0, message: "odd" } },
        s: { type: String, validate: async (v: string) => v !== "taken" },
        l: { type: String, minLength: 2, maxLength: 3 },
      });
      const Thing = await world.model(schema);
      const { errors } = await refused(Thing.create({ e: "c", n: 4, m: "y", o: 3, s: "taken", l: "long" }));
      expect(Object.keys(errors).sort()).toEqual(["e", "l", "m", "n", "o", "r", "s"]);
      expect(errors.r.message).toBe("r is needed");
      expect(await Thing.countDocuments()).toBe(0);
    });
    test("validators of updates", async () => {
      const Thing = await world.model(new Schema({ n: { type: Number, max: 3 }, r: { type: String, required: true } }));
      await Thing.create({ n: 1, r: "x" });
      expect((await refused(Thing.updateOne({}, { n: 9 }, { runValidators: true }).exec())).name).toBe("ValidationError");
      expect((await refused(Thing.updateOne({}, { $unset: { r: 1 } }, { runValidators: true }).exec())).name).toBe(
        "ValidationError",
      );
    });
    test("strict: unknown fields are dropped, refused, or kept", async () => {
      const fields = { a: String };
      const [drop, fail, keep] = [
        await world.model(new Schema(fields)),
        await world.model(new Schema(fields, { strict: "throw" })),
        await world.model(new Schema(fields, { strict: false })),
      ] as const;
      expect(
        await drop.create({ a: "1", b: 2 }).then((doc: Loose) => drop.collection.findOne({ _id: doc._id })),
      ).not.toHaveProperty("b");
      expect((await refused(fail.create({ a: "1", b: 2 }))).name).toBe("StrictModeError");
      expect(await keep.create({ a: "1", b: 2 }).then((doc: Loose) => keep.collection.findOne({ _id: doc._id }))).toHaveProperty(
        "b",
        2,
      );
    });
    test("immutable, select: false and alias", async () => {
      const schema = new Schema({
        i: { type: Number, immutable: true },
        s: { type: String, select: false },
        n: { type: String, alias: "name" },
      });
      const Thing = await world.model(schema);
      const doc = await Thing.create({ i: 1, s: "secret", name: "Ana" });
      doc.i = 2;
      await doc.save();
      await Thing.updateOne({ _id: doc._id }, { i: 3 });
      expect(await Thing.findById(doc._id).lean()).toEqual({ _id: doc._id, i: 1, n: "Ana", __v: 0 });
      expect((await Thing.findById(doc._id).select("+s"))!.s).toBe("secret");
      expect((await Thing.findOne(Thing.translateAliases({ name: "Ana" }) as Loose))!.name).toBe("Ana");
    });
    test("timestamps, of the document and of its parts, by save, update, upsert, bulk and insertMany", async () => {
      const part = new Schema({ n: Number }, { timestamps: true });
      const Thing = await world.model(
        new Schema({ n: Number, parts: [part] }, { timestamps: { createdAt: "born", updatedAt: "changed" } }),
      );
      const doc = await Thing.create({ n: 1, parts: [{ n: 1 }] });
      expect([doc.born instanceof Date, doc.parts[0].createdAt instanceof Date]).toEqual([true, true]);
      const before = doc.changed;
      await Bun.sleep(5);
      await Thing.updateOne({ _id: doc._id }, { n: 2 });
      const later = (await Thing.findById(doc._id))!;
      expect([later.changed > before, later.born.getTime() === doc.born.getTime()]).toEqual([true, true]);
      await Thing.updateOne({ _id: doc._id }, { n: 3 }, { timestamps: false });
      expect((await Thing.findById(doc._id))!.changed).toEqual(later.changed);
      await Thing.updateOne({ n: 50 }, { n: 50 }, { upsert: true });
      await Thing.bulkWrite([
        { insertOne: { document: { n: 51 } } },
        { updateOne: { filter: { n: 52 }, update: { n: 52 }, upsert: true } },
      ]);
      await Thing.insertMany([{ n: 53 }]);
      expect(await Thing.countDocuments({ n: { $gte: 50 }, born: { $type: "date" }, changed: { $type: "date" } })).toBe(4);
    });
    test("discriminators share a collection; each sees its own kind", async () => {
      const Base = await world.model(new Schema({ at: Number }, { discriminatorKey: "kind" }));
      const Click = Base.discriminator(`Click${Base.modelName}`, new Schema({ url: String }), "click") as Loose;
      const Sale = Base.discriminator(
        `Sale${Base.modelName}`,
        new Schema({ sum: { type: Number, required: true } }),
        "sale",
      ) as Loose;
      await Click.create({ at: 1, url: "/" });
      await Sale.create({ at: 2, sum: 5 });
      expect((await refused(Sale.create({ at: 3 }))).name).toBe("ValidationError");
      const all = await Base.find().sort({ at: 1 });
      expect(all.map((doc: Loose) => [doc.kind, doc instanceof Click, doc instanceof Sale])).toEqual([
        ["click", true, false],
        ["sale", false, true],
      ]);
      expect([await Click.countDocuments(), await Sale.countDocuments({ sum: 5 }), await Base.countDocuments()]).toEqual([
        1, 1, 2,
      ]);
      await Sale.updateMany({}, { sum: 6 });
      expect(await Base.collection.findOne({ kind: "sale" })).toMatchObject({ sum: 6 });
      expect((await Click.aggregate([{ $group: { _id: null, n: { $sum: 1 } } }]))[0].n).toBe(1);
      await Click.deleteMany({});
      expect(await Base.countDocuments()).toBe(1);
    });
    test("discriminators in arrays", async () => {
      const event = new Schema({ text: String }, { discriminatorKey: "kind", _id: false });
      const schema = new Schema({ events: [event] });
      (schema.path("events") as Loose).discriminator("Clicked", new Schema({ at: Number }, { _id: false }));
      (schema.path("events") as Loose).discriminator(
        "Bought",
        new Schema({ what: { type: String, required: true } }, { _id: false }),
      );
      const Thing = await world.model(schema);
      const { _id } = await Thing.create({
        events: [
          { kind: "Clicked", text: "a", at: "7" },
          { kind: "Bought", what: "hat" },
        ],
      });
      const doc = (await Thing.findById(_id))!;
      expect(doc.events.toObject()).toEqual([
        { kind: "Clicked", text: "a", at: 7 },
        { kind: "Bought", what: "hat" },
      ]);
      doc.events.push({ kind: "Bought" });
      expect((await refused(doc.save())).name).toBe("ValidationError");
    });
    test("virtuals, methods, statics, query helpers and plugins", async () => {
      const schema = new Schema<Loose>({ first: String, last: String });
      schema.virtual("full").get(function (this: Loose) {
        return `${this.first} ${this.last}`;
      });
      schema.methods.shout = function (this: Loose) {
        return this.first.toUpperCase();
      };
      schema.statics.named = function (this: Loose, first: string) {
        return this.findOne({ first });
      };
      (schema.query as Loose).byLast = function (this: Loose, last: string) {
        return this.where({ last });
      };
      schema.plugin((inner: Loose) => inner.add({ plugged: { type: Boolean, default: true } }));
      const Thing = (await world.model(schema)) as Loose;
      await Thing.create({ first: "Ana", last: "Quispe" });
      const ana = await Thing.named("Ana");
      expect([ana.full, ana.shout(), ana.plugged, ana.toObject({ virtuals: true }).full]).toEqual([
        "Ana Quispe",
        "ANA",
        true,
        "Ana Quispe",
      ]);
      expect(await Thing.find().byLast("Quispe").countDocuments()).toBe(1);
      expect((await Thing.findOne().lean()).full).toBeUndefined();
    });
  });
}
