import { provideRouter } from "@angular/router";
import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiFailure } from "../api/api-failure";
import { Session } from "./session";
import { TestSession } from "./session.testing";
import { SignInPage } from "./sign-in-page";

async function show(signIn: (email: string, password: string) => Promise<void>) {
  const session = Object.assign(new TestSession(), { signIn });
  session.agent.set(null);
  await render(SignInPage, { providers: [provideRouter([]), { provide: Session, useValue: session }] });
  const email = screen.getByLabelText<HTMLInputElement>("E-mail");
  const password = screen.getByLabelText<HTMLInputElement>("Password");
  return { email, password, submit: () => fireEvent.submit(password) };
}

describe("SignInPage", () => {
  it("says which field is empty and asks the server nothing", async () => {
    let calls = 0;
    const { submit, password } = await show(async () => {
      calls++;
    });
    submit();
    expect(await screen.findByText("Write your e-mail.")).toBeTruthy();
    expect(screen.getByText("Write your password.")).toBeTruthy();
    expect(password.getAttribute("aria-invalid")).toBe("true");
    expect(calls).toBe(0);
  });

  it("shows the refusal in words with its request id and keeps the e-mail", async () => {
    const { email, password, submit } = await show(() =>
      Promise.reject(new ApiFailure("E-mail or password is wrong.", "auth.wrong-credentials", 401, "req_12345678")),
    );
    email.value = "lucia@tienda.example";
    password.value = "wrong";
    submit();
    const alert = await screen.findByRole("alert");
    expect(alert.textContent).toContain("E-mail or password is wrong.");
    expect(alert.textContent).toContain("req_12345678");
    expect(email.value).toBe("lucia@tienda.example");
    expect(document.activeElement).toBe(password);
  });

  it("signs in once however often it is pressed", async () => {
    const given: string[][] = [];
    let finish: () => void = () => {};
    const { email, password, submit } = await show((...words) => {
      given.push(words);
      return new Promise((resolve) => (finish = resolve));
    });
    email.value = " lucia@tienda.example ";
    password.value = " with spaces ";
    submit();
    submit();
    expect(given).toEqual([["lucia@tienda.example", " with spaces "]]);
    finish();
  });

  it("shows the password when asked to, and hides it again", async () => {
    const { password } = await show(async () => {});
    const reveal = screen.getByRole("button", { name: "Show password" });
    fireEvent.click(reveal);
    await waitFor(() => expect(password.type).toBe("text"));
    fireEvent.click(reveal);
    await waitFor(() => expect(password.type).toBe("password"));
  });
});
