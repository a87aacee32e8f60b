import { TestBed } from "@angular/core/testing";
import { ApiClient } from "../api/api-client";
import { ApiFailure, unreachable } from "../api/api-failure";
import type { SendOptions } from "../api/upload";
import { Session } from "../session/session";
import { TestSession, testAgent } from "../session/session.testing";
import { FileUploads } from "./file-uploads";

describe("FileUploads", () => {
  let sent: { url: string; key: string }[];
  let answer: () => Promise<{ id: string }>;
  let stopped: boolean;
  let session: TestSession;

  const start = () => {
    TestBed.configureTestingModule({
      providers: [
        { provide: Session, useClass: TestSession },
        {
          provide: ApiClient,
          useValue: {
            sendFile: (url: string, _: File, { idempotencyKey, onProgress, signal }: SendOptions) => {
              sent.push({ url, key: idempotencyKey });
              signal.addEventListener("abort", () => {
                stopped = true;
              });
              onProgress(1);
              return answer();
            },
          },
        },
      ],
    });
    const uploads = TestBed.inject(FileUploads);
    session = TestBed.inject(Session) as unknown as TestSession;
    TestBed.tick();
    return uploads;
  };
  const settle = () => new Promise((go) => setTimeout(go));
  const file = (name: string, text = "x") => new File([text], name);
  const states = (uploads: FileUploads) => uploads.all().map(({ state }) => state);

  beforeEach(() => {
    sent = [];
    stopped = false;
    answer = async () => ({ id: "article" });
  });

  it("sends one after the other, and refuses what nobody could read before it leaves", async () => {
    const uploads = start();
    const first = Promise.withResolvers<{ id: string }>();
    answer = () => first.promise;
    uploads.add([file("precios.pdf"), file("foto.jpg"), file("notas.MD")]);
    expect(states(uploads)).toEqual(["reading", "refused", "waiting"]);
    first.resolve({ id: "article" });
    await settle();
    expect(states(uploads)).toEqual(["added", "refused", "added"]);
    expect(sent.map(({ url }) => url)).toEqual([
      "/api/v2/knowledge/files?name=precios.pdf",
      "/api/v2/knowledge/files?name=notas.MD",
    ]);
    expect(uploads.added()).toBe(2);
  });

  it("sends again with the same key what got no answer; what is damaged stays refused", async () => {
    const uploads = start();
    answer = async () => {
      throw unreachable();
    };
    uploads.add([file("precios.pdf")]);
    await settle();
    expect(uploads.all()[0]).toMatchObject({ state: "refused", canRetry: true });
    answer = async () => {
      throw new ApiFailure("Damaged.", "knowledge.unreadable", 422, null);
    };
    uploads.retry(uploads.all()[0]?.key ?? "");
    await settle();
    expect(uploads.all()[0]).toMatchObject({ state: "refused", trouble: "Damaged.", canRetry: false });
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  it("belong to whoever gave them: another person starts with none", async () => {
    const uploads = start();
    answer = () => new Promise(() => {});
    uploads.add([file("precios.pdf")]);
    session.agent.set({ ...testAgent, id: "b".repeat(24) });
    TestBed.tick();
    expect(uploads.all()).toEqual([]);
    expect(stopped).toBe(true);
  });
});
