/** What the import routes accept and answer. */
import { type Static, Type as t } from "@sinclair/typebox";
import { t as query } from "elysia";
import { okSchema, pageQuery, pageSchema } from "../../core/envelope";
import { ImportView } from "../../events/customer-view";
import { Id, oneOf } from "../../events/view";

export const NewImport = t.Object({
  dryRun: t.Optional(query.BooleanString({ description: "Change nothing, only tell what would be" })),
  onExisting: t.Optional(oneOf(["update", "skip"])),
  countryCode: t.Optional(
    t.String({ pattern: "^[1-9]\\d{0,3}$", description: "Of numbers that have none, such as 51", examples: ["51"] }),
  ),
  delimiter: t.Optional(oneOf([",", ";", "\t", "|"])),
  encoding: t.Optional(oneOf(["utf-8", "utf-16le", "utf-16be", "windows-1252"])),
  filename: t.Optional(t.String({ maxLength: 200 })),
  mapping: t.Optional(
    t.String({
      maxLength: 10_000,
      description:
        'What columns mean, as JSON: {"Column": "name" | "phone" | "email" | "company" | "language" | "labels" | "externalId" | "optedIn" | "attributes.KEY" | null}. Columns that are left out are recognised by their names.',
      examples: ['{"Cliente": "name", "Ciudad": "attributes.city"}'],
    }),
  ),
});
export type NewImport = Static<typeof NewImport>;

export const ImportParams = t.Object({ id: Id });
export const ImportQuery = t.Object(pageQuery);
export const ImportAnswer = okSchema(ImportView);
export const ImportPage = pageSchema(ImportView);
