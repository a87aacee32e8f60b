import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiFailure } from "../api/api-failure";
import { InlineField } from "./inline-field";

async function show(save: (value: string) => Promise<unknown>) {
  await render(InlineField, { inputs: { label: "Company", value: "Telares", save } });
  fireEvent.click(screen.getByRole("button", { name: "Company: Telares" }));
  return screen.findByLabelText<HTMLInputElement>("Company");
}

describe("InlineField", () => {
  it("saves what was typed by Enter, once", async () => {
    const saved: string[] = [];
    const field = await show(async (value) => saved.push(value));
    fireEvent.input(field, { target: { value: " Telares Puno " } });
    fireEvent.submit(field.form as HTMLFormElement);
    fireEvent.blur(field);
    await waitFor(() => expect(saved).toEqual(["Telares Puno"]));
    await screen.findByRole("button", { name: "Company: Telares" });
  });

  it("leaves it as it was by Esc, and saves nothing that has not changed", async () => {
    const saved: string[] = [];
    const field = await show(async (value) => saved.push(value));
    fireEvent.input(field, { target: { value: "Otra" } });
    fireEvent.keyDown(field, { key: "Escape" });
    fireEvent.click(await screen.findByRole("button", { name: "Company: Telares" }));
    fireEvent.blur(await screen.findByLabelText("Company"));
    await screen.findByRole("button", { name: "Company: Telares" });
    expect(saved).toEqual([]);
  });

  it("keeps what was typed when it is refused, and says why", async () => {
    const field = await show(async () => {
      throw new ApiFailure("Server's words.", "contact.refused", 422, null, [{ path: "body.company", message: "too long" }]);
    });
    fireEvent.input(field, { target: { value: "Otra" } });
    fireEvent.blur(field);
    await screen.findByText("too long");
    expect(screen.getByLabelText<HTMLInputElement>("Company").value).toBe("Otra");
  });
});
