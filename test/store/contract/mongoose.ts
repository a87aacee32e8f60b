/** Contract: Mongoose. */
import { beforeEach, describe, expect, test } from "bun:test";
import type mongoose from "mongoose";
import { Schema } from "mongoose";
import { syncIndexes } from "../../../src/store/indexes";
import { type ContractContext, failure } from "./context";

export function mongooseContract(context: ContractContext): void {
  describe("Mongoose", () => {
    const schema = new Schema(
      {
        _id: String,
        name: { type: String, required: true },
        n: { type: Number, default: 0 },
        tags: [String],
        attributes: { type: Map, of: String },
        friend: { type: String, ref: "Person" },
      },
      { timestamps: true, optimisticConcurrency: true },
    );
    schema.index({ name: 1 }, { unique: true });
    const people = () =>
      (context.store.connection.models.Person as mongoose.Model<mongoose.InferSchemaType<typeof schema>>) ??
      context.store.connection.model("Person", schema);

    beforeEach(async () => {
      await people().collection.drop();
      await syncIndexes(context.store.connection);
    });

    test("creates, validates, populates, saves", async () => {
      const Person = people();
      await Person.create({ _id: "1", name: "Ana", attributes: new Map([["city", "Cusco"]]) });
      await Person.create({ _id: "2", name: "Beto", friend: "1" });
      const beto = await Person.findById("2").populate<{ friend: { name: string; attributes: Map<string, string> } }>("friend");
      expect(beto!.friend.name).toBe("Ana");
      expect(beto!.friend.attributes.get("city")).toBe("Cusco");
      const ana = (await Person.findById("1"))!;
      ana.tags.push("x", "y");
      await ana.save();
      expect((await Person.findById("1").lean())!.tags).toEqual(["x", "y"]);
      expect((await failure(Person.create({ _id: "3" }))).message).toContain("required");
      expect((await failure(Person.create({ _id: "3", name: "Ana" }))).code).toBe(11000);
    });

    test("notices that somebody else saved first", async () => {
      const Person = people();
      await Person.create({ _id: "1", name: "Ana" });
      const [one, two] = [(await Person.findById("1"))!, (await Person.findById("1"))!];
      one.n = 1;
      await one.save();
      two.n = 2;
      expect((await failure(two.save())).name).toBe("VersionError");
    });

    test("syncIndexes reports, repeats quietly, and fails on contradictions", async () => {
      const Person = people();
      expect(await syncIndexes(context.store.connection)).toMatchObject({ created: [] });
      await Person.collection.dropIndexes();
      await Person.collection.createIndex({ other: 1 });
      const report = await syncIndexes(context.store.connection);
      expect(report.created).toContain("people.name_1");
      expect(report.undeclared).toContain("people.other_1");
      await Person.collection.dropIndexes();
      await Person.collection.createIndex({ name: 1 });
      expect((await failure(syncIndexes(context.store.connection))).code as unknown).toBe("store.index-conflict");
      await Person.collection.dropIndexes();
    });
  });
}
