/** A named group of settings: one schema, one set of defaults, one stored document. Features define theirs beside their service. */
import type { Static, TObject } from "@sinclair/typebox";
import type { ErrorDetail } from "../../core/errors";
import type { Permission } from "../../core/permissions";
import type { Reference } from "../references/reference.service";

export interface SettingGroup<T extends TObject = TObject> {
  /** In addresses and events: lower case, with dashes. */
  name: string;
  title: string;
  description: string;
  /** Every property described; `default` is not used in it, because an absent field of a change must stay absent. */
  schema: T;
  /** What holds until somebody changes it. */
  defaults: Static<T>;
  /** Rules between fields. */
  check?(values: Static<T>): ErrorDetail[];
  /** What the values name that has to exist. */
  references?(values: Static<T>): Reference[];
  /** Who may see and change it; `settings.read` and `settings.manage` when absent. */
  read?: Permission;
  manage?: Permission;
}

/** Defines a group: `settings.get(group)` then has the type of its schema. */
export const settingGroup = <T extends TObject>(group: SettingGroup<T>): SettingGroup<T> => group;
