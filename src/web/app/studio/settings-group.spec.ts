import { ApiFailure } from "../api/api-failure";
import { SettingsGroup } from "./settings-group";

interface Limits {
  day: number | null;
  month: number | null;
}

/** A server with one group of settings, as strict about versions as the real one. */
function openGroup() {
  let stored = { version: 1, values: { day: 5, month: null } as Limits };
  const saveAs = (values: Partial<Limits>) => {
    stored = { version: stored.version + 1, values: { ...stored.values, ...values } };
  };
  const group = new SettingsGroup<Limits>(
    async () => structuredClone(stored),
    async ({ version, values }) => {
      if (version !== stored.version) throw new ApiFailure("Stale.", "request.stale", 409, null);
      saveAs(values);
    },
  );
  return { group, saveAs, stored: () => stored };
}

describe("a group of settings", () => {
  it("is what is stored after it was saved", async () => {
    const { group, stored } = openGroup();
    await group.load();
    expect(await group.save({ day: 7 })).toBe(true);
    expect(group.state()).toEqual(stored());
    expect(group.state()?.values).toEqual({ day: 7, month: null });
  });

  it("shows what somebody else has saved, and goes over it only after that", async () => {
    const { group, saveAs, stored } = openGroup();
    await group.load();
    saveAs({ month: 90 });
    expect(await group.save({ day: 7 })).toBe(false);
    expect(group.theirs()?.values).toEqual({ day: 5, month: 90 });
    expect(group.deed.failure()?.code).toBe("request.stale");
    group.settle();
    expect([group.theirs(), group.deed.failure(), group.state()?.version]).toEqual([null, null, 2]);
    expect(await group.save({ day: 7 })).toBe(true);
    expect(stored().values).toEqual({ day: 7, month: 90 });
  });
});
