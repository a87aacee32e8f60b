import { fireEvent, render, screen } from "@testing-library/angular";
import { SureButton } from "./sure-button";

describe("SureButton", () => {
  it("does it at the second press only, and forgets the first one when it is left", async () => {
    const sure = vi.fn();
    await render(SureButton, { inputs: { label: "Delete “vip”" }, on: { sure } });
    fireEvent.click(screen.getByRole("button", { name: "Delete “vip”" }));
    fireEvent.blur(screen.getByRole("button"));
    fireEvent.click(await screen.findByRole("button", { name: "Delete “vip”" }));
    expect(sure).not.toHaveBeenCalled();
    fireEvent.click(await screen.findByRole("button", { name: "Really? Delete “vip”" }));
    expect(sure).toHaveBeenCalledTimes(1);
  });
});
