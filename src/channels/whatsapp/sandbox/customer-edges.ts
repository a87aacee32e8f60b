/** The edges of a number that are about its customers: blocking, username, ice breakers, QR codes (facts §2.7, §3.4). */
import { newId } from "../../../core/id";
import { type JsonObject, objectOf } from "../json-value";
import type { AccountMemory } from "./account-state";
import type { SandboxCredentials } from "./credentials";
import { bodyOf, type Edges, type GraphCall, needProduct } from "./graph-call";
import { GraphRefusal } from "./graph-refusal";
import { needList, needText } from "./value-check";

const USERNAME = /^[a-z0-9._]{3,35}$/;

export function createCustomerEdges({ phoneNumberId, name }: SandboxCredentials, { state, save }: AccountMemory): Edges {
  const blocking = async (call: GraphCall): Promise<JsonObject | undefined> => {
    if (call.method === "GET") return { data: state.blocked.map((user) => ({ messaging_product: "whatsapp", wa_id: user })) };
    if (call.method !== "POST" && call.method !== "DELETE") return undefined;
    const body = await bodyOf(call);
    needProduct(body);
    const users = needList("block_users", body.block_users, 1, 1000).map((item) =>
      needText("block_users.user", objectOf(item)?.user, 140).replace(/^\+/, ""),
    );
    const blocks = call.method === "POST";
    save({
      blocked: blocks ? [...new Set([...state.blocked, ...users])] : state.blocked.filter((user) => !users.includes(user)),
    });
    const done = users.map((user) => ({ input: user, wa_id: user }));
    return { messaging_product: "whatsapp", block_users: blocks ? { added_users: done } : { removed_users: done } };
  };

  const username = async (call: GraphCall): Promise<JsonObject | undefined> => {
    if (call.method === "GET") return state.username === null ? {} : { username: state.username, status: "approved" };
    if (call.method === "DELETE") return save({ username: null });
    const wanted = (await bodyOf(call)).username;
    if (typeof wanted !== "string" || !USERNAME.test(wanted)) {
      throw new GraphRefusal(400, 147001, "Invalid username", { details: "3 to 35 of a-z, 0-9, dot and underscore." });
    }
    save({ username: wanted });
    return { status: "approved" };
  };

  const automation = async (call: GraphCall): Promise<JsonObject> => {
    if (call.method === "GET") return { conversational_automation: { id: phoneNumberId, ...state.automation } };
    const body = await bodyOf(call);
    if (body.prompts !== undefined) for (const prompt of needList("prompts", body.prompts, 0, 4)) needText("prompts", prompt, 80);
    if (body.commands !== undefined) {
      for (const item of needList("commands", body.commands, 0, 30)) {
        needText("commands.command_name", objectOf(item)?.command_name, 32);
        needText("commands.command_description", objectOf(item)?.command_description, 256);
      }
    }
    return save({ automation: body });
  };

  const qrCodes = async (call: GraphCall): Promise<JsonObject | undefined> => {
    const { method, element, query } = call;
    const known = state.qrCodes.find(({ code }) => code === element);
    if (element !== "" && !known) return undefined;
    if (method === "GET") return { data: (known ? [known] : state.qrCodes).map(qrCode) };
    if (method === "DELETE" && known) return save({ qrCodes: state.qrCodes.filter((code) => code !== known) });
    if (method !== "POST") return undefined;
    const given = query.get("prefilled_message") ?? (await bodyOf(call)).prefilled_message;
    const prefilled_message = needText("prefilled_message", given, 140);
    const code = { code: known?.code ?? `QR${newId().slice(-10).toUpperCase()}`, prefilled_message };
    save({ qrCodes: known ? state.qrCodes.map((old) => (old === known ? code : old)) : [...state.qrCodes, code] });
    return qrCode(code);
  };
  const qrCode = (code: { code: string; prefilled_message: string }) => ({
    ...code,
    deep_link_url: `https://wa.me/message/${code.code}`,
  });

  return {
    block_users: blocking,
    username,
    username_suggestions: () => ({
      data: [{ username_suggestions: [`${name.toLowerCase().replace(/[^a-z0-9]+/g, ".")}.oficial`] }],
    }),
    contact_book: (call) =>
      call.method === "DELETE" ? { messaging_product: "whatsapp", success: true, deleted: true } : undefined,
    conversational_automation: automation,
    message_qrdls: qrCodes,
  };
}
