/**
 * The search worker: owns the search index in a thread of its own, so that neither writing nor searching makes the event loop of the
 * server wait. A second entrypoint of the build.
 */
import { renameSync } from "node:fs";
import { describeError } from "../../core/errors";
import { removeSearchFile, SearchFile } from "./search-file";
import type { FromSearchWorker, SearchTask, ToSearchWorker } from "./search-message";
import { find } from "./search-query";

declare const self: Worker;

const post = (message: FromSearchWorker): void => self.postMessage(message);

class Index {
  #file: SearchFile;
  /** Being built to take the place of the other. */
  #next: SearchFile | null = null;

  constructor(readonly path: string) {
    // Left by a process that died while building.
    removeSearchFile(this.#nextPath);
    this.#file = new SearchFile(path);
  }

  get #nextPath(): string {
    return `${this.path}.next`;
  }

  get size() {
    return this.#file.size;
  }

  do(task: SearchTask): unknown {
    if ("find" in task) return find(this.#file, task.find);
    if ("apply" in task) return this.#file.apply(task.apply.operations, task.apply.position);
    if ("beginBuild" in task) return this.#beginBuild();
    if ("build" in task) return this.#building.apply(task.build, null);
    if ("mergeBuild" in task) return this.#building.merge();
    if ("finishBuild" in task) return this.#finishBuild(task.finishBuild.position);
    return this.#file.size;
  }

  get #building(): SearchFile {
    if (!this.#next) throw new Error("no index is being built");
    return this.#next;
  }

  #beginBuild(): void {
    this.#next?.close();
    removeSearchFile(this.#nextPath);
    this.#next = new SearchFile(this.#nextPath);
  }

  #finishBuild(position: number): void {
    this.#building.apply([], position);
    this.#building.close();
    this.#next = null;
    this.#file.close();
    removeSearchFile(this.path);
    renameSync(this.#nextPath, this.path);
    this.#file = new SearchFile(this.path);
  }

  close(): void {
    this.#next?.close();
    if (this.#next) removeSearchFile(this.#nextPath);
    this.#file.close();
  }
}

let index: Index | null = null;

self.onmessage = ({ data }: MessageEvent<ToSearchWorker>) => {
  if ("open" in data) {
    index = new Index(data.open);
    post({ opened: index.size });
  } else if ("close" in data) {
    index?.close();
    post({ closed: true });
  } else {
    try {
      post({ id: data.id, value: index?.do(data.task) ?? null });
    } catch (error) {
      // A full disk, a damaged file: told to the one who asked.
      post({ id: data.id, failed: describeError(error) });
    }
  }
};
