/** What the sandbox assistant can say, in three languages, and how it tells them apart. It knows nothing about the business and says so. */

import { has, wordSigns } from "../person-signs";

export type Language = "es" | "en" | "pt";
export type Topic = "greeting" | "hours" | "price" | "stock" | "delivery" | "thanks" | "media" | "question" | "statement";

export interface Phrases {
  together: (count: number) => string;
  topics: Record<Topic, string>;
  thanksOnly: string;
  handOff: string;
  handOffSummary: (text: string) => string;
  footer: string;
}

export const PHRASES: Readonly<Record<Language, Phrases>> = {
  es: {
    together: (count) => `Leí juntos tus ${count} mensajes:`,
    topics: {
      greeting: "¡hola! 👋 ¿En qué te ayudo?",
      hours: "el horario te lo confirmo en cuanto tenga los datos del negocio.",
      price: "el precio te lo paso en cuanto tenga la lista del negocio.",
      stock: "la disponibilidad te la confirmo en cuanto tenga el catálogo.",
      delivery: "los envíos te los detallo en cuanto tenga los datos del negocio.",
      thanks: "¡con gusto!",
      media: "recibido; el sandbox no abre archivos.",
      question: "buena pregunta; la respondo en cuanto tenga los datos del negocio.",
      statement: "anotado.",
    },
    thanksOnly: "¡Con gusto! Si necesitas algo más, aquí estoy. 😊",
    handOff: "Claro, te paso con una persona del equipo. 🙌",
    handOffSummary: (text) => `El cliente pide hablar con una persona. Escribió: «${text}».`,
    footer: "_Asistente del sandbox: conecta un modelo para respuestas reales._",
  },
  en: {
    together: (count) => `I read your ${count} messages together:`,
    topics: {
      greeting: "hi! 👋 How can I help?",
      hours: "I will confirm the opening hours once I have the details of the business.",
      price: "I will tell you the price once I have the list of the business.",
      stock: "I will confirm the stock once I have the catalogue.",
      delivery: "I will explain delivery once I have the details of the business.",
      thanks: "you're welcome!",
      media: "received; the sandbox opens no files.",
      question: "good question; I will answer it once I have the details of the business.",
      statement: "noted.",
    },
    thanksOnly: "You're welcome! I'm here if you need anything else. 😊",
    handOff: "Sure, I'm passing you to a person of the team. 🙌",
    handOffSummary: (text) => `The customer asks for a person. They wrote: “${text}”.`,
    footer: "_Sandbox assistant: connect a model for real answers._",
  },
  pt: {
    together: (count) => `Li juntas as suas ${count} mensagens:`,
    topics: {
      greeting: "olá! 👋 Como posso ajudar?",
      hours: "confirmo o horário assim que tiver os dados do negócio.",
      price: "passo o preço assim que tiver a lista do negócio.",
      stock: "confirmo a disponibilidade assim que tiver o catálogo.",
      delivery: "explico as entregas assim que tiver os dados do negócio.",
      thanks: "de nada!",
      media: "recebido; o sandbox não abre arquivos.",
      question: "boa pergunta; respondo assim que tiver os dados do negócio.",
      statement: "anotado.",
    },
    thanksOnly: "De nada! Se precisar de mais alguma coisa, estou por aqui. 😊",
    handOff: "Claro, vou passar você para uma pessoa da equipe. 🙌",
    handOffSummary: (text) => `O cliente pede para falar com uma pessoa. Escreveu: “${text}”.`,
    footer: "_Assistente do sandbox: conecte um modelo para respostas reais._",
  },
};

const SIGNS: Readonly<Record<Language, RegExp>> = {
  es: wordSigns(
    "hola|buen[oa]s|gracias|quiero|hablar|tienen|tienes|hay|cu[aá]nto|cu[aá]ndo|d[oó]nde|precio|cuesta|abren|env[ií]os?|hoy|el|los|las|con|una|pregunta|por favor|est[aá]n?",
    "|[¿¡ñ]",
  ),
  en: wordSigns(
    "hello|hi|hey|thanks|thank|you|the|is|are|do|does|have|how|much|what|when|where|price|open|today|want|talk|speak|to|please|with|question|my",
  ),
  pt: wordSigns(
    "ol[áa]|oi|bom dia|boa tarde|boa noite|obrigad[oa]|voc[êe]s?|n[ãa]o|quero|falar|tem|t[êe]m|quanto|custa|pre[çc]o|abrem|hoje|uma|com|atendente|estoque|entregam?",
    "|[ãõç]",
  ),
};

/** The language most signs speak for; `fallback` when none does. */
export function detectLanguage(text: string, fallback: Language): Language {
  const score = (language: Language) => text.match(SIGNS[language])?.length ?? 0;
  let best: Language = fallback;
  for (const language of ["es", "en", "pt"] as const) if (score(language) > score(best)) best = language;
  return best;
}

const TOPIC_SIGNS: readonly [Topic, RegExp][] = [
  ["media", /^\[[a-z]+\]/],
  ["hours", wordSigns("horarios?|hor[aá]rios?|abren|abrem|abr[ií]s|abierto|aberto|cierran|fecham|open|opening|close|hours")],
  ["price", wordSigns("precios?|pre[çc]os?|prices?|cu[aá]nto|quanto|cuesta|custa|cost|how much|vale")],
  ["stock", wordSigns("stock|tienen|tem|t[êe]m|hay|disponib\\p{L}*|estoque|available|do you have")],
  ["delivery", wordSigns("env[ií]\\p{L}*|entreg\\p{L}*|deliver\\p{L}*|shipping|ship|domicilio|frete")],
  ["thanks", wordSigns("gracias|thanks|thank you|obrigad[oa]")],
];
/** Only these words, whatever marks and emoji stand around them. */
const onlyWords = (words: string): RegExp => new RegExp(`^[^\\p{L}\\p{N}?¿]*(?:${words})[^\\p{L}\\p{N}?¿]*$`, "iu");
const GREETING = onlyWords("hola|buen[oa]s?(?: (?:d[ií]as|tardes|noches))?|hello|hi|hey|ol[áa]|oi|bom dia|boa tarde|boa noite");
const THANKS_ONLY = onlyWords(
  "(?:muchas |mil |many |muito )?(?:gracias|thanks|thank you|thx|obrigad[oa]|valeu)(?: (?:a lot|so much|very much|por todo|por tudo))?",
);
export const isThanksOnly = (text: string): boolean => THANKS_ONLY.test(text);

/** What a customer's fragment is about. */
export function topicOf(text: string): Topic {
  if (GREETING.test(text)) return "greeting";
  const found = TOPIC_SIGNS.find(([, sign]) => has(sign, text));
  if (found) return found[0];
  return /[?¿]/.test(text) ? "question" : "statement";
}
