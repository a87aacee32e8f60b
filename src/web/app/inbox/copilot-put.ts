/** What the copilot wrote, and where somebody wants it: beside what is in the field, in its place, or in a note for colleagues. */
export interface CopilotPut {
  text: string;
  how: "insert" | "replace" | "note";
}
