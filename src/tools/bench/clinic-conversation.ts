/** A dental clinic's chat of 40 turns, 23 of them with one look into the knowledge base: what the money tests are measured on. */

export interface ClinicTurn {
  customer: string;
  assistant: string;
  /** The article that the assistant looks up before it answers. */
  looksUp?: keyof typeof ARTICLES;
}

export const ARTICLES = {
  hours:
    "Horarios y sede. La clínica atiende de lunes a viernes de 9:00 a 19:00 y los sábados de 9:00 a 13:00; domingos y feriados está cerrada. " +
    "La recepción abre quince minutos antes de la primera cita. La sede está en la avenida Los Álamos 450, segundo piso, frente al parque central; " +
    "hay rampa y ascensor. Estacionamiento propio para seis autos, gratuito durante la cita; con la sala llena se valida el ticket del parque. " +
    "En bus: líneas 12, 31 y 204, paradero Parque Central. Las citas de la tarde se confirman el mismo día antes de las 11:00 por este medio; " +
    "si no hay respuesta el turno se ofrece a la lista de espera. Llegadas con más de quince minutos de retraso se reprograman sin costo una vez. " +
    "Los menores de edad vienen con un adulto que firma la ficha. Para urgencias fuera de horario hay una guardia telefónica hasta las 22:00.",
  prices:
    "Lista de precios orientativa, en soles, con impuestos. Consulta y evaluación: 60; se descuenta del tratamiento si se inicia en treinta días. " +
    "Limpieza con ultrasonido y pulido: 120. Limpieza profunda por cuadrante: 180. Resina de una cara: 110; de dos o tres caras: 150. " +
    "Endodoncia anterior: 380; premolar: 450; molar: 620, sin la restauración final. Corona de porcelana sobre metal: 650; de zirconio: 980. " +
    "Extracción simple: 90; de cordal incluido: 350 a 480 según la radiografía. Blanqueamiento en consultorio: 420, en casa: 300. " +
    "Radiografía periapical: 25; panorámica: 70. Pago en efectivo, tarjeta o transferencia; a partir de 600 se puede pagar en tres cuotas sin interés. " +
    "Los presupuestos valen sesenta días. Los convenios con empresas tienen quince por ciento menos en consultas y limpiezas, no en prótesis.",
  whitening:
    "Blanqueamiento dental. Antes del tratamiento se hace una limpieza y se revisan caries y encías; con caries activas se trata primero. " +
    "En consultorio dura de 60 a 80 minutos en una sesión, con gel al 35 % en tres aplicaciones; en casa se usan férulas con gel al 16 % durante catorce noches. " +
    "El resultado se mantiene de uno a dos años según los hábitos. Es normal una sensibilidad leve durante dos o tres días; se da un gel desensibilizante. " +
    "Durante 48 horas se evitan café, té, vino tinto, salsas oscuras y tabaco. No se hace en embarazo, en lactancia ni en menores de 18 años. " +
    "Coronas, carillas y resinas no cambian de color: si están a la vista se planifica su cambio dos semanas después. " +
    "No se garantiza un número de tonos; el promedio es de cuatro a seis en la guía de color.",
  aftercare:
    "Cuidados después de una extracción. Muerda la gasa durante treinta minutos sin hablar ni escupir. Hielo por fuera, diez minutos sí y diez no, las primeras cuatro horas. " +
    "No use sorbete, no fume y no se enjuague con fuerza durante 24 horas: el coágulo protege la herida. Comida blanda y fría el primer día; nada caliente ni picante. " +
    "Duerma con la cabeza más alta. El dolor moderado se maneja con el analgésico indicado por la doctora, cada ocho horas, nunca con aspirina. " +
    "Desde el segundo día, enjuagues suaves de agua con sal después de comer. Es normal que sangre un poco y que se hinche hasta el tercer día. " +
    "Escríbanos o llame a la guardia si el sangrado no cede con una hora de presión, si hay fiebre de más de 38 grados, pus o dolor que aumenta después del tercer día. " +
    "Los puntos se retiran entre los siete y los diez días; la cita de control no tiene costo.",
} as const;

const turn = (customer: string, assistant: string, looksUp?: keyof typeof ARTICLES): ClinicTurn => ({
  customer,
  assistant,
  ...(looksUp && { looksUp }),
});

export const CLINIC_TURNS: readonly ClinicTurn[] = [
  turn("Hola, buenas tardes", "¡Hola! Soy el asistente de la clínica. ¿En qué te ayudo?"),
  turn("¿Cuánto cuesta una limpieza?", "La limpieza con ultrasonido y pulido cuesta 120 soles, con impuestos.", "prices"),
  turn("¿Y cuánto demora?", "Entre 40 y 50 minutos. ¿Quieres que busquemos una hora?"),
  turn("Sí, ¿atienden los sábados?", "Sí, los sábados de 9:00 a 13:00. ¿Prefieres temprano o hacia el mediodía?", "hours"),
  turn("Temprano mejor", "Perfecto, lo anoto: sábado temprano. ¿A nombre de quién?"),
  turn("Rosa Medina", "Gracias, Rosa. ¿Es tu primera visita a la clínica?"),
  turn("Sí, primera vez", "Bienvenida. Trae tu documento y llega diez minutos antes para llenar la ficha."),
  turn("¿Dónde quedan?", "En la avenida Los Álamos 450, segundo piso, frente al parque central.", "hours"),
  turn(
    "¿Tienen estacionamiento?",
    "Sí, para seis autos y gratis durante tu cita. Si está lleno, validamos el ticket del parque.",
    "hours",
  ),
  turn("Voy en bus, ¿cuál me sirve?", "Las líneas 12, 31 y 204; bájate en el paradero Parque Central."),
  turn(
    "Genial. También quiero blanquearme los dientes",
    "Claro. Antes se hace una limpieza y se revisan caries y encías.",
    "whitening",
  ),
  turn("¿Cuánto sale el blanqueamiento?", "En consultorio 420 soles y en casa 300.", "prices"),
  turn(
    "¿Cuál me recomiendan?",
    "En consultorio es una sola sesión; en casa son catorce noches y es más gradual. La doctora te orienta en la evaluación.",
    "whitening",
  ),
  turn("¿Duele?", "Puede haber sensibilidad leve dos o tres días; te damos un gel para eso.", "whitening"),
  turn(
    "Estoy dando de lactar, ¿se puede?",
    "Durante la lactancia no lo hacemos. Podemos dejarlo planificado para después.",
    "whitening",
  ),
  turn("Ah ya, entonces solo la limpieza", "De acuerdo, dejamos solo la limpieza del sábado temprano."),
  turn("Mi hijo tiene 9 años, ¿también lo ven?", "Sí, vemos niños. Debe venir con un adulto que firme la ficha.", "hours"),
  turn(
    "¿Y cuánto sería su consulta?",
    "La consulta y evaluación cuesta 60 soles; se descuenta si inicia tratamiento en treinta días.",
    "prices",
  ),
  turn("¿Puede ser el mismo sábado?", "Lo pido para el mismo sábado, uno después del otro. Te confirmo en breve."),
  turn("Gracias", "¡Con gusto, Rosa!"),
  turn("Una pregunta más, ¿aceptan tarjeta?", "Sí: efectivo, tarjeta o transferencia.", "prices"),
  turn("¿Y en cuotas?", "A partir de 600 soles, en tres cuotas sin interés.", "prices"),
  turn(
    "Mi esposo necesita sacarse una muela del juicio",
    "Si la muela está incluida cuesta entre 350 y 480 soles según la radiografía.",
    "prices",
  ),
  turn("¿La radiografía va aparte?", "Sí, la panorámica cuesta 70 soles.", "prices"),
  turn(
    "¿Cuánto reposo necesita después?",
    "El primer día reposo y comida blanda; la hinchazón es normal hasta el tercer día.",
    "aftercare",
  ),
  turn(
    "Él toma aspirina, ¿hay problema?",
    "Después de la extracción no debe tomar aspirina para el dolor. Que la doctora revise su medicación antes.",
  ),
  turn(
    "Es por el corazón",
    "Entonces es importante que no la suspenda por su cuenta. Lo anoto para que la doctora lo vea antes de la cita.",
  ),
  turn(
    "¿Y si sangra mucho?",
    "Si no cede con una hora de presión, escríbanos o llame a la guardia hasta las 22:00.",
    "aftercare",
  ),
  turn("¿Cuándo le sacan los puntos?", "Entre los siete y los diez días; ese control no tiene costo.", "aftercare"),
  turn("¿Puede comer helado?", "El primer día va bien la comida blanda y fría. Sin sorbete, eso sí.", "aftercare"),
  turn("Jaja le va a gustar", "¡Seguro que sí! 😄"),
  turn("¿Hacen convenios con empresas?", "Sí, con quince por ciento menos en consultas y limpiezas, no en prótesis.", "prices"),
  turn("Trabajo en Textiles del Sur", "Lo consulto con administración y te confirmo si tu empresa tiene convenio."),
  turn("Ok. ¿A qué hora abren la recepción?", "Quince minutos antes de la primera cita; los sábados a las 8:45.", "hours"),
  turn(
    "Si llego tarde, ¿pierdo la cita?",
    "Con más de quince minutos de retraso se reprograma, sin costo la primera vez.",
    "hours",
  ),
  turn("Entendido", "Perfecto. ¿Te ayudo con algo más?"),
  turn("¿Cuánto vale una corona?", "De porcelana sobre metal 650 soles; de zirconio 980.", "prices"),
  turn("¿Cuánto dura el presupuesto?", "Sesenta días desde que te lo entregamos."),
  turn("Listo, entonces sábado temprano mi hijo y yo", "Sí: limpieza para ti y evaluación para tu hijo, sábado temprano."),
  turn("Muchas gracias, hasta el sábado", "¡Hasta el sábado, Rosa! Te esperamos."),
];
