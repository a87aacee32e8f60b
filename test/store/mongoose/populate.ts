/** Mongoose cases: populate in all its forms. */
import { beforeEach, describe, expect, test } from "bun:test";
import { Schema } from "mongoose";
import type { Loose, LooseModel, World } from "./world";

export function populateCases(world: World): void {
  let Person: LooseModel;
  let Story: LooseModel;
  let ana: Loose;
  let beto: Loose;

  beforeEach(async () => {
    const person = new Schema<Loose>({ name: String, age: Number, friend: { type: Schema.Types.ObjectId, ref: "Person1" } });
    person.virtual("stories", { ref: "Story1", localField: "_id", foreignField: "author" });
    person.virtual("storyCount", { ref: "Story1", localField: "_id", foreignField: "author", count: true });
    person.virtual("newest", {
      ref: "Story1",
      localField: "_id",
      foreignField: "author",
      justOne: true,
      options: { sort: { n: -1 } },
    });
    const story = new Schema<Loose>({
      n: Number,
      title: String,
      author: { type: Schema.Types.ObjectId, ref: "Person1" },
      fans: [{ type: Schema.Types.ObjectId, ref: "Person1" }],
      about: { kind: String, item: { type: Schema.Types.ObjectId, refPath: "about.kind" } },
      notes: [{ by: { type: Schema.Types.ObjectId, ref: "Person1" }, text: String }],
      readers: { type: Map, of: { type: Schema.Types.ObjectId, ref: "Person1" } },
    });
    Person = await world.model(person, "Person1");
    Story = await world.model(story, "Story1");
    ana = await Person.create({ name: "Ana", age: 30 });
    beto = await Person.create({ name: "Beto", age: 20, friend: ana._id });
    for (const n of [1, 2, 3])
      await Story.create({
        n,
        title: `t${n}`,
        author: n < 3 ? ana._id : beto._id,
        fans: n === 1 ? [beto._id, ana._id] : [],
        about: { kind: n === 3 ? "Story1" : "Person1", item: n === 3 ? undefined : beto._id },
        notes: [{ by: beto._id, text: "x" }],
        readers: { first: beto._id },
      });
  });

  describe("populate", () => {
    test("one, many in their order, inside arrays, and in maps", async () => {
      const story = (await Story.findOne({ n: 1 })
        .populate("author")
        .populate("fans")
        .populate("notes.by")
        .populate("readers.$*"))!;
      expect([
        story.author.name,
        story.fans.map(({ name }: Loose) => name),
        story.notes[0].by.name,
        story.readers.get("first").name,
      ]).toEqual(["Ana", ["Beto", "Ana"], "Beto", "Beto"]);
      expect([story.populated("author").equals(ana._id), story.depopulate("author").author.equals(ana._id)]).toEqual([
        true,
        true,
      ]);
    });
    test("with fields, conditions, order and limit", async () => {
      const story = (await Story.findOne({ n: 1 })
        .populate({ path: "fans", select: "name -_id", match: { age: { $gt: 25 } } })
        .lean())!;
      expect(story.fans).toEqual([{ name: "Ana" }]);
      expect((await Story.findOne({ n: 1 }).populate({ path: "author", match: { age: 1 } }))!.author).toBeNull();
      const sorted = (await Story.findOne({ n: 1 }).populate({ path: "fans", options: { sort: { name: 1 }, limit: 1 } }))!;
      expect(sorted.fans.map(({ name }: Loose) => name)).toEqual(["Ana"]);
    });
    test("deep, and by refPath", async () => {
      const story = (await Story.findOne({ n: 3 }).populate({ path: "author", populate: { path: "friend", select: "name" } }))!;
      expect(story.author.friend.name).toBe("Ana");
      expect((await Story.findOne({ n: 1 }).populate("about.item"))!.about.item.name).toBe("Beto");
    });
    test("virtual: lists, counts, the newest, a limit for each", async () => {
      const people = await Person.find().sort("name").populate("stories").populate("storyCount").populate("newest");
      expect(people.map((person: Loose) => [person.stories.length, person.storyCount, person.newest.n])).toEqual([
        [2, 2, 2],
        [1, 1, 3],
      ]);
      const few = await Person.find()
        .sort("name")
        .populate({ path: "stories", perDocumentLimit: 1, options: { sort: { n: -1 } } });
      expect(few.map(({ stories }: Loose) => stories.map(({ n }: Loose) => n))).toEqual([[2], [3]]);
      const lean = await Person.findOne({ name: "Ana" })
        .populate({ path: "stories", match: { n: { $gt: 1 } } })
        .lean({ virtuals: true });
      expect(lean!.stories.map(({ n }: Loose) => n)).toEqual([2]);
    });
    test("of what is gone: null, and left out of lists; of lean and plain objects; with a cursor", async () => {
      await Person.deleteOne({ _id: ana._id });
      const story = (await Story.findOne({ n: 1 }).populate("author fans"))!;
      expect([story.author, story.fans.length]).toEqual([null, 1]);
      const plain = await Story.find({ n: 3 }).lean();
      await Story.populate(plain as Loose, { path: "author", select: "name" });
      expect(plain[0]!.author.name).toBe("Beto");
      const seen: (string | null)[] = [];
      for await (const { author } of Story.find().sort("n").populate("author").cursor()) seen.push(author?.name ?? null);
      expect(seen).toEqual([null, null, "Beto"]);
    });
    test("saving a populated document keeps the id", async () => {
      const story = (await Story.findOne({ n: 1 }).populate("author"))!;
      story.title = "new";
      story.author = beto;
      await story.save();
      expect((await Story.findOne({ n: 1 }).lean())!.author.equals(beto._id)).toBe(true);
      expect(await Story.countDocuments({ author: beto })).toBe(2);
    });
  });
}
