/** Fake phones and the API that tells of them, for tests of the sandbox's stores. */
import { ApiFailure } from "../api/api-failure";
import type { Phone, PhoneMessage, PhonePatch } from "./phone-view";

export const phoneOf = (id: string, change: Partial<Phone> = {}): Phone => ({
  id,
  name: `Phone ${id}`,
  waId: "51987650111",
  userId: `PE.${id}`,
  username: null,
  online: true,
  reads: true,
  blocked: false,
  createdAt: 0,
  ...change,
});
export const messageOf = (id: string, text: string, change: Partial<PhoneMessage> = {}): PhoneMessage => ({
  id,
  from: "customer",
  content: { type: "text", text, body: {} },
  at: 1,
  ticks: "sent",
  reactions: {},
  ...change,
});
export const refusal = () => new ApiFailure("This sandbox phone does not exist.", "sandbox.phone-not-found", 404, "req_12345678");

export class TestApi {
  phones = [phoneOf("rosa"), phoneOf("luna", { waId: null, username: "luna" })];
  threads: Record<string, PhoneMessage[]> = { rosa: [], luna: [] };
  send: () => Promise<unknown> = async () => ({ wamid: "w", httpStatus: 200, ms: 3, attempts: 1 });
  patch: (patch: PhonePatch) => Promise<Phone> = async (patch) => ({ ...phoneOf("rosa"), ...patch });

  getSandbox = async () => ({ business: { displayNumber: "+51 1 555 0100", name: "Tienda Ayni" }, phones: this.phones });
  getPhoneThread = async (id: string) => ({ typing: false, messages: this.threads[id] ?? [] });
  sendFromPhone = () => this.send();
  changePhone = (_id: string, patch: PhonePatch) => this.patch(patch);
}
