import { provideRouter } from "@angular/router";
import { fireEvent, render, screen } from "@testing-library/angular";
import { ApiFailure } from "../api/api-failure";
import { PasswordPage, type PasswordTask } from "./password-page";
import { Session } from "./session";
import { TestSession } from "./session.testing";

const TOKEN = "t".repeat(43);

async function show(task: PasswordTask, calls: Partial<Session>, hash = TOKEN) {
  location.hash = hash;
  const session = Object.assign(new TestSession(), calls);
  session.agent.set(null);
  await render(PasswordPage, { inputs: { task }, providers: [provideRouter([]), { provide: Session, useValue: session }] });
}

describe("PasswordPage", () => {
  it("sets a password by the token of the link, and takes the token out of the address", async () => {
    const given: string[][] = [];
    await show("reset", { resetPassword: async (...words: string[]) => void given.push(words) });
    expect(location.hash).toBe("");
    const field = screen.getByLabelText<HTMLInputElement>("New password");
    field.value = " with spaces ";
    fireEvent.submit(field);
    expect(await screen.findByText("Your password is set. Sign in with it.")).toBeTruthy();
    expect(given).toEqual([[TOKEN, " with spaces "]]);
  });

  it("asks nothing while the password is empty", async () => {
    let calls = 0;
    await show("reset", { resetPassword: async () => void calls++ });
    fireEvent.submit(screen.getByLabelText("New password"));
    expect(await screen.findByText("Write your password.")).toBeTruthy();
    expect(calls).toBe(0);
  });

  it("says what the server refuses, and can be tried again", async () => {
    const refusal = new ApiFailure("The password needs at least 12 characters.", "agent.password-short", 422, "req_12345678");
    await show("reset", { resetPassword: () => Promise.reject(refusal) });
    const field = screen.getByLabelText<HTMLInputElement>("New password");
    field.value = "short";
    fireEvent.submit(field);
    expect((await screen.findByRole("alert")).textContent).toContain("at least 12 characters");
    expect(screen.getByLabelText("New password")).toBe(field);
  });

  it("shows whom an invitation is for, and nothing to fill in when it has ended", async () => {
    await show("accept", { lookInvitation: async () => ({ email: "ana@tienda.example", name: "Ana" }) });
    expect((await screen.findByLabelText<HTMLInputElement>("E-mail")).value).toBe("ana@tienda.example");
    expect(screen.getByLabelText<HTMLInputElement>("Your name").value).toBe("Ana");
  });

  it("has no form for an invitation that has ended", async () => {
    const ended = new ApiFailure("Ended.", "auth.bad-link", 410, "req_12345678");
    await show("accept", { lookInvitation: () => Promise.reject(ended) });
    expect((await screen.findByRole("alert")).textContent).toContain("This link has ended or was used already.");
    expect(screen.queryByLabelText("Your name")).toBeNull();
  });

  it("a link without its end is told so", async () => {
    await show("reset", {}, "");
    expect(screen.getByRole("alert").textContent).toContain("This link is not complete.");
    expect(screen.queryByLabelText("New password")).toBeNull();
  });

  it("asking for a link says the same for everybody", async () => {
    const asked: string[] = [];
    await show("forgot", { forgot: async (email: string) => void asked.push(email) }, "");
    const field = screen.getByLabelText<HTMLInputElement>("E-mail");
    field.value = " ana@tienda.example ";
    fireEvent.submit(field);
    expect(await screen.findByText(/^If somebody here has this e-mail/)).toBeTruthy();
    expect(asked).toEqual(["ana@tienda.example"]);
  });
});
