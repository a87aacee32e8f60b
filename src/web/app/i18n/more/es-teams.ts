/** Spanish of the teams. */
import type { enTeams } from "./en-teams";

export const esTeams: Record<keyof typeof enTeams, string> = {
  "teams.addMember": "Agregar a alguien a {{name}}",
  "teams.asAll": "Como para todos ({{way}})",
  "teams.asAllShort": "como para todos",
  "teams.capacity": "Conversaciones a la vez",
  "teams.description": "A qué se dedica",
  "teams.load.one": "{{count}} conversación",
  "teams.load.other": "{{count}} conversaciones",
  "teams.loadOf": "{{load}} de {{capacity}} conversaciones",
  "teams.members": "Integrantes",
  "teams.none": "Aún no hay equipos",
  "teams.noneText": "Los equipos comparten una cola: ventas, soporte, una sucursal.",
  "teams.takeOut": "Sacar a {{name}} del equipo",
  "teams.text": "Un equipo tiene su propia cola. Sus integrantes reciben lo que espera ahí, cada uno hasta lo que toma a la vez.",
  "teams.toRules": "Cómo se reparten las demás conversaciones",
  "teams.toTeams": "Equipos e integrantes",
  "teams.waiting.one": "{{count}} espera",
  "teams.waiting.other": "{{count}} esperan",
  "teams.waitingNoTeam.one": "{{count}} conversación sin equipo espera a una persona.",
  "teams.waitingNoTeam.other": "{{count}} conversaciones sin equipo esperan a una persona.",
};
