/** How much is kept about the people who work with the product. */
import { Type as t } from "@sinclair/typebox";
import { settingGroup } from "./setting-group";

export const privacySettings = settingGroup({
  name: "privacy",
  title: "Privacy",
  description: "What is written down about people.",
  schema: t.Object({
    auditAddresses: t.Union([t.Literal("full"), t.Literal("shortened"), t.Literal("none")], {
      description: "How much of a network address the audit log keeps; shortened: without its last part",
    }),
  }),
  defaults: { auditAddresses: "full" },
});

/** The part of an address that may be kept. */
export function keptAddress(address: string, kept: "full" | "shortened" | "none"): string {
  if (kept === "full" || address === "") return address;
  if (kept === "none") return "";
  // The network of an IPv4 address, the site of an IPv6 one.
  return address.includes(":") ? `${address.split(":").slice(0, 3).join(":")}::` : address.replace(/\.\d+$/, ".0");
}
