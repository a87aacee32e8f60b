/** The frame of interactive messages: header, body, footer, action; and the choices a customer can tap. */
import { compact } from "../json-value";
import { type ComposeOptions, envelope } from "./envelope";
import { atMost, count, refuse, required, unique, webAddress } from "./limit";
import { type MediaSource, mediaSource } from "./media";

export type Header =
  | { type: "text"; text: string }
  | ({ type: "image" | "video" } & MediaSource)
  | ({ type: "document"; filename?: string } & MediaSource);

export interface Frame {
  header?: Header;
  body: string;
  footer?: string;
}

const MAX_BODY = 1024;
const MAX_HEADER = 60;
const MAX_FOOTER = 60;

interface FrameRules {
  maxBody?: number;
  headers?: readonly Header["type"][];
  footer?: boolean;
}

/** The JSON of an interactive message of this type. */
export function interactive(
  type: string,
  { header, body, footer }: Frame,
  action: object,
  options: ComposeOptions,
  { maxBody = MAX_BODY, headers = ["text", "image", "video", "document"], footer: mayHaveFooter = true }: FrameRules = {},
): string {
  required("body", body, maxBody);
  if (header && !headers.includes(header.type)) throw refuse("header", `${type} takes no header of type ${header.type}`);
  if (footer !== undefined) {
    if (!mayHaveFooter) throw refuse("footer", `${type} takes no footer`);
    required("footer", footer, MAX_FOOTER);
  }
  const content = {
    type,
    header: header && headerObject(header),
    body: { text: body },
    footer: footer === undefined ? undefined : { text: footer },
    action,
  };
  return envelope("interactive", compact(content), options);
}

export function headerObject(header: Header): object {
  if (header.type === "text") return { type: "text", text: required("header.text", header.text, MAX_HEADER) };
  const source = mediaSource(`header.${header.type}`, header);
  const filename = header.type === "document" ? header.filename : undefined;
  return { type: header.type, [header.type]: compact({ ...source, filename }) };
}

export interface ReplyButton {
  id: string;
  title: string;
}

/** One to three buttons that send their title back. */
export function composeButtons({
  buttons,
  header,
  body,
  footer,
  ...options
}: ComposeOptions & Frame & { buttons: readonly ReplyButton[] }): string {
  count("buttons", buttons, 1, 3);
  unique("buttons.id", buttons, ({ id }) => id);
  unique("buttons.title", buttons, ({ title }) => title);
  const action = {
    buttons: buttons.map(({ id, title }, index) => ({
      type: "reply",
      reply: { id: required(`buttons.${index}.id`, id, 256), title: required(`buttons.${index}.title`, title, 20) },
    })),
  };
  return interactive("button", { header, body, footer }, action, options);
}

export interface ListRow {
  id: string;
  title: string;
  description?: string;
}

export interface ListSection {
  /** Needed when there is more than one section. */
  title?: string;
  rows: readonly ListRow[];
}

const MAX_ROWS = 10;

/** A menu of at most ten rows in all. */
export function composeList({
  button,
  sections,
  header,
  body,
  footer,
  ...options
}: ComposeOptions & Frame & { button: string; sections: readonly ListSection[] }): string {
  count("sections", sections, 1, 10);
  const rows = sections.flatMap((section) => section.rows);
  if (rows.length > MAX_ROWS) throw refuse("sections", `at most ${MAX_ROWS} rows in all, this has ${rows.length}`);
  unique("rows.id", rows, ({ id }) => id);
  const action = {
    button: required("button", button, 20),
    sections: sections.map((section, index) => {
      count(`sections.${index}.rows`, section.rows, 1, MAX_ROWS);
      return compact({
        title: sectionTitle(`sections.${index}.title`, section.title, sections.length),
        rows: section.rows.map((row, at) => listRow(row, `sections.${index}.rows.${at}`)),
      });
    }),
  };
  return interactive("list", { header, body, footer }, action, options, { maxBody: 4096, headers: ["text"] });
}

/** Titles of sections: at most 24 characters, needed as soon as there are several. */
export function sectionTitle(path: string, title: string | undefined, sections: number): string | undefined {
  if (sections > 1) return required(path, title, 24);
  return title === undefined ? undefined : atMost(path, title, 24);
}

function listRow({ id, title, description }: ListRow, path: string) {
  return compact({
    id: required(`${path}.id`, id, 200),
    title: required(`${path}.title`, title, 24),
    description: description === undefined ? undefined : required(`${path}.description`, description, 72),
  });
}

/** One button that opens a web page. */
export function composeLinkButton({
  title,
  url,
  header,
  body,
  footer,
  ...options
}: ComposeOptions & Frame & { title: string; url: string }): string {
  const parameters = { display_text: required("title", title, 20), url: webAddress("url", url) };
  return interactive("cta_url", { header, body, footer }, { name: "cta_url", parameters }, options);
}
