/**
 * Builders of everything that can be sent. Each returns the JSON string that goes over the wire: built once, stored, never parsed
 * again. Meta's limits are checked here, before the call: `compose.limit` names the field.
 */
export { type Address, type ComposeOptions, composeRead } from "./compose/envelope";
export {
  composeButtons,
  composeLinkButton,
  composeList,
  type Header,
  type ListRow,
  type ListSection,
  type ReplyButton,
} from "./compose/interactive";
export {
  type AddressForm,
  composeAddressRequest,
  composeCallPermissionRequest,
  composeContactInfoRequest,
  composeFlow,
  composeLocationRequest,
  composeVoiceCall,
  type FlowCall,
} from "./compose/interactive-form";
export {
  type CarouselCard,
  composeCarousel,
  composeCatalog,
  composeProduct,
  composeProductList,
  type ProductSection,
} from "./compose/interactive-shop";
export { composeMedia, type MediaContent, type MediaSource } from "./compose/media";
export { type ContactCard, composeContacts, composeLocation, composeReaction, type Place } from "./compose/place-and-people";
export {
  composeTemplate,
  type TemplateButton,
  type TemplateCall,
  type TemplateHeader,
  type TemplateValue,
} from "./compose/template";
export { composeText, splitText } from "./compose/text";
