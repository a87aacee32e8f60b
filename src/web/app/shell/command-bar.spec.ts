import { TestBed } from "@angular/core/testing";
import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { CommandBar } from "./command-bar";
import { type Command, Commands } from "./commands";

const command = (id: string, text: string, more: Partial<Command> = {}): Command => ({
  id,
  group: "conversation",
  icon: "snooze",
  word: "deed.snooze",
  text,
  ...more,
});

async function show() {
  const done: string[] = [];
  const inside = async (typed: string): Promise<Command[]> => [
    ...(typed === "in 3 hours" ? [command("typed", "Fri 19:20", { isMade: true, run: () => done.push("typed") })] : []),
    command("hour", "In one hour", { run: () => done.push("hour"), preview: [{ icon: "snooze", text: "Comes back soon" }] }),
    command("week", "In one week", { run: () => done.push("week") }),
  ];
  await render(CommandBar);
  TestBed.runInInjectionContext(() =>
    TestBed.inject(Commands).add([
      command("snooze", "Snooze", { inside }),
      command("resolve", "Resolve", { run: () => done.push("resolve") }),
    ]),
  );
  const field = screen.getByRole<HTMLInputElement>("combobox", { hidden: true });
  const type = (text: string) => fireEvent.input(field, { target: { value: text } });
  const press = (key: string) => fireEvent.keyDown(field, { key });
  const options = () => screen.queryAllByRole("option", { hidden: true }).map(({ textContent }) => textContent?.trim());
  return { done, field, type, press, options };
}

describe("the command bar", () => {
  beforeEach(() => {
    // Closing a dialog is told by the browser.
    HTMLDialogElement.prototype.close = function (this: HTMLDialogElement) {
      this.dispatchEvent(new Event("close"));
    };
  });

  it("enters a command that holds others, finds among them, shows what they do, and runs one", async () => {
    const { done, field, type, press, options } = await show();
    await waitFor(() => expect(options()).toEqual(["Snooze", "Resolve"]));
    type("snoo");
    press("Enter");
    expect(field.value).toBe("");
    await waitFor(() => expect(options()).toEqual(["In one hour", "In one week"]));
    expect(screen.getByText("Comes back soon")).toBeTruthy();
    type("week");
    await waitFor(() => expect(options()).toEqual(["In one week"]));
    press("Enter");
    expect(done).toEqual(["week"]);
  });

  it("offers what is made of what was typed", async () => {
    const { done, type, press, options } = await show();
    type("snoo");
    press("Tab");
    await waitFor(() => expect(options().length).toBe(2));
    type("in 3 hours");
    await waitFor(() => expect(options()).toEqual(["Fri 19:20"]));
    press("Enter");
    expect(done).toEqual(["typed"]);
  });

  it("is left step by step", async () => {
    const { done, type, press, options } = await show();
    type("snoo");
    press("Enter");
    await waitFor(() => expect(options().length).toBe(2));
    type("h");
    press("Backspace");
    await waitFor(() => expect(options()).toEqual(["In one hour"]));
    press("Escape");
    await waitFor(() => expect(options()).toEqual(["Snooze", "Resolve"]));
    type("reso");
    press("Enter");
    expect(done).toEqual(["resolve"]);
  });
});
