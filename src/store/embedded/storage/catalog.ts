/** Which collections and indexes exist: kept in two tables, mirrored in memory, read again after a rollback took some away. */
import { decode, decodeFields } from "../bson/decode";
import { encode } from "../bson/encode";
import { showDoc } from "../bson/show";
import { Doc, type Value } from "../bson/value";
import { commandError } from "../command-error";
import { CollectionTable } from "./collection-table";
import type { Connection } from "./connection";
import { type IndexSpec, readIndexSpec, sameKey, sameSpec, sameTarget, specDoc } from "./index-spec";
import { IndexTable } from "./index-table";
import { type View, viewFrom, viewOptions } from "./view";

const BUILD_CHUNK = 500;

/** Thrown where a transaction that has let go of the writer cannot do without it. */
export class NeedsWriter extends Error {
  override name = "NeedsWriter";
}

export class Catalog {
  readonly #connection: Connection;
  #collections = new Map<string, CollectionTable>();
  #views = new Map<string, View>();
  readonly #uncommitted: CollectionTable[] = [];
  /** Counts changes, so that a rollback knows whether it has to read the catalog again. */
  changes = 0;
  /** True while a command runs that cannot change the catalog. */
  isFixed = false;

  constructor(connection: Connection) {
    this.#connection = connection;
    this.reload();
  }

  /** Reads everything from the file. */
  reload(): void {
    const collections = new Map<string, CollectionTable>();
    const byId = new Map<number, CollectionTable>();
    for (const row of this.#connection.db
      .query<{ id: number; ns: string; options: Uint8Array }, []>("SELECT id, ns, options FROM _coll ORDER BY id")
      .all()) {
      const collection = new CollectionTable(row.id, row.ns, decode(row.options));
      collections.set(row.ns, collection);
      byId.set(row.id, collection);
    }
    for (const row of this.#connection.db
      .query<{ id: number; coll: number; spec: Uint8Array; multikey: number }, []>(
        "SELECT id, coll, spec, multikey FROM _idx ORDER BY id",
      )
      .all()) {
      byId.get(row.coll)?.indexes.push(new IndexTable(row.id, readIndexSpec(decode(row.spec)), row.multikey));
    }
    for (const collection of collections.values()) collection.indexesChanged();
    const views = this.#connection.db.query<{ ns: string; options: Uint8Array }, []>("SELECT ns, options FROM _view ORDER BY ns");
    this.#views = new Map(views.all().map(({ ns, options }) => [ns, viewFrom(ns, decode(options))]));
    const open = this.#uncommitted.splice(0).map((collection) => collection.namespace);
    this.#collections = collections;
    for (const namespace of open) this.#markUncommitted(collections.get(namespace));
  }

  /** What the indexes know of arrays, and what a collection holds, after a rollback may have taken some of it out again. */
  rereadState(): void {
    const stored = this.#connection.db.query<{ id: number; multikey: number }, []>("SELECT id, multikey FROM _idx").all();
    const byId = new Map(stored.map(({ id, multikey }) => [id, multikey]));
    for (const collection of this.#collections.values()) {
      collection.use = null;
      for (const index of collection.indexes) index.reread(byId.get(index.id) ?? index.multikey);
    }
  }

  find(namespace: string): CollectionTable | null {
    return this.#collections.get(namespace) ?? null;
  }

  all(): CollectionTable[] {
    return [...this.#collections.values()];
  }

  inDatabase(database: string): CollectionTable[] {
    return this.all().filter((collection) => collection.database === database);
  }

  /** The collection to write to; null when it does not exist. */
  writable(namespace: string): CollectionTable | null {
    this.#refuseView(namespace);
    return this.find(namespace);
  }

  /** Finds the collection or makes it, as a first insert does. */
  ensure(namespace: string): CollectionTable {
    return this.writable(namespace) ?? this.create(namespace, new Doc());
  }

  create(namespace: string, options: Doc): CollectionTable {
    checkNamespace(namespace);
    this.#refuseView(namespace);
    this.#changing();
    this.#connection.run("INSERT INTO _coll(ns, options) VALUES(?, ?)", namespace, encode(options));
    const id = this.#connection.number("SELECT id AS n FROM _coll WHERE ns = ?", namespace);
    const collection = new CollectionTable(id, namespace, options);
    this.#connection.db.run(collection.ddl);
    this.#markUncommitted(collection);
    this.#collections.set(namespace, collection);
    return collection;
  }

  #changing(): void {
    if (this.isFixed) throw new NeedsWriter();
    this.changes++;
  }

  #markUncommitted(collection: CollectionTable | undefined): void {
    if (!collection) return;
    collection.uncommitted = true;
    this.#uncommitted.push(collection);
  }

  /** What was created is now visible to everyone. */
  committed(): void {
    for (const collection of this.#uncommitted.splice(0)) collection.uncommitted = false;
  }

  setOptions(collection: CollectionTable, options: Doc): void {
    this.#changing();
    collection.options = options;
    this.#connection.run("UPDATE _coll SET options = ? WHERE id = ?", encode(options), collection.id);
  }

  view(namespace: string): View | null {
    return this.#views.get(namespace) ?? null;
  }

  viewsIn(database: string): View[] {
    return [...this.#views.values()].filter(({ namespace }) => namespace.startsWith(`${database}.`));
  }

  /** Makes the view, or changes it. */
  setView(view: View): void {
    checkNamespace(view.namespace);
    this.#changing();
    this.#connection.run(
      "INSERT INTO _view(ns, options) VALUES(?, ?) ON CONFLICT(ns) DO UPDATE SET options = excluded.options",
      view.namespace,
      encode(viewOptions(view)),
    );
    this.#views.set(view.namespace, view);
  }

  dropView({ namespace }: View): void {
    this.#changing();
    this.#connection.run("DELETE FROM _view WHERE ns = ?", namespace);
    this.#views.delete(namespace);
  }

  #refuseView(namespace: string): void {
    if (this.#views.has(namespace))
      throw commandError("CommandNotSupportedOnView", `Namespace ${namespace} is a view, not a collection`);
  }

  drop(collection: CollectionTable): void {
    this.#changing();
    for (const index of collection.indexes) this.#dropTable(index.table);
    this.#dropTable(collection.table);
    this.#connection.run("DELETE FROM _idx WHERE coll = ?", collection.id);
    this.#connection.run("DELETE FROM _coll WHERE id = ?", collection.id);
    this.#collections.delete(collection.namespace);
  }

  rename(collection: CollectionTable, namespace: string): void {
    checkNamespace(namespace);
    this.#changing();
    this.#connection.run("UPDATE _coll SET ns = ? WHERE id = ?", namespace, collection.id);
    this.#collections.delete(collection.namespace);
    collection.namespace = namespace;
    this.#collections.set(namespace, collection);
  }

  /** Creates an index and fills it; true when it is new. The same index again is no error, a contradiction is. */
  createIndex(collection: CollectionTable, spec: IndexSpec): boolean {
    if (isIdIndex(spec)) return false;
    for (const { spec: other } of collection.indexes) {
      if (other.name === spec.name) {
        if (sameSpec(other, spec)) return false;
        const said = `Requested index: ${showDoc(specDoc(spec))}, existing index: ${showDoc(specDoc(other))}`;
        if (sameTarget(other, spec))
          throw commandError(
            "IndexOptionsConflict",
            `An equivalent index already exists with the same name but different options. ${said}`,
          );
        throw commandError(
          "IndexKeySpecsConflict",
          `An existing index has the same name as the requested index. When index names are not specified, they are auto generated and can cause conflicts. Please refer to our documentation. ${said}`,
        );
      }
      if (sameTarget(other, spec)) {
        throw commandError(
          "IndexOptionsConflict",
          sameSpec(other, spec)
            ? `Index already exists with a different name: ${other.name}`
            : `An equivalent index already exists with a different name and options. Requested index: ${showDoc(specDoc(spec))}, existing index: ${showDoc(specDoc(other))}`,
        );
      }
    }
    this.#changing();
    this.#connection.run("INSERT INTO _idx(coll, spec, multikey) VALUES(?, ?, 0)", collection.id, encode(specDoc(spec)));
    const id = this.#connection.number("SELECT max(id) AS n FROM _idx WHERE coll = ?", collection.id);
    const index = new IndexTable(id, spec, 0);
    this.#connection.db.run(index.ddl);
    this.#fill(collection, index);
    collection.indexes.push(index);
    collection.indexesChanged();
    return true;
  }

  /** True when the very same index exists. */
  hasIndex(collection: CollectionTable, spec: IndexSpec): boolean {
    return isIdIndex(spec) || collection.indexes.some(({ spec: other }) => other.name === spec.name && sameSpec(other, spec));
  }

  #fill(collection: CollectionTable, index: IndexTable): void {
    const next = this.#connection.statement(
      `SELECT rid, k, d FROM ${collection.table} WHERE rid > ? ORDER BY rid LIMIT ${BUILD_CHUNK}`,
    );
    for (let last = -1; ; ) {
      const rows = next.all(last);
      for (const { rid, d } of rows) {
        for (const entry of index.entriesOf(decodeFields(d, index.fields), this.#connection)) {
          if (!index.add(this.#connection, entry, rid)) throw index.duplicate(collection.namespace, entry);
        }
        last = rid;
      }
      if (rows.length < BUILD_CHUNK) return;
    }
  }

  dropIndex(collection: CollectionTable, index: IndexTable): void {
    this.#changing();
    this.#dropTable(index.table);
    this.#connection.run("DELETE FROM _idx WHERE id = ?", index.id);
    collection.indexes.splice(collection.indexes.indexOf(index), 1);
    collection.indexesChanged();
  }

  /** Changes options of an index that do not touch its entries (TTL, hidden). */
  alterIndex(collection: CollectionTable, index: IndexTable, spec: IndexSpec): void {
    this.#changing();
    this.#connection.run("UPDATE _idx SET spec = ? WHERE id = ?", encode(specDoc(spec)), index.id);
    collection.indexes[collection.indexes.indexOf(index)] = new IndexTable(index.id, spec, index.multikey);
    collection.indexesChanged();
  }

  /** An index by name, key pattern or list of names, as dropIndexes takes it. */
  findIndex(collection: CollectionTable, wanted: Value): IndexTable | null {
    const match = (index: IndexTable) => (wanted instanceof Doc ? sameKey(index.spec.key, wanted) : index.spec.name === wanted);
    return collection.indexes.find(match) ?? null;
  }

  #dropTable(table: string): void {
    // A prepared statement on the table would keep it locked.
    this.#connection.forgetStatements();
    this.#connection.db.run(`DROP TABLE ${table}`);
  }
}

const isIdIndex = ({ key }: IndexSpec): boolean => key.size === 1 && key.keys[0] === "_id";

function checkNamespace(namespace: string): void {
  const dot = namespace.indexOf(".");
  const name = namespace.slice(dot + 1);
  if (dot < 1 || name === "" || name.startsWith(".") || /[\0$]/.test(name) || Buffer.byteLength(namespace) > 255) {
    throw commandError("InvalidNamespace", `Invalid namespace specified '${namespace}'`);
  }
}
