/**
 * What can be wrong with a single field, each with a code, so that a client can say it in the language of its reader. The English
 * sentence stands where the rule is broken; here it is recognised, with the values that are in it. Pure.
 */
export interface BrokenRule {
  rule: string;
  params?: Record<string, string>;
}

/** By code: the sentence, with `{{...}}` for what differs. */
export const FIELD_RULES = {
  // Asked for by the schema of a request.
  needed: "is needed",
  unknown: "is not known here",
  "kind.text": "must be text",
  "kind.number": "must be a number",
  "kind.whole": "must be a whole number",
  "kind.yes-no": "must be yes or no",
  "kind.list": "must be a list",
  "kind.group": "must be a group of fields",
  "text.short": "must be at least {{least}} characters",
  "text.long": "must be at most {{most}} characters",
  "text.shape": "is not written as it has to be",
  "text.email": "is not an e-mail address",
  "text.date": "is not a date",
  "number.small": "must be at least {{least}}",
  "number.large": "must be at most {{most}}",
  "number.more": "must be more than {{least}}",
  "number.less": "must be less than {{most}}",
  "number.step": "must be a multiple of {{step}}",
  "number.from-to": "a whole number from {{least}} to {{most}} is needed",
  "list.short": "must have at least {{least}} entries",
  "list.long": "must have at most {{most}} entries",
  "list.twice": "names something twice",
  "group.empty": "must not be without any field",
  "group.full": "has too many fields",
  "choice.one": "use one of: {{choices}}",
  "choice.exactly": 'must be "{{value}}"',
  "choice.none": "is nothing that fits here",
  // Said by what stands behind it.
  empty: "must not be empty",
  missing: "is missing",
  time: "is not a time",
  "time.must": "must be a time",
  "time.none": "there is no such day or moment",
  zone: "is not an IANA time zone such as America/Lima",
  "zone.name": "is no time zone; a name such as America/Lima is needed",
  "zone.none": "there is no such time zone",
  "address.web": "must be an http(s) address",
  "address.none": "is not a web address",
  taken: "belongs to somebody else",
  "name.taken": "another rule has this name",
  "named.before": "is named before already",
  "team.none-named": "names no team",
  "team.own": "only teams of your own",
  "team.gone": 'There is no team "{{id}}".',
  "agent.gone": 'There is nobody "{{id}}" among those who work here.',
  "agent.unknown": "There is no agent {{id}}.",
  "label.gone": 'There is no label "{{name}}".',
  "label.none-named": "names no label",
  "role.gone": 'There is no role "{{id}}".',
  "attribute.gone": 'Contacts have no attribute "{{id}}".',
  "attribute.unknown": 'There is no attribute "{{id}}".',
  "attribute.long": "{{name}} is longer than {{most}} characters.",
  "attribute.number": '{{name}} has to be a number, not "{{value}}".',
  "attribute.yes-no": '{{name}} has to be true or false, not "{{value}}".',
  "attribute.date": '{{name}} has to be a date such as 2026-11-20, not "{{value}}".',
  "attribute.choice": '{{name}} has to be one of {{choices}}, not "{{value}}".',
  "attribute.link": "{{name}} has to be an address that begins with https:// or http://.",
  "options.needed": "a list needs options to choose from",
  "options.only": "only a list has options",
  "filter.value": '"{{is}}" needs a value',
  "hours.before-end": "must be less than the hours until the end",
  "hours.theirs": '"{{name}}" is their schedule.',
  "target.needed": "needs toTeam or toAgent",
  "variable.unknown": "names {{{{name}}}}, which is not known here",
  "variable.not-prompt": "names {{{{name}}}}, which is not a variable of prompts",
  "price.decimals": "has a price with more than three decimals",
  "price.minute": "has a price a minute with more than six decimals",
  "event.oldest": "the oldest event is {{event}}",
  "mapping.json": "an object of column and field as JSON",
  "title.pairs": "belongs to pairs only",
  "days.from": "must be 0 to {{most}} days after from",
  "version.now": "It is version {{version}} now.",
  "version.quotes": "a version in quotes is needed",
  "id.needed": "an id is needed",
  "value.plain": "a plain value is needed",
  "never.accepted": "is never accepted",
  "key.length": "{{least}} to {{most}} characters are needed",
  "template.must": "must be a template",
  "template.gone": 'There is no template "{{id}}".',
  "silence.minutes": "silence needs a number of minutes",
  "silence.only": "only silence has minutes",
  "rule.take": "a rule cannot take a conversation: assign it to somebody",
  "task.text": "is needed for this task",
  "task.language": "is needed: the customer's is not known",
  future: "must be in the future",
  "day.none": "there is no such day",
  "day.behind": "is behind `to`",
  "day.most": "a report of this kind has {{most}} days at most",
  "message.other": "The message is not one of this conversation.",
  "message.unsent": "WhatsApp does not know this message yet.",
  "file.foreign": "is not a file that was uploaded here",
  "file.alone": "cannot be sent as a message of its own",
  "tool.built-in": "is the name of a tool that is built in",
  "tool.twice": "has a name twice",
  "tool.address": "{{name}} stands in the address and has to be required",
  "tool.confirm": "is needed when the customer has to confirm",
  "tool.parameter": "names {{{name}}}, which is no parameter",
  "tool.secret": "is needed for the secret",
  "tool.carries-secret": "carries a secret: use secretHeader and secret",
  yaml: "is no YAML: {{why}}",
  // What WhatsApp would refuse.
  "wa.long": "at most {{most}} characters, this has {{count}}",
  "wa.items": "{{least}} to {{most}} items, this has {{count}}",
  "wa.twice": '"{{key}}" appears twice',
  "wa.part-twice": "{{part}} appears twice",
  "wa.between": "must be between {{least}} and {{most}}",
  "wa.either": "needs either {{one}} or {{other}}",
  "wa.emoji": "must be one emoji",
  "wa.country": "must be IN or SG",
  "wa.names": "must be lower-case letters, digits and underscores",
  "wa.blanks": "must not contain line breaks, tabs or more than four blanks in a row",
  "wa.only-navigate": "is only for the action navigate",
  "wa.screen": "needs a screen and at least one key",
  "wa.products": "at most {{most}} products in all, this has {{count}}",
  "wa.rows": "at most {{most}} rows in all, this has {{count}}",
  "wa.breaks": "at most {{most}} line breaks",
  "wa.one-kind": "must all be of one kind",
  "wa.no-header": "{{type}} takes no header of type {{header}}",
  "wa.no-footer": "{{type}} takes no footer",
  // What is wrong with a template, or with what is put into one.
  "tpl.body": "a BODY is needed",
  "tpl.no-variables": "takes no variables",
  "tpl.one-variable": "takes one variable at most",
  "tpl.example": "the variable {{{{name}}}} needs an example",
  "tpl.names": "{{{{name}}}}: names are lower-case letters, digits and underscores",
  "tpl.numbers": "{{{{name}}}}: variables are numbered {{1}}, {{2}} ... in order",
  "tpl.ends": "must neither begin nor end with a variable",
  "tpl.file": "an example file is needed: name a stored file as mediaId, or give a handle",
  "tpl.handle": "an address is no handle: name a stored file as mediaId",
  "tpl.card-header": "a card needs a header of format IMAGE, VIDEO or PRODUCT",
  "tpl.same-cards": "all cards must have the same parts and buttons",
  "tpl.buttons": "at most {{most}} of type {{type}}",
  "tpl.cards": "the template has {{wanted}} card(s), this has {{count}}",
  "tpl.no-offer": "the template has no offer that ends",
  "tpl.offer-end": "the template needs the end of its offer",
  "tpl.button-needs": "the button {{index}} needs {{what}}",
  "tpl.no-button": "the template has no {{type}} button there",
  "tpl.no-value": "the template's header takes no value",
  "tpl.header": "the template needs a header of type {{type}}",
  "tpl.no-variable": "the template has no such variable",
  "tpl.values": "the template takes {{wanted}} value(s), this has {{count}}",
  "tpl.by-name": "the template takes values by name: {{names}}",
} as const satisfies Record<string, string>;

export type FieldRule = keyof typeof FIELD_RULES;

const HOLE = /\{\{([a-z]\w*)\}\}/g;

/** The sentence of a rule, with its values. */
export const sentenceOf = (rule: FieldRule, params: Readonly<Record<string, string | number>> = {}): string =>
  FIELD_RULES[rule].replace(HOLE, (_, name: string) => String(params[name] ?? ""));

interface Pattern {
  rule: string;
  pattern: RegExp;
  names: string[];
  /** How much of it is words. */
  said: number;
}

/** Those that say more come first. */
const PATTERNS: readonly Pattern[] = Object.entries(FIELD_RULES)
  .map(([rule, sentence]) => {
    const names: string[] = [];
    const parts = sentence.split(HOLE).map((part, index) => {
      if (index % 2 === 0) return part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
      names.push(part);
      return "(.*?)";
    });
    return { rule, pattern: new RegExp(`^${parts.join("")}$`, "s"), names, said: sentence.replace(HOLE, "").length };
  })
  .sort((a, b) => b.said - a.said);

/** The rule that a sentence speaks of; null for one that is in no table, such as the name of somebody's schedule alone. */
export function ruleIn(sentence: string): BrokenRule | null {
  for (const { rule, pattern, names } of PATTERNS) {
    const found = pattern.exec(sentence);
    if (!found) continue;
    if (names.length === 0) return { rule };
    return { rule, params: Object.fromEntries(names.map((name, index) => [name, found[index + 1] ?? ""])) };
  }
  return null;
}
