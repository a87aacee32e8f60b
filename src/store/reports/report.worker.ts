/**
 * The report worker: owns the figures in a thread of its own, so that neither counting nor reading them makes the event loop of the
 * server wait. An entrypoint of the build.
 */
import { renameSync } from "node:fs";
import { describeError } from "../../core/errors";
import type { FromThread, ToThread } from "../thread";
import { removeReportFile } from "./report-database";
import { ReportFile } from "./report-file";
import type { ReportTask } from "./report-message";
import { find } from "./report-query";

declare const self: Worker;

const post = (message: FromThread): void => self.postMessage(message);

class Figures {
  #file: ReportFile;
  /** Being built to take the place of the other. */
  #next: ReportFile | null = null;

  constructor(readonly path: string) {
    this.#file = new ReportFile(path);
  }

  do(task: ReportTask): unknown {
    if ("find" in task) return find(this.#file.db, task.find);
    if ("apply" in task) return this.#file.apply(task.apply.operations, task.apply.position, task.apply.stored);
    if ("beginBuild" in task) return this.#beginBuild(task.beginBuild.position);
    if ("build" in task) return this.#building.build(task.build.operations);
    if ("deriveBuild" in task) return this.#building.deriveBuild();
    if ("finishBuild" in task) return this.#finishBuild();
    return this.#file.size;
  }

  get #nextPath(): string {
    return `${this.path}.next`;
  }

  get #building(): ReportFile {
    if (!this.#next) throw new Error("no figures are being built");
    return this.#next;
  }

  #beginBuild(position: number): void {
    this.#next?.close();
    removeReportFile(this.#nextPath);
    this.#next = new ReportFile(this.#nextPath);
    this.#next.beginBuild(position);
  }

  #finishBuild(): void {
    this.#building.finishBuild();
    this.#building.close();
    this.#next = null;
    this.#file.close();
    removeReportFile(this.path);
    renameSync(this.#nextPath, this.path);
    this.#file = new ReportFile(this.path);
  }

  close(): void {
    this.#next?.close();
    this.#file.close();
  }
}

let figures: Figures | null = null;

self.onmessage = ({ data }: MessageEvent<ToThread<ReportTask>>) => {
  if ("open" in data) {
    figures = new Figures(data.open);
    post({ opened: true });
  } else if ("close" in data) {
    figures?.close();
    post({ closed: true });
  } else {
    try {
      post({ id: data.id, value: figures?.do(data.task) ?? null });
    } catch (error) {
      // A full disk, a damaged file: told to the one who asked.
      post({ id: data.id, failed: describeError(error) });
    }
  }
};
