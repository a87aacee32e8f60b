/** Shapes of the simulator's REST answers and bodies. */
import { type TSchema, Type } from "@sinclair/typebox";
import { ChaosSettings } from "./chaos";

const success = <T extends TSchema>(data: T) => Type.Object({ success: Type.Literal(true), data });
const nullable = <T extends TSchema>(schema: T) => Type.Union([schema, Type.Null()]);

const Phone = Type.Object({
  id: Type.String(),
  name: Type.String(),
  waId: nullable(Type.String()),
  userId: Type.String(),
  username: nullable(Type.String()),
  online: Type.Boolean(),
  reads: Type.Boolean(),
  blocked: Type.Boolean(),
  createdAt: Type.Number(),
});

const ThreadMessage = Type.Object({
  id: Type.String(),
  from: Type.Union([Type.Literal("customer"), Type.Literal("business")]),
  content: Type.Object({ type: Type.String(), text: Type.String(), body: Type.Unknown() }),
  at: Type.Number(),
  ticks: Type.Union([
    Type.Literal("sent"),
    Type.Literal("delivered"),
    Type.Literal("read"),
    Type.Literal("waiting"),
    Type.Literal("shown"),
    Type.Literal("failed"),
  ]),
  replyTo: Type.Optional(Type.String()),
  callbackData: Type.Optional(Type.String()),
  reactions: Type.Object({ customer: Type.Optional(Type.String()), business: Type.Optional(Type.String()) }),
});

export const NewPhoneBody = Type.Object(
  {
    name: Type.String({ minLength: 1, maxLength: 80 }),
    waId: Type.Optional(Type.String({ pattern: "^\\+?\\d{7,15}$" })),
    userId: Type.Optional(Type.String({ pattern: "^[A-Z]{2}\\.[A-Za-z0-9]{1,128}$" })),
    username: Type.Optional(Type.String({ pattern: "^[a-z0-9._]{3,35}$" })),
    withPhone: Type.Optional(Type.Boolean()),
  },
  { additionalProperties: false },
);

export const PhoneChangeBody = Type.Object(
  { online: Type.Optional(Type.Boolean()), reads: Type.Optional(Type.Boolean()), blocked: Type.Optional(Type.Boolean()) },
  { additionalProperties: false },
);

export const PhoneAnswer = success(Phone);
export const ThreadAnswer = success(Type.Object({ typing: Type.Boolean(), messages: Type.Array(ThreadMessage) }));
export const ChaosAnswer = success(ChaosSettings);
export const OverviewAnswer = success(
  Type.Object({
    business: Type.Object({ phoneNumberId: Type.String(), displayNumber: Type.String(), name: Type.String() }),
    graphUrl: Type.String(),
    phones: Type.Array(Phone),
    chaos: ChaosSettings,
  }),
);
export const SentAnswer = success(
  Type.Object({ wamid: Type.String(), httpStatus: Type.Integer(), ms: Type.Number(), attempts: Type.Integer() }),
);
