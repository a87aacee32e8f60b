/**
 * Shows what was refused at the fields it is about: a sentence below the control, which names it for screen readers, and the focus on
 * the first of them. A control belongs to a detail by its `name` or the end of its id:
 * `body.name` and `values.name` are the field `name` of the form, or the one called `new-name`.
 */
import type { FailureDetail } from "../api/api-failure";

type Control = HTMLInputElement | HTMLSelectElement | HTMLTextAreaElement;

let made = 0;

/** The control that a detail is about; null when the form has none, or several that could be meant. */
function controlOf(form: HTMLFormElement, path: string): Control | null {
  const parts = path.split(".").filter((part) => part !== "" && !/^\d+$/.test(part));
  const wholes = [parts.slice(1).join("."), parts.at(-1) ?? ""];
  for (const name of wholes) {
    const found = [...form.elements].filter((one): one is Control => isControl(one) && isCalled(one as Control, name));
    const [only] = found;
    if (only && found.length === 1) return only;
  }
  return null;
}

const isCalled = ({ name, id }: Control, wanted: string): boolean =>
  wanted !== "" && (name === wanted || (name === "" && id.endsWith(`-${wanted}`)));

const isControl = (one: Element): boolean =>
  (one instanceof HTMLInputElement && one.type !== "hidden") ||
  one instanceof HTMLSelectElement ||
  one instanceof HTMLTextAreaElement;

/** How far away a form may be that a refusal beside it speaks of. */
const NEAR = 3;

/** The form that a refusal is in, or the only one beside it. */
export function formNear(element: HTMLElement): HTMLFormElement | null {
  const around = element.closest("form");
  if (around) return around;
  let place = element.parentElement;
  for (let step = 0; place && step < NEAR && !place.matches("main, dialog, body"); step++, place = place.parentElement) {
    const forms = place.querySelectorAll("form");
    if (forms.length > 0) return forms.length === 1 ? (forms[0] ?? null) : null;
  }
  return null;
}

export interface ShownErrors {
  /** Paths of the details that stand at a field. */
  paths: ReadonlySet<string>;
  clear(): void;
}

/** Puts each detail at its field; `say` is its sentence. A field says no more once it is changed. */
export function showAtFields(
  form: HTMLFormElement,
  details: readonly FailureDetail[],
  say: (detail: FailureDetail) => string,
): ShownErrors {
  const paths = new Set<string>();
  const marked = new Map<Control, () => void>();
  for (const detail of details) {
    const control = controlOf(form, detail.path);
    if (!control) continue;
    paths.add(detail.path);
    if (!marked.has(control)) marked.set(control, mark(control, say(detail)));
  }
  const [first] = marked.keys();
  first?.focus();
  return {
    paths,
    clear() {
      for (const unmark of marked.values()) unmark();
    },
  };
}

function mark(control: Control, sentence: string): () => void {
  const words = document.createElement("span");
  words.id = `field-error-${++made}`;
  words.className = "hint hint-bad field-error";
  words.textContent = sentence;
  const described = control.getAttribute("aria-describedby");
  const invalid = control.getAttribute("aria-invalid");
  control.setAttribute("aria-invalid", "true");
  control.setAttribute("aria-describedby", [described, words.id].filter(Boolean).join(" "));
  // Inside of a label the words would become a part of its name.
  (control.closest("label") ?? control).after(words);
  const back = (name: string, value: string | null) =>
    value === null ? control.removeAttribute(name) : control.setAttribute(name, value);
  const unmark = () => {
    control.removeEventListener("input", unmark);
    if (!words.isConnected) return;
    words.remove();
    back("aria-describedby", described);
    back("aria-invalid", invalid);
  };
  control.addEventListener("input", unmark);
  return unmark;
}
