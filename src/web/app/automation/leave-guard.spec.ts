import { TestBed } from "@angular/core/testing";
import { LeaveGuard } from "./leave-guard";

describe("leaving a form", () => {
  const guard = (isUnsaved: () => boolean) => TestBed.runInInjectionContext(() => new LeaveGuard(isUnsaved));

  it("is free when nothing would be lost", () => {
    const leaving = guard(() => false);
    expect(leaving.mayLeave()).toBe(true);
    expect(leaving.isAsking()).toBe(false);
  });

  it("asks first, and goes or stays as it is told; a question that is asked again answers the one before with no", async () => {
    const leaving = guard(() => true);
    const first = leaving.mayLeave();
    const second = leaving.mayLeave();
    expect(await first).toBe(false);
    leaving.answer(true);
    expect(await second).toBe(true);
    expect(leaving.isAsking()).toBe(false);
  });

  it("holds the window as long as something is unsaved", () => {
    let isUnsaved = true;
    guard(() => isUnsaved);
    const close = () => {
      const event = new Event("beforeunload", { cancelable: true });
      window.dispatchEvent(event);
      return event.defaultPrevented;
    };
    expect(close()).toBe(true);
    isUnsaved = false;
    expect(close()).toBe(false);
  });
});
