/** A template as clients see it: its parts and variables besides the raw components. */
import type { TemplateView as Parts } from "../../channels/whatsapp/template-view";
import type { TemplateView } from "../../events/view";
import type { Template } from "./template.model";
import type { TemplateReader } from "./template-rules";

const pick = ({ body, buttons, variables }: Parts) => ({ body, buttons, variables });

export function toTemplateView(template: Template, { viewTemplate }: TemplateReader): TemplateView {
  const { header, headerFormat, body, footer, buttons, variables, cards, limitedTimeOffer } = viewTemplate(template.components);
  return {
    id: template._id,
    wabaId: template.wabaId,
    metaId: template.metaId,
    name: template.name,
    language: template.language,
    category: template.category,
    status: template.status,
    quality: template.quality,
    rejectedReason: template.rejectedReason,
    parameterFormat: template.parameterFormat,
    header: header ?? null,
    headerFormat: headerFormat ?? null,
    body,
    footer: footer ?? null,
    buttons,
    variables,
    ...(cards ? { cards: cards.map((card) => ({ headerFormat: card.headerFormat ?? null, ...pick(card) })) } : {}),
    ...(limitedTimeOffer ? { limitedTimeOffer } : {}),
    components: template.components,
    syncedAt: template.syncedAt.toISOString(),
    createdAt: template.createdAt.toISOString(),
  };
}
