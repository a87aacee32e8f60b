/** Portuguese of what is seldom seen in the inbox: inside of commands, a conversation that is gone, whose a conversation is. */
export const ptCommands = {
  "commands.lookInside": "ver o que há dentro",
  "commands.when": "Quando? em 3 horas, sexta 9h, 25/12 …",
  "commands.which": "Qual?",
  "commands.willDo": "Vai fazer",
  "failure.contact.exists": "Já existe um contato com este número ou identificador.",
  "failure.request.invalid": "Alguns campos ainda não estão certos.",
  "nudge.nobody": "Ninguém está com esta conversa ainda: com a sua resposta ela fica sua.",
  "nudge.theirs": "{{name}} está com esta conversa.",
  "snooze.comesBack": "Volta {{time}}",
  "snooze.exactly": "Data e hora",
  "snooze.example": "amanhã 9h, em 3 horas, sexta",
  "snooze.inWords": "Até quando",
  "snooze.unclear": "Que momento é esse? Escreva de outro jeito ou escolha uma data.",
  "thread.goneHeading": "Esta conversa não pode ser mostrada",
  "thread.goneText": "Ela não existe mais, ou está com pessoas cujas conversas o seu papel não alcança.",
  "thread.leftHeading": "Você não vê mais esta conversa",
  "thread.leftText":
    "Ela passou para outra pessoa, e o seu papel não alcança as dela. O que você tinha começado a escrever foi guardado.",
  "thread.toInbox": "Ir para a caixa de entrada",
};
