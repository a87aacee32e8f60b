/** Spanish of the pages around sandbox. */
import type { enSandbox } from "./en-sandbox";

export const esSandbox: Record<keyof typeof enSandbox, string> = {
  "chaos.calm": "Todo normal otra vez",
  "chaos.duplicates": "Webhooks duplicados",
  "chaos.errorCode": "Código de error al enviar",
  "chaos.fault": "Los envíos fallan",
  "chaos.heading": "Caos",
  "chaos.hideNumbers": "Números ocultos",
  "chaos.reorder": "Fuera de orden",
  "chaos.skipDelivered": "«Entregado» nunca llega",
  "chaos.statusBeforeAnswer": "«Enviado» antes de la respuesta",
  "chaos.statusDelay": "Estados tarde (ms)",
  "chaos.tokenExpired": "El token venció",
  "sandbox.beside": "Poner otro teléfono al lado",
  "sandbox.blocks": "Bloquea a la empresa",
  "sandbox.call": "Llamada",
  "sandbox.hold": "Mostrar la conversación de {{name}} en la bandeja",
  "sandbox.more": "Enviar otra cosa",
  "sandbox.poll": "Encuesta (no compatible)",
  "sandbox.putAway": "Guardar el teléfono de {{name}}",
  "sandbox.resume": "Quiere publicidad otra vez",
  "sandbox.stop": "Detiene la publicidad",
};
