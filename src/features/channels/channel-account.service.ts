/** What people do to a number at Meta: profile, numbers of the account, webhook subscription, registration. Nothing is kept here. */
import type { AccountClient, BusinessProfile, PhoneNumber } from "../../channels/whatsapp/account";
import { fail } from "../../core/errors";
import type { MediaExampleService } from "../media/media-example.service";
import type { ProfilePatch } from "./channel.schema";
import type { ChannelService } from "./channel.service";

export interface ChannelAccountService {
  getProfile(id: string): Promise<BusinessProfile>;
  /** Changes the named fields at Meta and gives back the whole profile. */
  patchProfile(id: string, patch: ProfilePatch): Promise<BusinessProfile>;
  /** Every number of the business account, and whether this installation serves it. */
  listNumbers(id: string): Promise<(PhoneNumber & { isConnected: boolean })[]>;
  /** Makes Meta send the account's webhooks to the app. */
  subscribe(id: string): Promise<{ isSubscribed: boolean }>;
  unsubscribe(id: string): Promise<{ isSubscribed: boolean }>;
  register(id: string, pin: string): Promise<void>;
}

export function createChannelAccountService({
  channels,
  examples,
}: {
  channels: ChannelService;
  examples: MediaExampleService;
}): ChannelAccountService {
  /** Asks back instead of assuming, and keeps the answer with the number. */
  async function confirm(id: string, account: AccountClient): Promise<{ isSubscribed: boolean }> {
    const isSubscribed = await account.isSubscribed();
    await channels.update(id, { isSubscribed });
    return { isSubscribed };
  }

  return {
    async getProfile(id) {
      const { account, channel } = await channels.getConnected(id);
      return account.getProfile(channel.phoneNumberId);
    },
    async patchProfile(id, { pictureMediaId, ...patch }) {
      const line = await channels.getConnected(id);
      const { account, channel } = line;
      const problem = pictureMediaId === undefined ? null : await examples.problemOf(pictureMediaId, "image");
      if (problem) throw fail("request.invalid", { details: [{ path: "body.pictureMediaId", message: problem }] });
      const picture =
        pictureMediaId === undefined ? {} : { pictureHandle: await examples.handleOf(pictureMediaId, "image", line) };
      await account.setProfile(channel.phoneNumberId, { ...patch, ...picture });
      return account.getProfile(channel.phoneNumberId);
    },
    async listNumbers(id) {
      const { account } = await channels.getConnected(id);
      const numbers = await account.listNumbers();
      return numbers.map((number) => ({ ...number, isConnected: channels.find(number.phoneNumberId) !== null }));
    },
    async subscribe(id) {
      const { account } = await channels.getConnected(id);
      await account.subscribe();
      return confirm(id, account);
    },
    async unsubscribe(id) {
      const { account } = await channels.getConnected(id);
      await account.unsubscribe();
      return confirm(id, account);
    },
    async register(id, pin) {
      const { account, channel } = await channels.getConnected(id);
      await account.register(channel.phoneNumberId, pin);
    },
  };
}
