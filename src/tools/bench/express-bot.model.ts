/** The documents of the hand-built bot that the product is compared with: validated by Mongoose, kept in memory. */
import mongoose, { Schema } from "mongoose";

const contact = new Schema({ waId: { type: String, required: true }, name: String, lastMessageAt: Date }, { timestamps: true });

const message = new Schema(
  {
    wamid: { type: String, required: true },
    contact: { type: String, required: true },
    role: { type: String, enum: ["user", "operator", "assistant"], required: true },
    type: { type: String, required: true },
    content: { type: String, maxlength: 5_000 },
    sentAt: { type: Date, required: true },
  },
  { timestamps: true },
);

export const BotContact = mongoose.model("BotContact", contact);
export const BotMessage = mongoose.model("BotMessage", message);
