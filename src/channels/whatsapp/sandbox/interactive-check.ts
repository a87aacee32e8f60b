/** What Meta checks in interactive messages: one row per type with its own limits (facts §3.1). */
import { type JsonObject, objectOf } from "../json-value";
import { parameterInvalid, parameterMissing } from "./graph-refusal";
import { checkMediaSource, isWebAddress, mayText, needList, needText, needUnique } from "./value-check";

interface Rules {
  maxBody?: number;
  body?: "required" | "optional";
  headers: readonly string[];
  needsHeader?: boolean;
  footer?: boolean;
  action: (action: JsonObject) => void;
}

const ANY_HEADER = ["text", "image", "video", "document"];
const named = (name: string) => (action: JsonObject) => {
  if (action.name !== name) throw parameterInvalid(`interactive.action.name must be '${name}'.`);
};

const rules: Record<string, Rules> = {
  button: { headers: ANY_HEADER, action: checkButtons },
  list: { maxBody: 4096, headers: ["text"], action: checkList },
  cta_url: {
    headers: ANY_HEADER,
    action: (action) => {
      named("cta_url")(action);
      const parameters = objectOf(action.parameters);
      needText("interactive.action.parameters.display_text", parameters?.display_text, 20);
      if (!isWebAddress(parameters?.url)) throw parameterInvalid("interactive.action.parameters.url must be an http(s) address.");
    },
  },
  flow: { headers: ANY_HEADER, action: checkFlow },
  product: { headers: [], body: "optional", action: (action) => checkProduct(action) },
  product_list: { headers: ["text"], needsHeader: true, action: checkProductList },
  catalog_message: { headers: [], action: named("catalog_message") },
  location_request_message: { headers: [], action: named("send_location") },
  request_contact_info: { headers: [], action: named("request_contact_info") },
  call_permission_request: { headers: [], body: "optional", action: named("call_permission_request") },
  voice_call: {
    headers: [],
    action: (action) => {
      named("voice_call")(action);
      const parameters = objectOf(action.parameters);
      mayText("interactive.action.parameters.display_text", parameters?.display_text, 20);
      mayText("interactive.action.parameters.payload", parameters?.payload, 512);
      const ttl = parameters?.ttl_minutes;
      if (ttl !== undefined && !(Number.isInteger(ttl) && Number(ttl) >= 1 && Number(ttl) <= 43_200))
        throw parameterInvalid("interactive.action.parameters.ttl_minutes must be between 1 and 43200.");
    },
  },
  address_message: {
    headers: ANY_HEADER,
    action: (action) => {
      named("address_message")(action);
      const country = objectOf(action.parameters)?.country;
      if (country !== "IN" && country !== "SG") throw parameterInvalid("interactive.action.parameters.country must be IN or SG.");
    },
  },
  carousel: { headers: [], footer: false, action: checkCarousel },
};

export function checkInteractive(interactive: JsonObject): void {
  const type = interactive.type;
  const rule = typeof type === "string" && Object.hasOwn(rules, type) ? rules[type] : undefined;
  if (!rule) throw parameterInvalid(`interactive.type must be one of ${Object.keys(rules).join(", ")}.`);
  checkHeader(interactive.header, rule);
  const body = objectOf(interactive.body)?.text;
  if (body !== undefined || rule.body !== "optional") needText("interactive.body.text", body, rule.maxBody ?? 1024);
  if (interactive.footer !== undefined) {
    if (rule.footer === false) throw parameterInvalid(`${type} does not take a footer.`);
    needText("interactive.footer.text", objectOf(interactive.footer)?.text, 60);
  }
  const action = objectOf(interactive.action);
  if (!action) throw parameterMissing("interactive.action is required.");
  rule.action(action);
}

function checkHeader(value: unknown, { headers, needsHeader = false }: Rules): void {
  if (value === undefined) {
    if (needsHeader) throw parameterMissing("interactive.header is required.");
    return;
  }
  const header = objectOf(value);
  const type = header?.type;
  if (typeof type !== "string" || !headers.includes(type))
    throw parameterInvalid("interactive.header.type is not valid for this message.");
  if (type === "text") needText("interactive.header.text", header?.text, 60);
  else checkMediaSource(`interactive.header.${type}`, objectOf(header?.[type]));
}

function checkButtons(action: JsonObject): void {
  const buttons = needList("interactive.action.buttons", action.buttons, 1, 3).map((item, at) => {
    const path = `interactive.action.buttons.${at}`;
    if (objectOf(item)?.type !== "reply") throw parameterInvalid(`${path}.type must be 'reply'.`);
    const reply = objectOf(objectOf(item)?.reply);
    return { id: needText(`${path}.reply.id`, reply?.id, 256), title: needText(`${path}.reply.title`, reply?.title, 20) };
  });
  needUnique(
    "Button ids",
    buttons.map(({ id }) => id),
  );
  needUnique(
    "Button titles",
    buttons.map(({ title }) => title),
  );
}

function checkList(action: JsonObject): void {
  needText("interactive.action.button", action.button, 20);
  const sections = needList("interactive.action.sections", action.sections, 1, 10);
  const ids = sections.flatMap((item, at) => {
    const path = `interactive.action.sections.${at}`;
    checkSectionTitle(path, item, sections.length);
    return needList(`${path}.rows`, objectOf(item)?.rows, 1, 10).map((value, index) => {
      const row = objectOf(value);
      needText(`${path}.rows.${index}.title`, row?.title, 24);
      mayText(`${path}.rows.${index}.description`, row?.description, 72);
      return needText(`${path}.rows.${index}.id`, row?.id, 200);
    });
  });
  if (ids.length > 10) throw parameterInvalid("Total row count exceed max allowed count: 10.");
  needUnique("Row ids", ids);
}

function checkSectionTitle(path: string, section: unknown, sections: number): void {
  const title = objectOf(section)?.title;
  if (sections > 1) needText(`${path}.title`, title, 24);
  else mayText(`${path}.title`, title, 24);
}

function checkFlow(action: JsonObject): void {
  named("flow")(action);
  const parameters = objectOf(action.parameters);
  if (String(parameters?.flow_message_version) !== "3") throw parameterInvalid("flow_message_version must be '3'.");
  if ((parameters?.flow_id === undefined) === (parameters?.flow_name === undefined)) {
    throw parameterInvalid("Exactly one of flow_id and flow_name is required.");
  }
  needText("interactive.action.parameters.flow_cta", parameters?.flow_cta, 30);
  const flowAction = parameters?.flow_action;
  if (flowAction !== undefined && flowAction !== "navigate" && flowAction !== "data_exchange") {
    throw parameterInvalid("flow_action must be 'navigate' or 'data_exchange'.");
  }
}

function checkProduct(action: JsonObject, path = "interactive.action"): void {
  needText(`${path}.catalog_id`, action.catalog_id, 100);
  needText(`${path}.product_retailer_id`, action.product_retailer_id, 200);
}

function checkProductList(action: JsonObject): void {
  needText("interactive.action.catalog_id", action.catalog_id, 100);
  const sections = needList("interactive.action.sections", action.sections, 1, 10);
  let products = 0;
  for (const [at, item] of sections.entries()) {
    const path = `interactive.action.sections.${at}`;
    checkSectionTitle(path, item, sections.length);
    for (const product of needList(`${path}.product_items`, objectOf(item)?.product_items, 1, 30)) {
      needText(`${path}.product_items.product_retailer_id`, objectOf(product)?.product_retailer_id, 200);
      products++;
    }
  }
  if (products > 30) throw parameterInvalid("A product list has at most 30 products.");
}

function checkCarousel(action: JsonObject): void {
  const cards = needList("interactive.action.cards", action.cards, 2, 10);
  for (const [at, item] of cards.entries()) {
    const path = `interactive.action.cards.${at}`;
    const card = objectOf(item);
    if (card?.card_index !== at) throw parameterInvalid(`${path}.card_index must be ${at}.`);
    const cardAction = objectOf(card.action);
    if (!cardAction) throw parameterMissing(`${path}.action is required.`);
    if (card.type === "product") {
      checkProduct(cardAction, `${path}.action`);
      continue;
    }
    const header = objectOf(card.header);
    const type = header?.type;
    if (type !== "image" && type !== "video") throw parameterInvalid(`${path}.header must be an image or a video.`);
    checkMediaSource(`${path}.header.${type}`, objectOf(header?.[type]));
    const body = objectOf(card.body)?.text;
    mayText(`${path}.body.text`, body, 160);
    if (typeof body === "string" && body.split("\n").length > 3)
      throw parameterInvalid(`${path}.body.text has more than 2 line breaks.`);
    if (card.type !== "cta_url") throw parameterInvalid(`${path}.type must be 'cta_url' or 'product'.`);
    checkCardAction(`${path}.action`, cardAction);
  }
  if (new Set(cards.map((card) => objectOf(card)?.type)).size > 1) throw parameterInvalid("All cards must have the same type.");
}

function checkCardAction(path: string, action: JsonObject): void {
  if (action.name === "cta_url") {
    const parameters = objectOf(action.parameters);
    needText(`${path}.parameters.display_text`, parameters?.display_text, 20);
    if (!isWebAddress(parameters?.url)) throw parameterInvalid(`${path}.parameters.url must be an http(s) address.`);
    return;
  }
  for (const [at, item] of needList(`${path}.buttons`, action.buttons, 1, 2).entries()) {
    const reply = objectOf(objectOf(item)?.quick_reply);
    needText(`${path}.buttons.${at}.quick_reply.id`, reply?.id, 256);
    needText(`${path}.buttons.${at}.quick_reply.title`, reply?.title, 20);
  }
}
