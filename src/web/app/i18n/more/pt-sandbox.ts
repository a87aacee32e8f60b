/** Portuguese of the pages around sandbox. */
import type { enSandbox } from "./en-sandbox";

export const ptSandbox: Record<keyof typeof enSandbox, string> = {
  "chaos.calm": "Tudo normal de novo",
  "chaos.duplicates": "Webhooks duplicados",
  "chaos.errorCode": "Código de erro ao enviar",
  "chaos.fault": "Envios falham",
  "chaos.heading": "Caos",
  "chaos.hideNumbers": "Números ocultos",
  "chaos.reorder": "Fora de ordem",
  "chaos.skipDelivered": "“Entregue” nunca chega",
  "chaos.statusBeforeAnswer": "“Enviado” antes da resposta",
  "chaos.statusDelay": "Status atrasados (ms)",
  "chaos.tokenExpired": "O token expirou",
  "sandbox.beside": "Pôr outro telefone ao lado",
  "sandbox.blocks": "Bloqueia a empresa",
  "sandbox.call": "Ligação",
  "sandbox.hold": "Mostrar a conversa de {{name}} na caixa de entrada",
  "sandbox.more": "Enviar outra coisa",
  "sandbox.poll": "Enquete (sem suporte)",
  "sandbox.putAway": "Guardar o telefone de {{name}}",
  "sandbox.resume": "Quer marketing de novo",
  "sandbox.stop": "Para o marketing",
};
