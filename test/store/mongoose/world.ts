/** What the Mongoose cases are written with: models that are made for one case, on collections that are empty before it. */
import type mongoose from "mongoose";
import type { mongo, Schema } from "mongoose";

/** Documents of any shape, as Mongoose's own suite has them. */
export type Loose = mongo.Document[string];
export type LooseModel = mongoose.Model<Loose>;

export interface World {
  readonly connection: mongoose.Connection;
  /** A new model with a collection of its own, and its indexes. */
  model(schema: Schema<Loose>, name?: string): Promise<LooseModel>;
}

/** The rejection of a promise; fails when there is none. */
export const refused = (promise: Promise<unknown>): Promise<Loose> =>
  promise.then(
    (answer) => {
      throw new Error(`expected a failure, got ${JSON.stringify(answer)}`);
    },
    (error: unknown) => error as Loose,
  );

let made = 0;

export function worldOf(connection: () => mongoose.Connection): World {
  return {
    get connection() {
      return connection();
    },
    model: async (schema, name = `Case${++made}`) => {
      if (connection().models[name]) connection().deleteModel(name);
      const model = connection().model(name, schema, `case_${name.toLowerCase()}`) as unknown as LooseModel;
      await model.collection.drop().catch(() => {});
      await model.createCollection();
      await model.ensureIndexes();
      return model;
    },
  };
}
