/** Portuguese of the teams. */
import type { enTeams } from "./en-teams";

export const ptTeams: Record<keyof typeof enTeams, string> = {
  "teams.addMember": "Adicionar alguém a {{name}}",
  "teams.asAll": "Como para todos ({{way}})",
  "teams.asAllShort": "como para todos",
  "teams.capacity": "Conversas ao mesmo tempo",
  "teams.description": "O que faz",
  "teams.load.one": "{{count}} conversa",
  "teams.load.other": "{{count}} conversas",
  "teams.loadOf": "{{load}} de {{capacity}} conversas",
  "teams.members": "Integrantes",
  "teams.none": "Ainda não há equipes",
  "teams.noneText": "As equipes compartilham uma fila: vendas, suporte, uma filial.",
  "teams.takeOut": "Tirar {{name}} da equipe",
  "teams.text":
    "Uma equipe tem sua própria fila. Seus integrantes recebem o que espera ali, cada um até o que atende ao mesmo tempo.",
  "teams.toRules": "Como as demais conversas são distribuídas",
  "teams.toTeams": "Equipes e integrantes",
  "teams.waiting.one": "{{count}} espera",
  "teams.waiting.other": "{{count}} esperam",
  "teams.waitingNoTeam.one": "{{count}} conversa sem equipe espera por uma pessoa.",
  "teams.waitingNoTeam.other": "{{count}} conversas sem equipe esperam por uma pessoa.",
};
