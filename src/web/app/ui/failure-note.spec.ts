import { Component, signal } from "@angular/core";
import { TestBed } from "@angular/core/testing";
import { TranslocoService } from "@jsverse/transloco";
import { fireEvent, render, screen, waitFor } from "@testing-library/angular";
import { ApiFailure } from "../api/api-failure";
import { Words } from "../i18n/words";
import { FailureNote } from "./failure-note";

const refused = (path: string, message = "must be at least 2 characters", rule = "text.short") =>
  new ApiFailure("Not valid.", "request.invalid", 422, "req_1", [
    { path, message, rule, params: { least: "2" } },
    { path: "body.other", message: "is not known here" },
  ]);

@Component({
  imports: [FailureNote],
  template: `
    <form>
      <label>Name <input name="name" aria-describedby="about" /></label><span id="about">As on paper</span>
      <label>Phone <input id="new-phone" /></label>
      @if (failure(); as failed) {
        <app-failure-note [failure]="failed" />
      }
    </form>
  `,
})
class Form {
  readonly failure = signal<ApiFailure | null>(null);
}

async function show(failure: ApiFailure, before: () => Promise<void> = async () => {}) {
  const { fixture } = await render(Form);
  const form = fixture.componentInstance;
  await before();
  form.failure.set(failure);
  await fixture.whenStable();
  return form;
}

describe("a refusal in a form", () => {
  afterEach(() => TestBed.inject(Words).choose("en"));

  it("is said at the field it is about, which has the focus then; what has no field stays in the note", async () => {
    await show(refused("body.name"));
    const name = screen.getByLabelText("Name");
    await waitFor(() => expect(name.getAttribute("aria-invalid")).toBe("true"));
    const [about, error = ""] = (name.getAttribute("aria-describedby") ?? "").split(" ");
    expect(about).toBe("about");
    expect(document.getElementById(error)?.textContent).toBe("Must be at least 2 characters");
    expect(document.activeElement).toBe(name);
    await waitFor(() => expect(screen.getByRole("alert").textContent).toContain("other: is not known here"));
    expect(screen.getByRole("alert").textContent).not.toContain("characters");
  });

  it("finds a field by its id, too", async () => {
    await show(refused("body.phone"));
    await waitFor(() => expect(screen.getByLabelText("Phone").getAttribute("aria-invalid")).toBe("true"));
  });

  it("is silent once the field is changed, or the refusal is over", async () => {
    const form = await show(refused("body.name"));
    const name = screen.getByLabelText("Name");
    await waitFor(() => expect(name.getAttribute("aria-invalid")).toBe("true"));
    fireEvent.input(name, { target: { value: "Rosa" } });
    expect([name.getAttribute("aria-invalid"), name.getAttribute("aria-describedby")]).toEqual([null, "about"]);
    form.failure.set(refused("body.name"));
    await waitFor(() => expect(name.getAttribute("aria-invalid")).toBe("true"));
    form.failure.set(null);
    await waitFor(() => expect(name.getAttribute("aria-invalid")).toBeNull());
    expect(document.querySelector(".field-error")).toBeNull();
  });

  it("speaks the language of its reader where there are words for the rule", async () => {
    await show(refused("body.name"), async () => {
      const words = { "broken.text.short": "debe tener al menos {{least}} caracteres" };
      TestBed.inject(TranslocoService).setTranslation(words, "es", { merge: true });
      await TestBed.inject(Words).choose("es");
    });
    await waitFor(() => expect(document.querySelector(".field-error")?.textContent).toBe("Debe tener al menos 2 caracteres"));
  });
});
